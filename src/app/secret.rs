//! The server's secret, made at the first start and kept beside the data.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::command::IdentityKey;

/// Name of the file in the data folder.
const FILE: &str = "secret.key";

/// Reads the key, making it if there is none. Whoever has the file can be anybody: it is readable by its owner only.
pub fn load_or_make(data_dir: &Path) -> anyhow::Result<IdentityKey> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("could not create the data folder {}", data_dir.display()))?;
    let path = data_dir.join(FILE);
    if let Ok(bytes) = std::fs::read(&path) {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| {
            anyhow::anyhow!(
                "{} does not hold 32 bytes; restore it from the backup",
                path.display()
            )
        })?;
        return Ok(IdentityKey::new(bytes));
    }
    let bytes = fresh();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(&path)
        .with_context(|| format!("could not create {}", path.display()))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    Ok(IdentityKey::new(bytes))
}

/// A key for a program that lives in memory only.
#[expect(clippy::disallowed_methods, reason = "the outermost layer makes randomness")]
pub fn fresh() -> [u8; 32] {
    rand::random()
}
