//! A certificate, and a registry that uses it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::registry::Registry;
use super::transcript::run;

/// A self-signed certificate.
pub(crate) struct Certificate {
    directory: TempDir,
}

impl Certificate {
    /// A certificate for `localhost`.
    pub(crate) fn new() -> Self {
        Self::of("DNS:localhost")
    }

    /// A certificate for this name, `DNS:` or `IP:`.
    pub(crate) fn of(name: &str) -> Self {
        let certificate = Self { directory: tempfile::tempdir().unwrap() };
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        openssl.args(["-subj", "/CN=registry under test", "-addext", &format!("subjectAltName={name}")]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        run(openssl.arg("-keyout").arg(certificate.key()).arg("-out").arg(certificate.chain())).ok();
        certificate
    }

    /// The file with the certificate.
    pub(crate) fn chain(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }

    /// The file with its key.
    pub(crate) fn key(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    /// A registry with this certificate, which logs every request.
    pub(crate) fn registry(&self) -> Registry {
        Registry::with(|options| {
            options.flag("log-level", "debug");
            options.flag("tls-cert", self.chain().to_str().unwrap()).flag("tls-key", self.key().to_str().unwrap());
        })
    }
}
