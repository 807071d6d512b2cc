//! Fetches the schemas of OpenTelemetry, once.

use std::path::PathBuf;
use std::process::Command;

/// The schemas of OpenTelemetry, which a crate on crates.io carries in its sources.
pub(crate) fn sources() -> PathBuf {
    const CRATE: &str = "opentelemetry-proto";
    let project = crate::directory().join("inputs");
    let found = project.join("vendor").join(CRATE).join("src/proto").join(CRATE);
    if !found.exists() {
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(project.join("lib.rs"), "").unwrap();
        let manifest = format!(
            "[package]\nname = \"inputs\"\nedition = \"2024\"\n[workspace]\n[lib]\npath = \"lib.rs\"\n\
             [dependencies]\n{CRATE} = {{ version = \"=0.7.0\", default-features = false }}\n"
        );
        std::fs::write(project.join("Cargo.toml"), manifest).unwrap();
        let mut vendor = Command::new(env!("CARGO"));
        let fetched = vendor.args(["vendor", "--quiet", "vendor"]).current_dir(&project).output().unwrap();
        assert!(fetched.status.success(), "could not fetch {CRATE}: {}", String::from_utf8_lossy(&fetched.stderr));
    }
    found
}
