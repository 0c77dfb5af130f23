//! Who votes for what in which order, and what the counts must be in the end.

use std::collections::{BTreeSet, HashMap};

use crate::chance::Chance;

/// Refs of votes are this letter and nine digits.
const REF_LETTER: u8 = b'v';
const REF_DIGITS: usize = 9;

/// One message of a voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    pub voter: u32,
    pub question: u16,
    /// Support, or take the support back.
    pub on: bool,
}

/// How a vote went so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fate {
    #[default]
    Planned,
    Sent,
    Acknowledged,
    Refused,
}

/// All votes of a run in their order; the place of a vote is its ref.
#[derive(Debug, Clone)]
pub struct Plan {
    pub votes: Vec<Vote>,
    pub fates: Vec<Fate>,
    pub voters: usize,
    pub questions: usize,
}

/// What is planned.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// Of supports that are sent a second time at once.
    pub doubles: f64,
    /// Of supports that are taken back at once.
    pub revokes: f64,
}

impl Plan {
    /// `len` votes, at most one support of each person and question. Everybody votes in turn, so that no person is faster than the others.
    pub fn new(
        len: usize,
        voters: usize,
        questions: usize,
        shares: Shares,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let mut chance = Chance::new(seed);
        let mut order: Vec<u32> = (0..voters as u32).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, chance.between(0, at as u64 + 1) as usize);
        }
        let offsets: Vec<u64> = (0..voters).map(|_| chance.next()).collect();
        let mut happens = |share: f64| (chance.next() % 1_000_000) as f64 / 1e6 < share;
        let mut votes = Vec::with_capacity(len + 2);
        'rounds: for round in 0..questions as u64 {
            for &voter in &order {
                let question = ((offsets[voter as usize] + round) % questions as u64) as u16;
                let vote = Vote {
                    voter,
                    question,
                    on: true,
                };
                votes.push(vote);
                if happens(shares.doubles) {
                    votes.push(vote);
                }
                if happens(shares.revokes) {
                    votes.push(Vote { on: false, ..vote });
                }
                if votes.len() >= len {
                    break 'rounds;
                }
            }
        }
        anyhow::ensure!(
            votes.len() >= len,
            "{voters} voters and {questions} questions are {} different supports; {len} are wanted",
            voters * questions
        );
        votes.truncate(len);
        Ok(Self {
            fates: vec![Fate::default(); len],
            votes,
            voters,
            questions,
        })
    }

    /// Most messages of one person.
    pub fn most_of_one(&self) -> usize {
        let mut counts = vec![0; self.voters];
        for vote in &self.votes {
            counts[vote.voter as usize] += 1;
        }
        counts.into_iter().max().unwrap_or(0)
    }

    /// The counts of the questions by what was acknowledged, and by how much what was sent without an answer may change them.
    pub fn expected(&self) -> Expected {
        let mut known: HashMap<(u32, u16), (bool, bool)> = HashMap::new();
        for (vote, fate) in self.votes.iter().zip(&self.fates) {
            let (supports, in_doubt) = known.entry((vote.voter, vote.question)).or_default();
            match fate {
                Fate::Acknowledged => (*supports, *in_doubt) = (vote.on, false),
                Fate::Sent if vote.on != *supports => *in_doubt = true,
                Fate::Sent | Fate::Planned | Fate::Refused => {}
            }
        }
        let mut expected = Expected {
            counts: vec![(0, 0); self.questions],
            of_voter: vec![BTreeSet::new(); self.voters],
            in_doubt: BTreeSet::new(),
        };
        for ((voter, question), (supports, in_doubt)) in known {
            let (least, most) = &mut expected.counts[usize::from(question)];
            *least += u64::from(supports && !in_doubt);
            *most += u64::from(supports || in_doubt);
            if in_doubt {
                expected.in_doubt.insert((voter, question));
            } else if supports {
                expected.of_voter[voter as usize].insert(question);
            }
        }
        expected
    }
}

/// What the server must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Per question the least and the most supports; the same when every vote was answered.
    pub counts: Vec<(u64, u64)>,
    /// Questions a person certainly supports.
    pub of_voter: Vec<BTreeSet<u16>>,
    /// Person and question whose last vote was sent and not answered.
    pub in_doubt: BTreeSet<(u32, u16)>,
}

/// The ref of the vote at a place.
pub fn write_ref(into: &mut Vec<u8>, place: usize) {
    into.push(REF_LETTER);
    into.extend_from_slice(format!("{place:0REF_DIGITS$}").as_bytes());
}

/// The place a ref names.
pub fn place_of(text: &[u8]) -> Option<usize> {
    let digits = text.strip_prefix(&[REF_LETTER])?.get(..REF_DIGITS)?;
    digits.iter().try_fold(0, |place, digit| {
        digit
            .is_ascii_digit()
            .then(|| place * 10 + usize::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(len: usize, doubles: f64, revokes: f64) -> Plan {
        Plan::new(len, 50, 10, Shares { doubles, revokes }, 7).expect("enough of both")
    }

    #[test]
    fn without_doubles_everybody_supports_each_question_once() {
        let plan = plan(500, 0.0, 0.0);
        let different: BTreeSet<(u32, u16)> = plan.votes.iter().map(|v| (v.voter, v.question)).collect();
        assert_eq!((different.len(), plan.most_of_one()), (500, 10));
        assert!(
            Plan::new(
                501,
                50,
                10,
                Shares {
                    doubles: 0.0,
                    revokes: 0.0
                },
                7
            )
            .is_err()
        );
    }

    #[test]
    fn doubles_count_once_and_what_is_taken_back_does_not_count() {
        let mut plan = plan(400, 0.2, 0.2);
        plan.fates.fill(Fate::Acknowledged);
        let mut supporting: BTreeSet<(u32, u16)> = BTreeSet::new();
        for vote in &plan.votes {
            if vote.on {
                supporting.insert((vote.voter, vote.question));
            } else {
                assert!(supporting.remove(&(vote.voter, vote.question)));
            }
        }
        assert!(supporting.len() < 350, "there are doubles and revokes");
        let expected = plan.expected();
        assert_eq!(
            expected.counts.iter().map(|(least, _)| least).sum::<u64>(),
            supporting.len() as u64
        );
        assert!(expected.counts.iter().all(|(least, most)| least == most));
    }

    #[test]
    fn what_was_sent_and_not_answered_is_in_doubt_and_nothing_else() {
        let mut plan = plan(3, 0.0, 0.0);
        plan.fates = vec![Fate::Acknowledged, Fate::Sent, Fate::Refused];
        let expected = plan.expected();
        let sum = |of: fn(&(u64, u64)) -> u64| expected.counts.iter().map(of).sum::<u64>();
        assert_eq!((sum(|c| c.0), sum(|c| c.1), expected.in_doubt.len()), (1, 2, 1));
    }

    #[test]
    fn a_ref_names_its_place() {
        for place in [0, 7, 123_456_789] {
            let mut text = Vec::new();
            write_ref(&mut text, place);
            assert_eq!(place_of(&text), Some(place));
        }
        assert_eq!(place_of(b"v12"), None);
        assert_eq!(place_of(b"w000000001"), None);
    }
}
