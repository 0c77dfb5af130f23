//! Nicknames as people choose them.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::app::demo::texts::CROWD;

/// One person in so many tries a reserved name first.
const CHEEKY_OF: usize = 40;

/// Makes nicknames.
#[derive(Debug)]
pub struct Namer {
    chance: StdRng,
}

impl Namer {
    pub fn new(chance: StdRng) -> Self {
        Self { chance }
    }

    /// The names person `i` of `home` tries, in order. The last ones can always be taken.
    pub fn names_to_try(&mut self, i: usize, home: &str) -> Vec<String> {
        let mut names = Vec::with_capacity(3);
        if i % CHEEKY_OF == CHEEKY_OF - 1 {
            names.push(CROWD.names.reserved[i / CHEEKY_OF % CROWD.names.reserved.len()].clone());
        }
        names.extend([self.next_name(home), self.next_name(home)]);
        names
    }

    /// One more, of somebody who lives at `home`.
    pub fn next_name(&mut self, home: &str) -> String {
        let rng = &mut self.chance;
        let names = &CROWD.names;
        let kind = rng.random_range(0..100);
        let mut pick = |list: &'static [String]| list.choose(rng).map_or("", String::as_str);
        match kind {
            0..30 => pick(&names.plain).to_owned(),
            30..50 => format!("{}{}", pick(&names.surnames), pick(&names.titles)),
            50..65 => format!("{home}{}", pick(&names.neighbours)),
            65..80 => format!("{}{}", pick(&names.surnames), pick(&names.given)),
            80..90 => format!("{home}小{}", pick(&names.surnames)),
            _ => format!("网友{:04}", rng.random_range(0..10_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;

    use super::*;
    use crate::domain::nickname::Nickname;

    #[test]
    fn a_thousand_made_names_can_all_be_taken_and_differ_widely() {
        let mut namer = Namer::new(StdRng::seed_from_u64(1));
        let names: Vec<String> = (0..1_000)
            .map(|i| namer.next_name(&CROWD.places[i % CROWD.places.len()]))
            .collect();
        for name in &names {
            assert!(Nickname::parse(name).is_ok(), "{name}");
        }
        assert!(names.iter().collect::<HashSet<_>>().len() > 500);
    }

    #[test]
    fn whoever_tries_a_reserved_name_has_an_ordinary_one_ready() {
        let mut namer = Namer::new(StdRng::seed_from_u64(1));
        let names: Vec<Vec<String>> = (0..300).map(|i| namer.names_to_try(i, "柳岸里")).collect();
        assert_eq!(
            names.iter().filter(|n| Nickname::parse(&n[0]).is_err()).count(),
            7
        );
        assert!(
            names
                .iter()
                .all(|n| n.last().is_some_and(|last| Nickname::parse(last).is_ok()))
        );
    }
}
