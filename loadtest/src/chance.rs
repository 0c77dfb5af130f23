//! Numbers that look random and can be had again: the seed of a run is printed with its results.

/// A generator (xorshift64*). Good for spreading things, for nothing else.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero; the multiplication spreads neighbouring seeds.
        Self((seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD120_0000_0001_000B) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from `from` to below `to`; `from` if there is none.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        if to <= from {
            from
        } else {
            from + self.next() % (to - from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_the_bounds() {
        let numbers = |seed| {
            let mut chance = Chance::new(seed);
            (0..1_000).map(|_| chance.between(5, 50)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert!(numbers(7).iter().all(|n| (5..50).contains(n)));
        assert!((5..50).all(|n| numbers(7).contains(&n)), "every number occurs");
        assert_eq!(Chance::new(0).between(9, 9), 9);
    }
}
