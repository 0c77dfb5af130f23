//! What the server says of the votes, through its public interface, against what the voters were told.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use super::plan::Expected;
use crate::chance::Chance;
use crate::target::{Access, Hall};

/// What is wrong.
#[derive(Debug, Default)]
pub struct Findings {
    /// Questions whose count is not what was acknowledged.
    pub counts_wrong: u64,
    /// Supports the counts lack or have too many.
    pub counts_off_by: u64,
    /// Acknowledged supports that a person asked does not have.
    pub lost: u64,
    /// Supports a person asked has and never was told.
    pub surplus: u64,
    /// Supports in all.
    pub counted: u64,
    pub examples: Vec<String>,
}

/// Reads all counts, and the supports of `asked` people picked by chance.
pub async fn check(
    access: &Access,
    hall: &Hall,
    ids: &[String],
    tokens: &[String],
    expected: &Expected,
    asked: usize,
    seed: u64,
) -> anyhow::Result<Findings> {
    let mut found = Findings::default();
    let session = &hall.session;
    let questions = access
        .all_pages(&format!("/sessions/{session}/questions?sort=newest"), "questions")
        .await?;
    let counts: BTreeMap<&str, u64> = questions
        .iter()
        .filter_map(|question| Some((question["id"].as_str()?, question["supports"].as_u64()?)))
        .collect();
    for (id, &(least, most)) in ids.iter().zip(&expected.counts) {
        let count = *counts.get(id.as_str()).context("a question is not in the list")?;
        found.counted += count;
        if !(least..=most).contains(&count) {
            found.counts_wrong += 1;
            found.counts_off_by += least.saturating_sub(count) + count.saturating_sub(most);
            found.examples.push(format!(
                "question {id} has {count} supports, not {least} to {most}"
            ));
        }
    }
    let places: BTreeMap<&str, u16> = ids.iter().zip(0..).map(|(id, at)| (id.as_str(), at)).collect();
    let mut chance = Chance::new(seed);
    for _ in 0..asked {
        let voter = chance.between(0, tokens.len() as u64) as usize;
        let mine: Value = access
            .get_as(&tokens[voter], &format!("/sessions/{session}/mine"))
            .await?;
        let has: BTreeSet<u16> = mine["supported"]
            .as_array()
            .context("own supports")?
            .iter()
            .filter_map(|id| places.get(id.as_str()?).copied())
            .filter(|question| !expected.in_doubt.contains(&(voter as u32, *question)))
            .collect();
        let must = &expected.of_voter[voter];
        found.lost += must.difference(&has).count() as u64;
        found.surplus += has.difference(must).count() as u64;
        if has != *must {
            found
                .examples
                .push(format!("voter {voter} supports {has:?} and was told {must:?}"));
        }
    }
    found.examples.truncate(5);
    Ok(found)
}
