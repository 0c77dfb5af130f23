//! What a run found: as a table for people, as JSON for programs, against budgets, and in the book of results.

mod budget;
mod results;

use std::borrow::Cow;

use serde_json::{Value, json};

pub use budget::Budgets;
pub use results::{is_older_than_commit, record};

/// One measured figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name in JSON and budgets; the unit is its end.
    pub name: Cow<'static, str>,
    /// What it is, for the table.
    pub what: Cow<'static, str>,
    pub value: f64,
}

/// A run and its figures.
#[derive(Debug, Clone)]
pub struct Report {
    pub scenario: &'static str,
    /// What was asked of the server, in a line.
    pub title: String,
    pub begun: String,
    pub machine: String,
    pub commit: String,
    pub command: String,
    pub figures: Vec<Figure>,
    /// Tables of another shape, in Markdown.
    pub tables: Vec<String>,
    /// What a reader must know beside the figures.
    pub notes: Vec<String>,
}

impl Report {
    /// A run that begins now on this machine.
    pub fn begin(scenario: &'static str, title: String) -> Self {
        Self {
            scenario,
            title,
            begun: crate::clock::minute(),
            machine: crate::measure::proc::machine(),
            commit: results::commit(),
            command: results::command(),
            figures: Vec::new(),
            tables: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a figure.
    pub fn add(&mut self, name: &'static str, what: &'static str, value: impl Into<f64>) {
        self.figures.push(Figure {
            name: name.into(),
            what: what.into(),
            value: value.into(),
        });
    }

    /// Adds a figure whose name is put together.
    pub fn add_named(&mut self, name: String, what: String, value: f64) {
        self.figures.push(Figure {
            name: name.into(),
            what: what.into(),
            value,
        });
    }

    /// Adds a table of another shape, in Markdown.
    pub fn table_of(&mut self, markdown: &str) {
        self.tables.push(markdown.to_owned());
    }

    /// Adds a count.
    pub fn count(&mut self, name: &'static str, what: &'static str, value: u64) {
        self.add(name, what, value as f64);
    }

    /// Adds a figure if there is one.
    pub fn maybe(&mut self, name: &'static str, what: &'static str, value: Option<f64>) {
        if let Some(value) = value {
            self.add(name, what, value);
        }
    }

    /// Adds a remark.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The table, with the budget of each figure that has one.
    pub fn table(&self, budgets: &Budgets) -> String {
        let mut rows = vec![["figure".to_owned(), "value".to_owned(), "budget".to_owned()]];
        for figure in &self.figures {
            let verdict = budgets.judge(self.scenario, figure);
            rows.push([
                figure.what.to_string(),
                shown(figure.value),
                verdict.map_or(String::new(), |verdict| verdict.to_string()),
            ]);
        }
        let width = |column: usize| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        let mut table: String = self.tables.iter().map(|table| format!("{table}\n")).collect();
        for (at, row) in rows.iter().enumerate() {
            table.push_str(&format!(
                "| {:<a$} | {:>b$} | {:<c$} |\n",
                row[0],
                row[1],
                row[2],
                a = widths[0],
                b = widths[1],
                c = widths[2]
            ));
            if at == 0 {
                table.push_str(&format!(
                    "|{:-<a$}|{:->b$}:|{:-<c$}|\n",
                    "",
                    "",
                    "",
                    a = widths[0] + 2,
                    b = widths[1] + 1,
                    c = widths[2] + 2
                ));
            }
        }
        for note in &self.notes {
            table.push_str(&format!("\n- {note}"));
        }
        if !self.notes.is_empty() {
            table.push('\n');
        }
        table
    }

    /// Figures over their budget, named.
    pub fn over(&self, budgets: &Budgets) -> Vec<String> {
        let judged = self
            .figures
            .iter()
            .filter_map(|figure| Some((figure, budgets.judge(self.scenario, figure)?)));
        judged
            .filter(|(_, verdict)| !verdict.kept)
            .map(|(figure, verdict)| format!("{} = {} ({verdict})", figure.name, shown(figure.value)))
            .collect()
    }

    /// Everything, for programs.
    pub fn json(&self, budgets: &Budgets) -> Value {
        let figures: serde_json::Map<String, Value> = self
            .figures
            .iter()
            .map(|figure| (figure.name.to_string(), json!(figure.value)))
            .collect();
        json!({
            "scenario": self.scenario, "title": self.title, "begun": self.begun, "machine": self.machine, "commit": self.commit,
            "command": self.command, "figures": figures, "notes": self.notes, "over_budget": self.over(budgets),
        })
    }
}

/// Three digits that mean something, and whole numbers whole.
fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        let digits = format!("{}", value.abs() as u64);
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| std::str::from_utf8(group).expect("digits"))
            .collect();
        return format!("{}{}", if value < 0.0 { "-" } else { "" }, groups.join(","));
    }
    match value.abs() {
        large if large >= 1_000.0 => shown(value.round()),
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        medium if medium >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_the_digits_that_mean_something() {
        for (value, expected) in [
            (0.0, "0"),
            (1_234_567.0, "1,234,567"),
            (1_234.56, "1,235"),
            (123.4, "123"),
            (12.34, "12.3"),
            (1.234, "1.23"),
            (0.0123, "0.012"),
            (-5.0, "-5"),
        ] {
            assert_eq!(shown(value), expected);
        }
    }

    #[test]
    fn what_is_over_its_budget_is_named_in_the_table_and_alone() {
        let budgets = Budgets::parse("[fanout]\ngaps = { max = 0 }\nrate = { min = 10 }\n").expect("valid");
        let mut report = Report::begin("fanout", "t".into());
        report.count("gaps", "gaps", 2);
        report.add("rate", "rate", 11.0);
        report.add("other", "other", 1.5);
        assert_eq!(report.over(&budgets), ["gaps = 2 (at most 0: over)"]);
        let table = report.table(&budgets);
        assert!(
            table.contains("at most 0: over") && table.contains("at least 10: kept"),
            "{table}"
        );
        assert_eq!(report.json(&budgets)["figures"]["other"], 1.5);
    }
}
