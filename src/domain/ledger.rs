//! The public tally: what was raised and what became of it. Always a count, never stored.

use super::words::{Bucket, Disposition, PostState};

/// Which number a question counts in. Every question is in exactly one, whatever happened to it.
pub const fn bucket_of_question(state: PostState, disposition: Option<Disposition>) -> Bucket {
    match (state, disposition) {
        (PostState::Withdrawn, _) => Bucket::Withdrawn,
        (PostState::Declined | PostState::Retracted, _) => Bucket::Declined,
        (PostState::Held | PostState::Published, None) => Bucket::Open,
        (PostState::Held | PostState::Published, Some(d)) => match d {
            Disposition::AnsweredLive => Bucket::AnsweredLive,
            Disposition::AnsweredInWriting => Bucket::AnsweredInWriting,
            Disposition::Merged => Bucket::Merged,
            Disposition::Assigned => Bucket::Assigned,
            Disposition::Declined => Bucket::Declined,
            Disposition::Withdrawn => Bucket::Withdrawn,
        },
    }
}

/// Which number a suggestion counts in that is not made from a question.
pub const fn bucket_of_suggestion(has_department: bool) -> Bucket {
    if has_department {
        Bucket::Assigned
    } else {
        Bucket::Open
    }
}

/// The eight numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    counts: [u64; Bucket::ALL.len()],
}

impl Tally {
    /// Counts `n` more in a bucket.
    pub fn add(&mut self, bucket: Bucket, n: u64) {
        self.counts[bucket as usize] += n;
    }
    /// One number.
    pub const fn of(&self, bucket: Bucket) -> u64 {
        self.counts[bucket as usize]
    }
    /// Everything raised: the sum of the buckets, by construction.
    pub fn raised(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_counts_exactly_once() {
        let mut tally = Tally::default();
        let mut n = 0;
        for &state in PostState::ALL {
            for disposition in std::iter::once(None).chain(Disposition::ALL.iter().copied().map(Some)) {
                tally.add(bucket_of_question(state, disposition), 1);
                n += 1;
            }
        }
        assert_eq!(tally.raised(), n);
    }

    #[test]
    fn a_post_taken_back_is_never_counted_as_answered() {
        assert_eq!(
            bucket_of_question(PostState::Retracted, Some(Disposition::AnsweredLive)),
            Bucket::Declined
        );
        assert_eq!(
            bucket_of_question(PostState::Withdrawn, Some(Disposition::Assigned)),
            Bucket::Withdrawn
        );
    }
}
