//! The book of results: newest first, with machine, commit and command.

use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::Context;

use super::{Budgets, Report};

/// Results are put in behind this line.
const MARK: &str = "<!-- newest first -->\n";
/// What a new book begins with.
const HEAD: &str = "# Results\n\nWritten by `loadtest --record`. Absolute figures of different runs on a shared machine differ by a fifth; ratios of one run do not.\n\n";

/// Writes a report into the book.
pub fn record(path: &Path, report: &Report, budgets: &Budgets) -> anyhow::Result<()> {
    let book = std::fs::read_to_string(path).unwrap_or_default();
    std::fs::write(path, with(&book, &entry(report, budgets)))
        .with_context(|| format!("could not write {}", path.display()))
}

fn with(book: &str, entry: &str) -> String {
    match book.split_once(MARK) {
        Some((head, rest)) => format!("{head}{MARK}{entry}{rest}"),
        None => format!("{HEAD}{MARK}{entry}{book}"),
    }
}

fn entry(report: &Report, budgets: &Budgets) -> String {
    let Report {
        scenario,
        title,
        begun,
        machine,
        commit,
        command,
        ..
    } = report;
    format!(
        "\n## {scenario}: {title}\n\n{begun}, commit {commit}  \n{machine}  \n`{command}`\n\n{}",
        report.table(budgets)
    )
}

/// The commit that is measured, as far as the repository tells, with a `+` if tracked files differ from it; `unknown` outside a repository.
pub fn commit() -> String {
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&[
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        "src",
        "Cargo.lock",
        "migrations",
    ])
    .is_some_and(|changes| !changes.is_empty());
    format!("{commit}{}", if changed { "+" } else { "" })
}

/// Whether a program was built before the newest commit to what it is made of: then the commit of a report is not its own.
pub fn is_older_than_commit(program: &Path) -> bool {
    let built = program.metadata().and_then(|metadata| metadata.modified()).ok();
    let built_s = built.and_then(|built| Some(built.duration_since(UNIX_EPOCH).ok()?.as_secs()));
    let committed_s = git(&[
        "log",
        "-1",
        "--format=%ct",
        "--",
        "src",
        "Cargo.lock",
        "migrations",
    ]);
    let committed_s = committed_s.and_then(|seconds| seconds.parse::<u64>().ok());
    built_s
        .zip(committed_s)
        .is_some_and(|(built, committed)| built < committed)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as it was given. Folders of this machine are nobody's business: of a path outside, the name is enough.
pub fn command() -> String {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .map(|argument| without_folder(&argument))
        .collect();
    format!("loadtest {}", arguments.join(" "))
}

fn without_folder(argument: &str) -> String {
    let (option, value) = argument
        .split_once('=')
        .map_or(("", argument), |(option, value)| {
            (&argument[..=option.len()], value)
        });
    if value.starts_with('/') {
        let name = Path::new(value)
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        return format!("{option}{name}");
    }
    argument.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_result_stands_first_and_nothing_is_lost() {
        let one = with("", "\n## one\n");
        let two = with(&one, "\n## two\n");
        assert!(two.starts_with(HEAD));
        assert!(two.find("## two").expect("there") < two.find("## one").expect("there"));
        assert_eq!(two.matches(MARK).count(), 1);
        let kept = with("# Notes of somebody\n", "\n## new\n");
        assert!(kept.contains("# Notes of somebody") && kept.contains("## new"));
    }

    #[test]
    fn folders_of_the_machine_are_left_out() {
        assert_eq!(without_folder("/a/b/server"), "server");
        assert_eq!(without_folder("--json=/a/b.json"), "--json=b.json");
        assert_eq!(without_folder("target/release/x"), "target/release/x");
        assert_eq!(without_folder("--rate"), "--rate");
    }
}
