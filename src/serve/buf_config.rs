//! Writes a configuration with which `buf` reaches this server.

use std::path::PathBuf;

use super::error::ServeError;
use crate::config::Settings;

/// Writes the directory for `BUF_CONFIG_DIR`, with which `buf` speaks plain HTTP, or trusts the server's certificate
/// beside the system's. The file is for `buf` alone, so it is not part of the store.
pub(super) fn write(settings: &Settings) -> Result<PathBuf, ServeError> {
    let dir = settings.data_dir.join("buf");
    let write = || {
        let tls = match &settings.tls {
            None => "  use: \"false\"\n".to_owned(),
            // Quoted as in Rust, which YAML reads the same way.
            Some(files) => format!(
                "  use: systemandlocal\n  root_cert_file_paths:\n    - {:?}\n",
                std::path::absolute(&files.cert)?
            ),
        };
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("config.yaml"), format!("version: v1\ntls:\n{tls}"))
    };
    write()
        .map_err(|source| ServeError::Io { doing: format!("write {}", dir.join("config.yaml").display()), source })?;
    Ok(dir)
}
