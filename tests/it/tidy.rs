//! The house rules that a compiler does not know: who imports whom, and that nothing generated is stale.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module → what it may import. The same table as in `src/ARCHITECTURE.md`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("documents", &[]),
    ("protocol", &["domain"]),
    ("store", &["domain"]),
    ("hub", &["domain", "protocol"]),
    ("command", &["domain", "documents", "store"]),
    ("hls", &["domain"]),
    ("ws", &["domain", "protocol", "hub", "command", "store"]),
    (
        "http",
        &[
            "domain",
            "documents",
            "protocol",
            "store",
            "hub",
            "command",
            "hls",
            "ws",
        ],
    ),
    (
        "app",
        &[
            "domain",
            "documents",
            "protocol",
            "store",
            "hub",
            "command",
            "hls",
            "ws",
            "http",
        ],
    ),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)
        .expect("a folder of the repository")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Names of our modules a file mentions after `crate::`, groups included.
fn imports(text: &str, modules: &[&'static str]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            found.extend(modules.iter().copied().filter(|m| {
                group
                    .split(',')
                    .any(|part| part.trim().split("::").next() == Some(*m))
            }));
        } else {
            let word: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.extend(modules.iter().copied().filter(|m| *m == word));
        }
    }
    found
}

#[test]
fn modules_import_only_downward() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let modules: Vec<&'static str> = MAY_IMPORT.iter().map(|(m, _)| *m).collect();
    let mut wrong = Vec::new();
    for module in &modules {
        for file in rust_files(&source().join(module)) {
            let text = std::fs::read_to_string(&file).expect("readable");
            // What stands in a test may look anywhere.
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            for import in imports(text, &modules) {
                if import != *module && !table[module].contains(&import) {
                    wrong.push(format!(
                        "`{module}` may not import `{import}`: {}",
                        file.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_table_and_on_the_map() {
    let map = std::fs::read_to_string(source().join("ARCHITECTURE.md")).expect("the map");
    for entry in std::fs::read_dir(source())
        .expect("src")
        .flatten()
        .filter(|e| e.path().is_dir())
    {
        let name = entry.file_name().into_string().expect("ASCII");
        let row = MAY_IMPORT.iter().find(|(m, _)| *m == name);
        let (_, may) = row.unwrap_or_else(|| panic!("module `{name}` is not in the table of imports"));
        let line = map
            .lines()
            .find(|l| l.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("module `{name}` is not on the map"));
        for import in *may {
            assert!(
                line.contains("all") || line.rsplit('|').nth(1).is_some_and(|cell| cell.contains(import)),
                "the map does not let `{name}` import `{import}`"
            );
        }
    }
}

#[test]
fn sql_stands_in_the_store_only() {
    for file in rust_files(&source()) {
        if file.starts_with(source().join("store")) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("readable");
        for word in ["sqlx::", "INSERT INTO", "DELETE FROM", "SELECT COUNT"] {
            assert!(!text.contains(word), "{} speaks SQL: {word}", file.display());
        }
    }
}

#[test]
fn no_statement_changes_the_audit_log() {
    for file in rust_files(&source()) {
        let text = std::fs::read_to_string(&file).expect("readable").to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            // The table itself, not `audit_head` or the lines that had no chain yet.
            let table = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
            let before = &words[at.saturating_sub(2)..at];
            let changes = before
                .last()
                .is_some_and(|w| ["\"update", "update", "\"truncate", "truncate"].contains(w))
                || (before.len() == 2 && before[0].ends_with("delete") && before[1] == "from")
                || (before.len() == 2 && before[0].ends_with("replace") && before[1] == "into");
            assert!(
                table != "audit" || !changes,
                "{} changes the audit log",
                file.display()
            );
        }
    }
}

#[test]
fn unsafe_code_is_nowhere() {
    for file in rust_files(&source()) {
        let text = std::fs::read_to_string(&file).expect("readable");
        assert!(
            !text.contains("unsafe {") && !text.contains("unsafe fn") && !text.contains("allow(unsafe_code)"),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_route_is_documented() {
    let routes = std::fs::read_to_string(source().join("http/routes.rs")).expect("the routes");
    let documented = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md"))
        .expect("the API document");
    // Names of path parameters may differ: only the fixed words count.
    let words = |path: &str| -> Vec<String> {
        path.split(['/', '?'])
            .filter(|w| !w.is_empty() && !w.starts_with('{') && !w.contains('='))
            .map(|w| w.split('{').next().unwrap_or(w).to_owned())
            .collect()
    };
    let lines: Vec<Vec<String>> = documented
        .split(|c: char| c.is_whitespace() || c == '`' || c == ',')
        .filter(|w| w.starts_with('/'))
        .map(words)
        .collect();
    for (at, _) in routes.match_indices(".route(\"") {
        let path = routes[at + 8..].split('"').next().expect("a closing quote");
        let wanted = words(path);
        assert!(lines.contains(&wanted), "route {path} is not in docs/api.md");
    }
}
