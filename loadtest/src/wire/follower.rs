//! The client's rule of numbers, and what a viewer notices when the server breaks it.

/// Where one viewer is in a channel. Kept over reconnects.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    seq: Option<u64>,
    /// A view came and nothing new after it: what the view has may come once more and is dropped.
    after_view: bool,
    /// The last hole: something that arrives inside of it is late, not double.
    hole: Option<Box<(u64, u64)>>,
}

/// What a message was to a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// New from after the number on.
    New { after: u64 },
    /// Known from the view just before; dropped, as the rule says.
    InView,
    /// New, but numbers before it are missing.
    Gap { after: u64, missing: u64 },
    /// Known already.
    Duplicate,
    /// Part of it known already, without a view just before.
    Overlap { after: u64 },
    /// It belongs into a hole that was noticed before.
    Reordered,
    /// A view that is older than what is known.
    Backwards,
    /// A batch before any view.
    Unannounced,
}

impl Follower {
    /// The last number known.
    pub fn seq(&self) -> Option<u64> {
        self.seq
    }

    /// A whole view arrived.
    pub fn view(&mut self, seq: u64) -> Step {
        let before = self.seq;
        if before.is_some_and(|known| seq < known) {
            return Step::Backwards;
        }
        self.seq = Some(seq);
        self.after_view = true;
        self.hole = None;
        Step::New { after: seq }
    }

    /// A batch arrived.
    pub fn batch(&mut self, first: u64, last: u64) -> Step {
        let Some(seq) = self.seq else {
            return Step::Unannounced;
        };
        if last <= seq {
            if self
                .hole
                .as_ref()
                .is_some_and(|hole| hole.0 <= first && last <= hole.1)
            {
                self.hole = None;
                return Step::Reordered;
            }
            return if self.after_view {
                Step::InView
            } else {
                Step::Duplicate
            };
        }
        self.seq = Some(last);
        let fresh = std::mem::replace(&mut self.after_view, false);
        if first > seq + 1 {
            self.hole = Some(Box::new((seq + 1, first - 1)));
            return Step::Gap {
                after: first - 1,
                missing: first - 1 - seq,
            };
        }
        if first <= seq && !fresh {
            Step::Overlap { after: seq }
        } else {
            Step::New { after: seq }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seq: u64) -> Follower {
        let mut follower = Follower::default();
        follower.view(seq);
        assert_eq!(follower.batch(seq + 1, seq + 1), Step::New { after: seq });
        follower
    }

    #[test]
    fn batches_in_order_are_new() {
        let mut follower = at(9);
        assert_eq!(follower.batch(11, 13), Step::New { after: 10 });
        assert_eq!(follower.batch(14, 14), Step::New { after: 13 });
        assert_eq!(follower.seq(), Some(14));
    }

    #[test]
    fn a_hole_is_a_gap_once_and_what_fills_it_later_is_out_of_order() {
        let mut follower = at(9);
        assert_eq!(
            follower.batch(14, 15),
            Step::Gap {
                after: 13,
                missing: 3
            }
        );
        assert_eq!(follower.batch(11, 13), Step::Reordered);
        assert_eq!(follower.batch(16, 16), Step::New { after: 15 });
        assert_eq!(follower.batch(11, 13), Step::Duplicate);
    }

    #[test]
    fn what_is_known_is_double_unless_a_view_came_just_before() {
        let mut follower = at(9);
        assert_eq!(follower.batch(10, 10), Step::Duplicate);
        assert_eq!(follower.batch(9, 12), Step::Overlap { after: 10 });
        follower.view(20);
        assert_eq!(follower.batch(13, 18), Step::InView);
        assert_eq!(follower.batch(19, 22), Step::New { after: 20 });
        assert_eq!(follower.batch(19, 22), Step::Duplicate);
    }

    #[test]
    fn a_view_may_not_go_back_and_a_batch_may_not_come_first() {
        let mut follower = at(9);
        assert_eq!(follower.view(9), Step::Backwards);
        assert_eq!(follower.view(10), Step::New { after: 10 });
        assert_eq!(Follower::default().batch(1, 1), Step::Unannounced);
    }
}
