//! Budgets: what a figure may be at most or must be at least, per scenario, in a TOML file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::{Figure, Report};

/// All budgets of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Budgets {
    scenarios: BTreeMap<String, BTreeMap<String, Bound>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    max: Option<f64>,
    min: Option<f64>,
}

/// A figure against its budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    max: Option<f64>,
    min: Option<f64>,
    pub kept: bool,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(min) = self.min {
            write!(f, "at least {min}")?;
        }
        if self.min.is_some() && self.max.is_some() {
            write!(f, ", ")?;
        }
        if let Some(max) = self.max {
            write!(f, "at most {max}")?;
        }
        write!(f, ": {}", if self.kept { "kept" } else { "over" })
    }
}

impl Budgets {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("budgets {} could not be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("budgets {}", path.display()))
    }

    /// The same from text. A bound that bounds nothing is a mistake.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let budgets: Self = toml::from_str(text)?;
        for (scenario, bounds) in &budgets.scenarios {
            for (name, bound) in bounds {
                if bound.max.is_none() && bound.min.is_none() {
                    bail!("`{scenario}.{name}` has neither min nor max");
                }
            }
        }
        Ok(budgets)
    }

    /// Names of budgets of the scenario for which a report has no figure.
    pub fn not_measured(&self, report: &Report) -> Vec<&str> {
        let names = self
            .scenarios
            .get(report.scenario)
            .into_iter()
            .flat_map(BTreeMap::keys);
        names
            .filter(|name| !report.figures.iter().any(|figure| figure.name == name.as_str()))
            .map(String::as_str)
            .collect()
    }

    /// The verdict on a figure, if there is a budget for it.
    pub fn judge(&self, scenario: &str, figure: &Figure) -> Option<Verdict> {
        let Bound { max, min } = *self.scenarios.get(scenario)?.get(&*figure.name)?;
        // Not a number keeps no budget.
        let kept = max.is_none_or(|max| figure.value <= max) && min.is_none_or(|min| figure.value >= min);
        Some(Verdict { max, min, kept })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_budgets_are_understood() {
        let budgets = Budgets::parse(include_str!("../../budgets.toml")).expect("valid");
        assert!(budgets.scenarios.contains_key("fanout"));
    }

    #[test]
    fn a_misspelt_bound_is_refused_and_what_is_no_number_is_over() {
        assert!(Budgets::parse("[fanout]\ngaps = { mx = 0 }").is_err());
        assert!(Budgets::parse("[fanout]\ngaps = {}").is_err());
        let budgets = Budgets::parse("[s]\na = { max = 1 }").expect("valid");
        let figure = Figure {
            name: "a".into(),
            what: "a".into(),
            value: f64::NAN,
        };
        assert!(budgets.judge("s", &figure).is_some_and(|verdict| !verdict.kept));
        assert_eq!(budgets.judge("t", &figure), None);
    }
}
