//! Puts words together so that a crowd of a few hundred does not sound like one person.

use std::collections::{HashMap, VecDeque};

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::app::demo::texts::{CROWD, Matter};

/// Why somebody writes a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mood {
    Short,
    Greeting,
    General,
    Waiting,
    Water,
    Power,
    Gas,
    OnStage,
    Answering,
    Answered,
}

impl Mood {
    fn lines(self) -> &'static [String] {
        let c = &CROWD.comments;
        match self {
            Self::Short => &c.short,
            Self::Greeting => &c.greeting,
            Self::General => &c.general,
            Self::Waiting => &c.waiting,
            Self::Water => &c.water,
            Self::Power => &c.power,
            Self::Gas => &c.gas,
            Self::OnStage => &c.onstage,
            Self::Answering => &c.answering,
            Self::Answered => &c.answered,
        }
    }
}

/// Kinds of misbehaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mischief {
    Phone,
    Advertisement,
    Insult,
    Repeat,
    Symbols,
}

impl Mischief {
    pub const ALL: &[Self] = &[
        Self::Phone,
        Self::Advertisement,
        Self::Insult,
        Self::Repeat,
        Self::Symbols,
    ];

    fn lines(self) -> &'static [String] {
        let m = &CROWD.mischief;
        match self {
            Self::Phone => &m.phone,
            Self::Advertisement => &m.advertisement,
            Self::Insult => &m.insult,
            Self::Repeat => &m.repeat,
            Self::Symbols => &m.symbols,
        }
    }
}

/// Sentences remembered, about a minute and a half of a lively room.
const SAID_MAX: usize = 400;
/// A longer sentence that was said this often by the crowd of late is not said again: people do not speak in choir.
const SAID_ALIKE_MAX: usize = 2;
/// Sentences up to this long are said by many (`支持`).
const SHORT_CHARS_MAX: usize = 8;
/// Draws before somebody has nothing new to say.
const DRAWS_MAX: usize = 8;
/// How often a longer line gets an opening.
const OPENING_CHANCE: f64 = 0.4;

/// Finds the words.
#[derive(Debug)]
pub struct Speech {
    chance: StdRng,
    /// Lines not drawn yet in this round, so that none comes twice before all came once.
    bags: HashMap<&'static [String], Vec<usize>>,
    said: VecDeque<String>,
}

impl Speech {
    pub fn new(chance: StdRng) -> Self {
        Self {
            chance,
            bags: HashMap::new(),
            said: VecDeque::with_capacity(SAID_MAX),
        }
    }

    /// A comment of somebody who lives at `home`.
    pub fn comment(&mut self, mood: Mood, home: &str) -> String {
        let drawn = (0..DRAWS_MAX).find_map(|_| {
            let text = self.varied(mood, home);
            let alike = self.said.iter().filter(|s| **s == text).count();
            (is_short(&text) || alike < SAID_ALIKE_MAX).then_some(text)
        });
        // Everything was said already: people nod.
        let text = drawn.unwrap_or_else(|| self.compose(Mood::Short.lines(), home));
        if self.said.len() == SAID_MAX {
            self.said.pop_front();
        }
        self.said.push_back(text.clone());
        text
    }

    fn varied(&mut self, mood: Mood, home: &str) -> String {
        let text = self.compose(mood.lines(), home);
        let opens = matches!(mood, Mood::General | Mood::Water | Mood::Power | Mood::Gas)
            && !is_short(&text)
            && !text.contains(home);
        if opens && self.chance.random_bool(OPENING_CHANCE) {
            return self.compose(&CROWD.comments.openings, home) + &text;
        }
        text
    }

    /// Something that does not belong here.
    pub fn mischief(&mut self, kind: Mischief, home: &str) -> String {
        self.compose(kind.lines(), home)
    }

    /// A wording of one of the matters, earlier ones more often, so that near-duplicates arrive.
    pub fn question(&mut self, home: &str) -> (&'static Matter, String) {
        let matters = &CROWD.questions;
        let weight = |i: usize| 1.0 / (2.0 + i as f64);
        let mut left = self.chance.random::<f64>() * (0..matters.len()).map(weight).sum::<f64>();
        let mut chosen = matters.len() - 1;
        for i in 0..matters.len() {
            left -= weight(i);
            if left <= 0.0 {
                chosen = i;
                break;
            }
        }
        let matter = &matters[chosen];
        (matter, self.compose(&matter.wordings, home))
    }

    fn compose(&mut self, lines: &'static [String], home: &str) -> String {
        let bag = self.bags.entry(lines).or_default();
        if bag.is_empty() {
            bag.extend(0..lines.len());
            bag.shuffle(&mut self.chance);
        }
        let line = &lines[bag
            .pop()
            .expect("filled above, and no list is empty: they are tested")];
        self.fill(line, home)
    }

    fn fill(&mut self, line: &str, home: &str) -> String {
        const NUMBERS: [&str; 6] = ["三", "四", "五", "六", "七", "八"];
        const YEARS: [&str; 6] = ["十二", "十五", "十八", "二十", "二十五", "三十"];
        const MONTHS: [&str; 5] = ["一", "七", "八", "上个", "十二"];
        let mut text = line.replace("{place}", home);
        for (slot, values) in [("{n}", &NUMBERS[..]), ("{years}", &YEARS), ("{month}", &MONTHS)] {
            if text.contains(slot) {
                let value = values[self.chance.random_range(0..values.len())];
                text = text.replace(slot, value);
            }
        }
        if text.contains("{money}") {
            text = text.replace("{money}", &(self.chance.random_range(6..40) * 10).to_string());
        }
        text.replace("上个月月", "上个月")
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::domain::post::{PLACE_GRAPHEMES_MAX, TOPIC_GRAPHEMES_MAX};
    use crate::domain::text::{COMMENT_GRAPHEMES_MAX, QUESTION_GRAPHEMES_MAX, graphemes};

    #[test]
    fn whatever_is_said_fits_its_field_and_leaves_no_slot_open() {
        let mut speech = Speech::new(StdRng::seed_from_u64(3));
        let moods = [
            Mood::Short,
            Mood::Greeting,
            Mood::General,
            Mood::Waiting,
            Mood::Water,
            Mood::Power,
            Mood::Gas,
            Mood::OnStage,
            Mood::Answering,
            Mood::Answered,
        ];
        for home in &CROWD.places {
            assert!(graphemes(home) <= PLACE_GRAPHEMES_MAX);
            for _ in 0..40 {
                let mut comments: Vec<String> = moods.iter().map(|m| speech.comment(*m, home)).collect();
                comments.extend(Mischief::ALL.iter().map(|m| speech.mischief(*m, home)));
                for text in comments {
                    assert!(
                        !text.contains(['{', '}']) && graphemes(&text) <= COMMENT_GRAPHEMES_MAX,
                        "{text}"
                    );
                }
                let (matter, text) = speech.question(home);
                assert!(
                    !text.contains(['{', '}']) && graphemes(&text) <= QUESTION_GRAPHEMES_MAX,
                    "{text}"
                );
                assert!(graphemes(&matter.topic) <= TOPIC_GRAPHEMES_MAX);
            }
        }
    }

    #[test]
    fn every_line_of_a_list_comes_before_one_comes_again() {
        let mut speech = Speech::new(StdRng::seed_from_u64(4));
        let count = Mood::Short.lines().len();
        let said: std::collections::HashSet<String> = (0..count)
            .map(|_| speech.comment(Mood::Short, "柳岸里"))
            .collect();
        assert_eq!(said.len(), count);
    }

    #[test]
    fn nobody_of_the_crowd_joins_a_choir() {
        let mut speech = Speech::new(StdRng::seed_from_u64(6));
        let said: Vec<String> = (0..SAID_MAX)
            .map(|i| speech.comment(Mood::General, &CROWD.places[i % CROWD.places.len()]))
            .collect();
        let most = said
            .iter()
            .filter(|s| !is_short(s))
            .map(|s| said.iter().filter(|other| *other == s).count())
            .max();
        assert!(most <= Some(SAID_ALIKE_MAX), "{most:?}");
    }

    #[test]
    fn the_same_matter_is_asked_about_again_in_other_words() {
        let mut speech = Speech::new(StdRng::seed_from_u64(5));
        let mut wordings: HashMap<&str, Vec<String>> = HashMap::new();
        for i in 0..60 {
            let (matter, text) = speech.question(&CROWD.places[i % CROWD.places.len()]);
            wordings.entry(&matter.wordings[0]).or_default().push(text);
        }
        let most = wordings.values().max_by_key(|w| w.len()).expect("some");
        assert!(
            most.len() >= 4 && most.iter().collect::<std::collections::HashSet<_>>().len() >= 3,
            "{most:?}"
        );
    }
}
