//! `yishiting verify` and `yishiting audit`: the audit log judged and written out, without the server.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::config::Config;
use crate::domain::audit::{ExportVerifier, Head, Judged};
use crate::store::{Db, Options as DbOptions};

async fn open(config: &Config) -> anyhow::Result<Db> {
    let options = DbOptions {
        url: config.database.clone(),
        connections_max: 2,
        wait_ms: config.database_wait_ms,
    };
    if let Some(path) = config.database.strip_prefix("sqlite:") {
        let path = path.split('?').next().unwrap_or(path);
        if !Path::new(path).exists() {
            bail!("there is no database at {path}");
        }
    }
    Db::connect(&options).await.context("could not open the database")
}

/// `HALL:SEQ:HASH` as `GET /halls/{hall}/audit/head` told it once; the installation's own chain has an empty HALL.
fn known(text: &str) -> anyhow::Result<(String, Head)> {
    let mut parts = text.split(':');
    let (Some(hall), Some(seq), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        bail!("`{text}` is not HALL:SEQ:HASH");
    };
    let seq = seq.parse().with_context(|| format!("`{seq}` is not a number"))?;
    if hash.len() != 64 {
        bail!("a hash has 64 characters; `{hash}` has {}", hash.len());
    }
    Ok((
        hall.to_owned(),
        Head {
            seq,
            hash: hash.to_ascii_lowercase(),
        },
    ))
}

/// Judges an export, or the database of the configuration without one. `Ok(false)` when something is wrong.
pub async fn verify(config: Config, export: Option<PathBuf>, known_heads: &[String]) -> anyhow::Result<bool> {
    let known: Vec<(String, Head)> = known_heads.iter().map(|k| known(k)).collect::<Result<_, _>>()?;
    let judged = if let Some(path) = export {
        read_export(&path, known)?
    } else {
        let db = open(&config).await?;
        let judged = db.verify_audit(None, &known).await;
        db.close().await;
        judged?
    };
    let mut good = true;
    let mut out = std::io::stdout().lock();
    for (hall, result) in &judged {
        let name = if hall.is_empty() {
            "the installation"
        } else {
            hall.as_str()
        };
        // A closed pipe (`| head`) is not an error of ours.
        let _ = match result {
            Ok(whole) => writeln!(
                out,
                "{name}: {} records, whole; head {}:{}:{}",
                whole.records, hall, whole.head.seq, whole.head.hash
            ),
            Err(fault) => {
                good = false;
                writeln!(out, "{name}: {fault}")
            }
        };
    }
    if judged.is_empty() {
        let _ = writeln!(out, "there is no audit log");
    }
    Ok(good)
}

fn read_export(path: &Path, known: Vec<(String, Head)>) -> anyhow::Result<Vec<Judged>> {
    let file = std::fs::File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    let mut reader = std::io::BufReader::with_capacity(1 << 20, file);
    let mut verifier = ExportVerifier::new(known);
    let mut line = Vec::with_capacity(1_024);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        match std::str::from_utf8(text) {
            Ok(text) => verifier.line(text),
            // What is no UTF-8 cannot be a record: the line is named.
            Err(_) => verifier.line("\u{fffd}"),
        }
    }
    Ok(verifier.finish())
}

/// Writes chains as lines of JSON: the one of a hall, or all.
pub async fn export(config: Config, hall: Option<String>, to: &Path) -> anyhow::Result<u64> {
    let db = open(&config).await?;
    let file = std::fs::File::create(to).with_context(|| format!("could not write {}", to.display()))?;
    let mut file = std::io::BufWriter::new(file);
    let mut snapshot = db.snapshot().await?;
    let only = match &hall {
        Some(name) => match snapshot.conn().hall_by_slug(name).await? {
            Some(hall) => Some(hall.id.to_string()),
            None => Some(name.clone()),
        },
        None => None,
    };
    let mut chains = snapshot.conn().audit_chains().await?;
    chains.retain(|(chain, _)| only.as_ref().is_none_or(|o| o == chain));
    // Two pieces ahead of the disk.
    let (out, mut pieces) = tokio::sync::mpsc::channel(2);
    let reading = tokio::spawn(async move {
        let mut records = 0;
        for (chain, _) in chains {
            records += snapshot.conn().export_audit(&chain, &out).await?;
        }
        Ok::<u64, crate::store::StoreError>(records)
    });
    while let Some(lines) = pieces.recv().await {
        file.write_all(lines.as_bytes())
            .with_context(|| format!("could not write {}", to.display()))?;
    }
    let records = reading.await??;
    db.close().await;
    file.flush()
        .with_context(|| format!("could not write {}", to.display()))?;
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_head_is_read_or_refused_by_name() {
        let hash = "a".repeat(64);
        let (hall, head) = known(&format!("00000000000000h1:12:{hash}")).expect("three parts");
        assert_eq!((hall.as_str(), head.seq), ("00000000000000h1", 12));
        assert_eq!(known(&format!(":3:{hash}")).expect("the installation").0, "");
        for wrong in ["", "a:b", "h:x:y", "h:1:abc", &format!("h:1:{hash}:more")] {
            assert!(known(wrong).is_err(), "{wrong}");
        }
    }
}
