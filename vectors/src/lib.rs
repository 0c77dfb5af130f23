//! Sentences as vectors: sentences that mean alike lie near each other, also where they share no letter.
//!
//! The model is multilingual-e5-small (see README.md beside this crate: where it comes from, its licence, how it was made
//! small): a transformer of 12 layers whose weights of four bits and whose Chinese words are part of the program. Nothing is
//! downloaded. One thread, whole numbers in the inner loop, so that the same sentence has the same vector everywhere.

mod file;
mod forward;
mod pieces;

use std::sync::OnceLock;

use forward::Network;
use pieces::Pieces;

static FILE: &[u8] = include_bytes!("../assets/e5-small-zh.bin");

/// Length of a vector.
pub const DIMENSIONS: usize = 384;

/// Longest sentence that is read, in pieces of words with both ends: some 250 characters.
pub const PIECES_MAX: usize = 160;

/// What the model was taught to see before a sentence that is compared with its like.
const PREFIX: &str = "query: ";

/// The model, ready to read.
pub struct Model {
    pieces: Pieces,
    network: Network<'static>,
}

impl Model {
    /// The model that ships with the program. The first call unpacks it: some 150 ms and 45 MiB.
    ///
    /// # Panics
    /// If the file inside the program is not the one this code was made for, which a test rules out.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(FILE).expect("the file inside the program"))
    }

    fn read(bytes: &'static [u8]) -> Option<Self> {
        let mut file = file::Reader::new(bytes);
        file.magic(b"YSV1")?;
        let shape = forward::Shape::read(&mut file)?;
        let pieces = Pieces::read(&mut file, shape.words)?;
        let network = Network::read(&mut file, shape)?;
        file.is_at_end().then_some(Self { pieces, network })
    }

    /// How many pieces a sentence is cut into, with both ends.
    #[must_use]
    pub fn pieces(&self, sentence: &str) -> usize {
        self.pieces.cut(&format!("{PREFIX}{sentence}")).len() + 2
    }

    /// The vector of a sentence: a direction, [`DIMENSIONS`] whole numbers of one byte.
    #[must_use]
    pub fn vector(&self, sentence: &str) -> Box<[i8]> {
        let mut ids = self.pieces.cut(&format!("{PREFIX}{sentence}"));
        ids.truncate(PIECES_MAX - 2);
        ids.insert(0, pieces::BEGIN);
        ids.push(pieces::END);
        direction(&self.network.forward(&ids))
    }
}

/// The longest component is 127.
fn direction(values: &[f32]) -> Box<[i8]> {
    let longest = values.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
    let steps = |v: &f32| (v / longest * 127.0).round() as i8;
    values.iter().map(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &[i8], b: &[i8]) -> f32 {
        let dot =
            |a: &[i8], b: &[i8]| -> f32 { a.iter().zip(b).map(|(x, y)| f32::from(*x) * f32::from(*y)).sum() };
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn sentences_that_mean_alike_lie_nearer_than_strangers() {
        let model = Model::shipped();
        let cosine = |a: &str, b: &str| cosine(&model.vector(a), &model.vector(b));
        let one = "自来水为什么又涨价了？";
        assert!(cosine(one, "水费上调的原因是什么") > cosine(one, "幼儿园什么时候报名"));
        assert!((cosine(one, one) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn any_text_has_a_vector() {
        let model = Model::shipped();
        for text in [
            "",
            " ",
            "😀🏃‍♀️",
            "\u{0}\u{fffd}",
            "Ω≈ç√∫",
            &"水".repeat(5_000),
            &"a1 ".repeat(900),
        ] {
            let vector = model.vector(text);
            assert_eq!(vector.len(), DIMENSIONS, "{text:.10}");
            assert!(vector.iter().any(|v| v.abs() == 127), "{text:.10}");
        }
    }

    #[test]
    fn a_file_that_was_cut_short_is_refused() {
        assert!(Model::read(&FILE[..FILE.len() / 3]).is_none());
        assert!(Model::read(b"YSV0").is_none());
    }

    /// What the reference implementation of the model says to the same weights, to two places, and a half.
    #[test]
    fn vectors_agree_with_the_reference() {
        let model = Model::shipped();
        for (a, b, expected) in REFERENCE {
            let found = cosine(&model.vector(a), &model.vector(b));
            assert!(
                (found - expected).abs() < 0.005,
                "{a} / {b}: {found}, not {expected}"
            );
        }
    }

    const REFERENCE: &[(&str, &str, f32)] = &[
        ("自来水为什么又涨价了？", "水费上调的原因是什么", 0.891),
        (
            "我们小区什么时候能加装电梯？",
            "住六楼爬不动了，电梯的事到底啥时候能落实",
            0.920,
        ),
        (
            "12路公交车末班车太早，能延到晚上十点吗",
            "15路公交车末班车太早，能延到晚上十点吗",
            0.983,
        ),
        ("养犬不牵绳有没有人管？", "医保异地报销比例是多少？", 0.832),
        (
            "河道发黑发臭什么时候治理？",
            "小河水又黑又臭，请问治理时间表",
            0.947,
        ),
    ];
}
