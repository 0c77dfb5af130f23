//! The network: from pieces of words to one vector.

use super::PIECES_MAX;
use super::file::{Packed, Reader};

/// Greatest whole number of a weight.
const WEIGHT_MAX: f32 = 511.0;
/// Greatest whole number of a value, and of the sum of a row of them: a sum of products stays within 31 bits.
const VALUE_MAX: f32 = 32_767.0;
const VALUES_MAX: f32 = (1u32 << 31) as f32 / (WEIGHT_MAX + 1.0) - 2_000.0;

/// Sizes.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    width: usize,
    layers: usize,
    heads: usize,
    inner: usize,
    places: usize,
    pub(crate) words: usize,
    epsilon: f32,
}

impl Shape {
    pub(crate) fn read(file: &mut Reader<'_>) -> Option<Self> {
        let shape = Self {
            width: file.size()?,
            layers: file.size()?,
            heads: file.size()?,
            inner: file.size()?,
            places: file.size()?,
            words: file.size()?,
            epsilon: file.real()?,
        };
        (shape.width == super::DIMENSIONS && shape.places >= PIECES_MAX && shape.heads > 0).then_some(shape)
    }
}

/// Weights and what is added, by rows. Whole numbers with one factor a row: their products are summed without rounding.
struct Linear {
    inputs: usize,
    weights: Vec<i16>,
    factors: Vec<f32>,
    added: Vec<f32>,
}

impl Linear {
    fn read(file: &mut Reader<'_>, inputs: usize, outputs: usize) -> Option<Self> {
        let real = file.packed(inputs * outputs)?.unpack(0, inputs * outputs);
        let added = file.reals(outputs)?;
        let mut weights = vec![0i16; real.len()];
        let factors = real
            .chunks_exact(inputs)
            .zip(weights.chunks_exact_mut(inputs))
            .map(|(row, to)| whole(row, to, WEIGHT_MAX, f32::INFINITY))
            .collect();
        Some(Self {
            inputs,
            weights,
            factors,
            added,
        })
    }

    /// One row of `out` for each row of `values`.
    fn apply(&self, values: &Whole, out: &mut [f32]) {
        let (inputs, outputs) = (self.inputs, self.factors.len());
        for (row, weights) in self.weights.chunks_exact(inputs).enumerate() {
            let (factor, added) = (self.factors[row], self.added[row]);
            for (at, values_of) in values.rows.chunks_exact(inputs).enumerate() {
                out[at * outputs + row] =
                    dot(weights, values_of) as f32 * factor * values.factors[at] + added;
            }
        }
    }
}

/// Sum of products. Written so that the compiler makes the instruction of it that multiplies and adds eight pairs at once.
fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

/// Rows of values in whole numbers.
struct Whole {
    rows: Vec<i16>,
    factors: Vec<f32>,
}

impl Whole {
    fn of(values: &[f32], width: usize) -> Self {
        let mut rows = vec![0i16; values.len()];
        let factors = values
            .chunks_exact(width)
            .zip(rows.chunks_exact_mut(width))
            .map(|(row, to)| whole(row, to, VALUE_MAX, VALUES_MAX))
            .collect();
        Self { rows, factors }
    }
}

/// Writes `row` as whole numbers up to `max`, together up to `all_max`, and says by which factor they stand for it.
fn whole(row: &[f32], to: &mut [i16], max: f32, all_max: f32) -> f32 {
    let longest = row.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
    let all: f32 = row.iter().map(|v| v.abs()).sum();
    let factor = (longest / max).max(all / all_max);
    let by = 1.0 / factor;
    for (to, v) in to.iter_mut().zip(row) {
        *to = (v * by).round_ties_even() as i16;
    }
    factor
}

/// Makes the mean of each row 0 and its spread 1, then scales and moves it.
struct Norm {
    scale: Vec<f32>,
    moved: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    fn read(file: &mut Reader<'_>, shape: Shape) -> Option<Self> {
        Some(Self {
            scale: file.reals(shape.width)?,
            moved: file.reals(shape.width)?,
            epsilon: shape.epsilon,
        })
    }

    fn apply(&self, values: &mut [f32]) {
        let width = self.scale.len();
        for row in values.chunks_exact_mut(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let spread = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width as f32;
            let by = 1.0 / (spread + self.epsilon).sqrt();
            for ((v, scale), moved) in row.iter_mut().zip(&self.scale).zip(&self.moved) {
                *v = (*v - mean) * by * scale + moved;
            }
        }
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    joined: Linear,
    after_joined: Norm,
    widen: Linear,
    narrow: Linear,
    after_narrow: Norm,
}

pub(crate) struct Network<'f> {
    shape: Shape,
    words: Packed<'f>,
    places: Vec<f32>,
    kind: Vec<f32>,
    first: Norm,
    layers: Vec<Layer>,
}

impl<'f> Network<'f> {
    pub(crate) fn read(file: &mut Reader<'f>, shape: Shape) -> Option<Self> {
        let width = shape.width;
        Some(Self {
            shape,
            words: file.packed(shape.words * width)?,
            places: file.reals(shape.places * width)?,
            kind: file.reals(width)?,
            first: Norm::read(file, shape)?,
            layers: (0..shape.layers)
                .map(|_| {
                    Some(Layer {
                        query: Linear::read(file, width, width)?,
                        key: Linear::read(file, width, width)?,
                        value: Linear::read(file, width, width)?,
                        joined: Linear::read(file, width, width)?,
                        after_joined: Norm::read(file, shape)?,
                        widen: Linear::read(file, width, shape.inner)?,
                        narrow: Linear::read(file, shape.inner, width)?,
                        after_narrow: Norm::read(file, shape)?,
                    })
                })
                .collect::<Option<_>>()?,
        })
    }

    /// The mean of what the network makes of the pieces.
    pub(crate) fn forward(&self, ids: &[u32]) -> Vec<f32> {
        let (n, width) = (ids.len(), self.shape.width);
        let mut x = Vec::with_capacity(n * width);
        for (at, &id) in ids.iter().enumerate() {
            let word = self.words.unpack(id as usize * width, width);
            let place = &self.places[at * width..][..width];
            x.extend(
                word.iter()
                    .zip(place)
                    .zip(&self.kind)
                    .map(|((w, p), k)| w + p + k),
            );
        }
        self.first.apply(&mut x);
        let mut parts = [(); 4].map(|()| vec![0.0f32; n * width]);
        let mut inner = vec![0.0f32; n * self.shape.inner];
        for layer in &self.layers {
            let [query, key, value, joined] = &mut parts;
            let whole = Whole::of(&x, width);
            layer.query.apply(&whole, query);
            layer.key.apply(&whole, key);
            layer.value.apply(&whole, value);
            self.attend(query, key, value, joined);
            layer.joined.apply(&Whole::of(joined, width), query);
            add(&mut x, query);
            layer.after_joined.apply(&mut x);
            layer.widen.apply(&Whole::of(&x, width), &mut inner);
            inner.iter_mut().for_each(|v| *v = bend(*v));
            layer.narrow.apply(&Whole::of(&inner, self.shape.inner), query);
            add(&mut x, query);
            layer.after_narrow.apply(&mut x);
        }
        let mut mean = vec![0.0; width];
        for row in x.chunks_exact(width) {
            add(&mut mean, row);
        }
        mean
    }

    /// Each piece takes from the others by how well its question meets their keys.
    fn attend(&self, query: &[f32], key: &[f32], value: &[f32], out: &mut [f32]) {
        let (width, heads) = (self.shape.width, self.shape.heads);
        let size = width / heads;
        let n = query.len() / width;
        let by = 1.0 / (size as f32).sqrt();
        let mut share = vec![0.0f32; n];
        for (at, out) in out.chunks_exact_mut(width).enumerate() {
            for head in 0..heads {
                let of = |rows: &[f32], at: usize, i: usize| rows[at * width + head * size + i];
                for (other, share) in share.iter_mut().enumerate() {
                    *share = (0..size)
                        .map(|i| of(query, at, i) * of(key, other, i))
                        .sum::<f32>()
                        * by;
                }
                let most = share.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                share.iter_mut().for_each(|s| *s = (*s - most).exp());
                let all: f32 = share.iter().sum();
                let out = &mut out[head * size..][..size];
                out.fill(0.0);
                for (other, share) in share.iter().enumerate() {
                    let row = &value[other * width + head * size..][..size];
                    for (to, v) in out.iter_mut().zip(row) {
                        *to += share / all * v;
                    }
                }
            }
        }
    }
}

fn add(to: &mut [f32], values: &[f32]) {
    for (to, v) in to.iter_mut().zip(values) {
        *to += v;
    }
}

/// The bend between both halves of a layer (GELU), with an error function that is right to six places.
fn bend(v: f32) -> f32 {
    let x = v.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let tail =
        ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_72) * t + 0.254_829_6) * t;
    let erf = 1.0 - tail * (-x * x).exp();
    0.5 * v * (1.0 + erf.copysign(v))
}
