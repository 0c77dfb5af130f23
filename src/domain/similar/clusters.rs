//! Which questions of a session are put together before a moderator's eyes.
//!
//! Each question belongs to the head it is most like; a head belongs to itself. Only heads are compared with, so a cluster is
//! a star and never a chain in which the ends have nothing in common. Questions come one by one, in the order they were
//! asked; the same questions in the same order give the same clusters.

use std::collections::BTreeMap;

use super::index::Index;
use super::score::WorkingPoint;

/// Clusters over the questions of an index.
#[derive(Debug)]
pub struct Clusters<K: Ord> {
    /// The head of each question, and how like it is.
    head_of: BTreeMap<K, (K, f32)>,
}

impl<K: Ord> Default for Clusters<K> {
    fn default() -> Self {
        Self {
            head_of: BTreeMap::new(),
        }
    }
}

impl<K: Clone + Eq + Ord + std::hash::Hash> Clusters<K> {
    /// Finds the cluster of a question of the index, of its first or its new wording.
    pub fn put(&mut self, index: &Index<K>, key: &K) {
        self.remove(index, key);
        let is_head = |other: &K| self.head_of.get(other).is_some_and(|(head, _)| head == other);
        let near = index.nearest_to(key, 1, WorkingPoint::CLUSTER, &is_head);
        let head = near
            .into_iter()
            .next()
            .map_or((key.clone(), 1.0), |near| (near.key, near.score));
        self.head_of.insert(key.clone(), head);
    }

    /// Takes a question out. What followed it finds new heads.
    pub fn remove(&mut self, index: &Index<K>, key: &K) {
        if self.head_of.remove(key).is_none_or(|(head, _)| head != *key) {
            return;
        }
        let left: Vec<K> = self.members(key).map(|(member, _)| member.clone()).collect();
        for member in &left {
            self.head_of.remove(member);
        }
        for member in &left {
            self.put(index, member);
        }
    }

    /// The head of a question: itself if it is like none before it.
    #[must_use]
    pub fn head<'s>(&'s self, key: &'s K) -> &'s K {
        self.head_of.get(key).map_or(key, |(head, _)| head)
    }

    /// What follows a head, with how like it is.
    fn members<'s>(&'s self, head: &'s K) -> impl Iterator<Item = (&'s K, f32)> {
        let of = self
            .head_of
            .iter()
            .filter(move |(key, (of, _))| of == head && *key != head);
        of.map(|(key, (_, score))| (key, *score))
    }

    /// Clusters of two and more: the head, and what follows it with how like it is.
    #[must_use]
    pub fn groups(&self) -> Vec<(K, Vec<(K, f32)>)> {
        let mut groups: BTreeMap<&K, Vec<(K, f32)>> = BTreeMap::new();
        for (key, (head, score)) in &self.head_of {
            if key != head {
                groups.entry(head).or_default().push((key.clone(), *score));
            }
        }
        groups
            .into_iter()
            .map(|(head, members)| (head.clone(), members))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [&str; 6] = [
        "自来水为什么又涨价了？",
        "请问自来水为什么又涨价了",
        "小区什么时候能加装电梯？",
        "咨询一下，自来水为啥又涨价了",
        "小区什么时候能加装电梯呢",
        "12路公交末班车几点",
    ];

    fn index() -> Index<u32> {
        let mut index = Index::default();
        for (n, text) in (0..).zip(ASKED) {
            index.put(n, text);
        }
        index
    }

    fn heads(clusters: &Clusters<u32>) -> Vec<u32> {
        (0..6).map(|n| *clusters.head(&n)).collect()
    }

    #[test]
    fn wordings_of_one_question_follow_the_first() {
        let index = index();
        let mut clusters = Clusters::default();
        for n in 0..6 {
            clusters.put(&index, &n);
        }
        assert_eq!(heads(&clusters), [0, 0, 2, 0, 2, 5]);
        let groups: Vec<(u32, Vec<u32>)> = clusters
            .groups()
            .into_iter()
            .map(|(head, of)| (head, of.into_iter().map(|(n, _)| n).collect()))
            .collect();
        assert_eq!(groups, [(0, vec![1, 3]), (2, vec![4])]);
    }

    #[test]
    fn what_followed_a_question_that_is_gone_follows_the_next() {
        let mut index = index();
        let mut clusters = Clusters::default();
        for n in 0..6 {
            clusters.put(&index, &n);
        }
        index.remove(&0);
        clusters.remove(&index, &0);
        assert_eq!(heads(&clusters), [0, 1, 2, 1, 2, 5]);
        index.put(3, "路灯坏了没人修");
        clusters.put(&index, &3);
        assert_eq!(heads(&clusters), [0, 1, 2, 3, 2, 5]);
    }

    #[test]
    fn taking_all_out_leaves_nothing() {
        let mut index = index();
        let mut clusters = Clusters::default();
        for n in 0..6 {
            clusters.put(&index, &n);
        }
        for n in [2, 0, 5, 1, 4, 3] {
            index.remove(&n);
            clusters.remove(&index, &n);
        }
        assert!(clusters.head_of.is_empty() && clusters.groups().is_empty());
    }
}
