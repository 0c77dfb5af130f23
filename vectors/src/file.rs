//! Reads the model's file: little-endian numbers one after the other.

/// Numbers of one block of weights, which share a factor.
pub(crate) const BLOCK: usize = 32;
/// Bytes of such a block: the factor in 16 bits, then 32 numbers of four bits.
const BLOCK_BYTES: usize = 18;

pub(crate) struct Reader<'f> {
    left: &'f [u8],
}

impl<'f> Reader<'f> {
    pub(crate) const fn new(left: &'f [u8]) -> Self {
        Self { left }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) fn bytes(&mut self, n: usize) -> Option<&'f [u8]> {
        let (taken, left) = self.left.split_at_checked(n)?;
        self.left = left;
        Some(taken)
    }

    pub(crate) fn magic(&mut self, expected: &[u8]) -> Option<()> {
        (self.bytes(expected.len())? == expected).then_some(())
    }

    pub(crate) fn byte(&mut self) -> Option<usize> {
        Some(usize::from(self.bytes(1)?[0]))
    }

    pub(crate) fn whole(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.whole()?).ok()
    }

    pub(crate) fn real(&mut self) -> Option<f32> {
        Some(f32::from_bits(self.whole()?))
    }

    pub(crate) fn reals(&mut self, n: usize) -> Option<Vec<f32>> {
        (0..n).map(|_| self.real()).collect()
    }

    /// `n` weights in blocks, still packed.
    pub(crate) fn packed(&mut self, n: usize) -> Option<Packed<'f>> {
        Some(Packed(self.bytes(n / BLOCK * BLOCK_BYTES)?))
    }
}

/// Weights in blocks.
pub(crate) struct Packed<'f>(&'f [u8]);

impl Packed<'_> {
    /// `n` of them, from the `from`th on; both are whole blocks.
    pub(crate) fn unpack(&self, from: usize, n: usize) -> Vec<f32> {
        let bytes = &self.0[from / BLOCK * BLOCK_BYTES..][..n / BLOCK * BLOCK_BYTES];
        let mut out = Vec::with_capacity(n);
        for block in bytes.chunks_exact(BLOCK_BYTES) {
            let factor = half(u16::from_le_bytes([block[0], block[1]]));
            let number = |four_bits: u8| (f32::from(four_bits) - 8.0) * factor;
            out.extend(block[2..].iter().map(|byte| number(byte & 15)));
            out.extend(block[2..].iter().map(|byte| number(byte >> 4)));
        }
        out
    }
}

/// A number of 16 bits.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        exponent => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_read() {
        assert_eq!(
            [half(0x3c00), half(0xc000), half(0x0001)],
            [1.0, -2.0, 2f32.powi(-24)]
        );
    }
}
