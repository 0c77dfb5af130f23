//! The folder of the demonstration: made anew at every start, and never anybody else's.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

/// Name of the SQLite file. Not the one a production server keeps beside its key.
pub const DATABASE: &str = "demo.db";
/// Says that the folder is a demonstration's, and is locked while one runs in it.
const MARK: &str = "demonstration.lock";
/// What a demonstration leaves behind; only this is ever removed.
const OURS: &[&str] = &[DATABASE, "demo.db-wal", "demo.db-shm", "secret.key", "media"];

/// The folder while a demonstration uses it.
#[derive(Debug)]
pub struct Folder {
    _lock: File,
}

impl Folder {
    /// Takes the folder and removes what the last demonstration left in it.
    ///
    /// # Errors
    /// When it holds something and no demonstration was ever in it (it may be a real server's), or one runs in it now.
    pub fn make_fresh(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path).with_context(|| format!("could not create {}", path.display()))?;
        let mark = path.join(MARK);
        let is_empty = std::fs::read_dir(path)
            .with_context(|| format!("could not read {}", path.display()))?
            .next()
            .is_none();
        if !is_empty && !mark.exists() {
            bail!(
                "{} holds files that are not a demonstration's; choose another folder with --data",
                path.display()
            );
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&mark)
            .with_context(|| format!("could not create {}", mark.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another demonstration runs in {}; stop it or choose another folder with --data",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", mark.display()));
            }
        }
        for name in OURS {
            let left = path.join(name);
            let removed = if left.is_dir() {
                std::fs::remove_dir_all(&left)
            } else {
                std::fs::remove_file(&left)
            };
            if let Err(error) = removed
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(error).with_context(|| format!("could not remove {}", left.display()));
            }
        }
        Ok(Self { _lock: lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_finds_nothing_of_the_first() {
        let outer = tempfile::tempdir().expect("a folder");
        let path = outer.path().join("demo");
        drop(Folder::make_fresh(&path).expect("new"));
        std::fs::create_dir_all(path.join("media/x")).expect("writable");
        for name in [DATABASE, "secret.key", "notes.txt"] {
            std::fs::write(path.join(name), "old").expect("writable");
        }
        let _folder = Folder::make_fresh(&path).expect("ours");
        let left: Vec<_> = std::fs::read_dir(&path)
            .expect("readable")
            .map(|e| e.expect("readable").file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(path.join("notes.txt").exists(), "what is not ours stays");
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("secret.key"), "real").expect("writable");
        let error = Folder::make_fresh(folder.path()).expect_err("refused");
        assert!(error.to_string().contains("not a demonstration's"), "{error}");
        assert!(folder.path().join("secret.key").exists());
    }

    #[test]
    fn a_running_demonstration_keeps_its_folder() {
        let outer = tempfile::tempdir().expect("a folder");
        let path = outer.path().join("demo");
        let _first = Folder::make_fresh(&path).expect("new");
        let error = Folder::make_fresh(&path).expect_err("refused");
        assert!(error.to_string().contains("another demonstration"), "{error}");
    }
}
