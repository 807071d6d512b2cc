//! Where files go, for each of the two forms that cargo reads.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::error::CliError;
use crate::client::IndexLine;
use crate::model::{CrateName, Sha256Digest, index_path};

/// What the sources are called in the configuration of cargo.
const ORIGIN: &str = "registry-origin";
const EXPORT: &str = "registry-export";

/// The form of an export.
pub(super) enum Layout {
    /// A sparse index with its crates
    /// (<https://doc.rust-lang.org/cargo/reference/registry-index.html#sparse-protocol>).
    Site { root: PathBuf, url: String },
    /// A local registry (<https://doc.rust-lang.org/cargo/reference/source-replacement.html#local-registry-sources>).
    LocalRegistry { root: PathBuf },
}

impl Layout {
    /// A sparse index in `root`, which a web server will have at `url`.
    pub(super) fn site(root: PathBuf, url: &str) -> Result<Self, CliError> {
        let url = url.trim_end_matches('/');
        if !url.starts_with("https://") && !url.starts_with("http://") {
            let message = format!("--url {url} is not an address; write it as https://HOST/PATH");
            return Err(CliError::CannotRun(message));
        }
        Ok(Self::Site { root, url: url.to_owned() })
    }

    /// A local registry in `root`. Cargo needs its absolute path.
    pub(super) fn local_registry(root: &Path) -> Result<Self, CliError> {
        Ok(Self::LocalRegistry { root: std::path::absolute(root)? })
    }

    pub(super) fn root(&self) -> &Path {
        let (Self::Site { root, .. } | Self::LocalRegistry { root }) = self;
        root
    }

    fn file(&self, name: &CrateName, line: &IndexLine) -> PathBuf {
        match self {
            Self::Site { root, .. } => root.join(format!("crates/{name}/{}.crate", line.version)),
            Self::LocalRegistry { root } => root.join(format!("{name}-{}.crate", line.version)),
        }
    }

    fn page(&self, name: &CrateName) -> PathBuf {
        let path = index_path(&name.to_string()).unwrap_or_default();
        match self {
            Self::Site { root, .. } => root.join(path),
            Self::LocalRegistry { root } => root.join("index").join(path),
        }
    }

    /// Whether the file of a version is there, whole.
    pub(super) fn has_file(&self, name: &CrateName, line: &IndexLine) -> bool {
        fs::read(self.file(name, line)).is_ok_and(|bytes| Sha256Digest::of(&bytes) == line.checksum)
    }

    pub(super) fn write_file(&self, name: &CrateName, line: &IndexLine, bytes: &[u8]) -> Result<(), CliError> {
        replace(&self.file(name, line), bytes)
    }

    pub(super) fn write_page(&self, name: &CrateName, lines: &[IndexLine]) -> Result<(), CliError> {
        let page: String = lines.iter().map(|line| format!("{}\n", line.text)).collect();
        replace(&self.page(name), page.as_bytes())
    }

    /// Writes what cargo reads first, and the lines for its configuration in place of the index at `origin`; returns
    /// the file with those.
    pub(super) fn finish(&self, origin: &str) -> Result<PathBuf, CliError> {
        let source = match self {
            Self::Site { root, url } => {
                let config = json!({ "dl": format!("{url}/crates/{{crate}}/{{version}}.crate") });
                replace(&root.join("config.json"), config.to_string().as_bytes())?;
                format!("registry = {}", quoted(&format!("sparse+{url}/")))
            }
            Self::LocalRegistry { root } => {
                fs::create_dir_all(root.join("index")).map_err(|error| failed(root, &error))?;
                format!("local-registry = {}", quoted(&root.to_string_lossy()))
            }
        };
        let origin = quoted(origin);
        let text = format!(
            "[source.{ORIGIN}]\nregistry = {origin}\nreplace-with = \"{EXPORT}\"\n\n[source.{EXPORT}]\n{source}\n"
        );
        let path = self.root().join("cargo-config.toml");
        replace(&path, text.as_bytes())?;
        Ok(path)
    }
}

/// A string of TOML, which has the escapes of JSON.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

/// Writes a file beside its place and moves it there, so that readers see the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let write = || {
        let dir = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let mut file = tempfile::Builder::new().prefix(".registry-export-").tempfile_in(dir)?;
        file.write_all(bytes)?;
        readable(file.as_file())?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(|_| ()).map_err(|error| failed(path, &error))
}

/// Temporary files are for their owner alone, but a web server reads these.
#[cfg(unix)]
fn readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::CannotRun(format!("could not write {}: {error}", path.display()))
}
