//! The questions of one session, ready to be compared with a text.

use std::collections::HashMap;
use std::hash::Hash;

use super::Asked;
use super::reading::{Meaning, Term};
use super::score::{WorkingPoint, likeness};

/// Questions compared in full, those that share most first. Ten times what a page shows.
const CANDIDATES_MAX: usize = 96;
/// Questions a small session is thought to have besides its own, so that the first ones are not all rare.
const OTHERS: f32 = 20.0;

/// A question near to a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Near<K> {
    /// Which.
    pub key: K,
    /// From 0 to 1.
    pub score: f32,
}

/// Questions by key. About 2 KiB for a question of 60 characters.
pub struct Index<K> {
    slots: Vec<Option<(K, Meaning)>>,
    slot_of: HashMap<K, u32>,
    free: Vec<u32>,
    /// Slots of the questions that are about a term.
    having: HashMap<Term, Vec<u32>>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            slot_of: HashMap::new(),
            free: Vec::new(),
            having: HashMap::new(),
        }
    }
}

impl<K: Clone + Eq + Hash> Index<K> {
    /// How many questions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slot_of.len()
    }

    /// True without questions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slot_of.is_empty()
    }

    /// True if the question is in.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.slot_of.contains_key(key)
    }

    /// Takes a question in, or its new wording.
    pub fn put<'a>(&mut self, key: K, asked: impl Into<Asked<'a>>) {
        self.remove(&key);
        let meaning = Meaning::of(&asked.into());
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        for &(term, _) in &meaning.terms {
            self.having.entry(term).or_default().push(slot);
        }
        self.slot_of.insert(key.clone(), slot);
        self.slots[slot as usize] = Some((key, meaning));
    }

    /// Takes a question out.
    pub fn remove(&mut self, key: &K) {
        let Some(slot) = self.slot_of.remove(key) else {
            return;
        };
        let Some((_, meaning)) = self.slots[slot as usize].take() else {
            return;
        };
        for (term, _) in meaning.terms {
            if let Some(slots) = self.having.get_mut(&term) {
                slots.retain(|&other| other != slot);
                if slots.is_empty() {
                    self.having.remove(&term);
                }
            }
        }
        self.free.push(slot);
    }

    /// The `n` questions nearest to a text that reach the working point, nearest first.
    #[must_use]
    pub fn nearest<'a>(&self, asked: impl Into<Asked<'a>>, n: usize, point: WorkingPoint) -> Vec<Near<K>> {
        let meaning = Meaning::of(&asked.into());
        let rarity = |term| self.rarity(term);
        let mut near: Vec<Near<K>> = self
            .candidates(&meaning)
            .into_iter()
            .filter_map(|slot| self.slots[slot as usize].as_ref())
            .map(|(key, other)| Near {
                key: key.clone(),
                score: likeness(&meaning, other, point.contained, &rarity),
            })
            .filter(|near| near.score >= point.score_min)
            .collect();
        near.sort_by(|a, b| b.score.total_cmp(&a.score));
        near.truncate(n);
        near
    }

    /// How alike two texts are among the questions of this index.
    #[must_use]
    pub fn likeness<'a>(&self, a: impl Into<Asked<'a>>, b: impl Into<Asked<'a>>, point: WorkingPoint) -> f32 {
        let (a, b) = (Meaning::of(&a.into()), Meaning::of(&b.into()));
        likeness(&a, &b, point.contained, &|term| self.rarity(term))
    }

    /// Slots that share most with the text, by weight.
    fn candidates(&self, meaning: &Meaning) -> Vec<u32> {
        let mut shared = vec![0.0f32; self.slots.len()];
        for &(term, weight) in &meaning.terms {
            let weight = weight * self.rarity(term);
            for &slot in self.having.get(&term).map_or(&[][..], Vec::as_slice) {
                shared[slot as usize] += weight;
            }
        }
        let mut slots: Vec<u32> = (0..self.slots.len() as u32)
            .filter(|&slot| shared[slot as usize] > 0.0)
            .collect();
        let by_share = |a: &u32, b: &u32| shared[*b as usize].total_cmp(&shared[*a as usize]).then(a.cmp(b));
        if slots.len() > CANDIDATES_MAX {
            slots.select_nth_unstable_by(CANDIDATES_MAX, by_share);
            slots.truncate(CANDIDATES_MAX);
        }
        slots
    }

    /// Weight of a term: 1 in an empty session, more the rarer it is among many questions.
    fn rarity(&self, term: Term) -> f32 {
        let having = self.having.get(&term).map_or(0, Vec::len) as f32;
        (1.0 + (self.len() as f32 + OTHERS) / (having + 1.0)).ln() / (1.0 + OTHERS).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(near: Vec<Near<u32>>) -> Vec<u32> {
        near.into_iter().map(|near| near.key).collect()
    }

    #[test]
    fn a_question_taken_out_or_reworded_is_not_found_by_its_old_words() {
        let mut index = Index::default();
        index.put(1, "自来水为什么涨价");
        index.put(2, "小区什么时候加装电梯");
        let near = |index: &Index<u32>, text: &str| keys(index.nearest(text, 3, WorkingPoint::HINT));
        assert_eq!(near(&index, "水费上调的原因"), [1]);
        index.put(1, "路灯坏了没人修");
        assert!(near(&index, "水费上调的原因").is_empty());
        index.remove(&2);
        assert!(near(&index, "加装电梯").is_empty());
        index.remove(&1);
        assert!(index.is_empty() && index.having.is_empty());
    }

    #[test]
    fn the_nearest_of_ten_thousand_questions_are_found_in_time() {
        let mut index = Index::default();
        let asks = ["什么时候", "为什么", "能不能", "多少钱", "找谁"];
        let things = [
            "水压低",
            "电梯坏了",
            "路灯不亮",
            "停车难",
            "暖气不热",
            "垃圾没人清",
            "公交太少",
            "噪音扰民",
        ];
        for n in 0..10_000u32 {
            let text = format!(
                "{}号楼{}，{}解决？已经反映过{}次了",
                n / 40,
                things[n as usize % things.len()],
                asks[n as usize / 8 % asks.len()],
                n % 7
            );
            index.put(n, text.as_str());
        }
        let started = std::time::Instant::now();
        let near = index.nearest("17号楼电梯坏了，什么时候解决", 3, WorkingPoint::HINT);
        let took = started.elapsed();
        println!("nearest of 10,000: {} ms", took.as_millis());
        assert_eq!(near.first().map(|near| near.key), Some(681));
        // Ten times the promised 50 ms: this also runs unoptimised beside other tests.
        assert!(took.as_millis() < 500, "{took:?}");
    }
}
