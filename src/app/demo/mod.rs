//! The demonstration.
/// Runs it.
pub async fn run(_listen: std::net::SocketAddr, _crowd: usize, _data: std::path::PathBuf, _database: Option<String>) -> anyhow::Result<()> {
    Ok(())
}
