//! The paths of the inputs that `tests/setup` fetches.

use std::path::{Path, PathBuf};

/// An input of `tests/setup`.
pub(super) fn input(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs").join(name);
    assert!(path.exists(), "{} is missing: run tests/setup once, or `make test`", path.display());
    path
}

/// The sources of googleapis-common-protos.
pub(crate) fn googleapis() -> PathBuf {
    input("googleapis")
}

/// The module that declares the rules of validation, as a crate of crates.io carries it.
pub(crate) fn validate_protos() -> PathBuf {
    input("vendor/protovalidate-buffa-protos/proto")
}

/// The directory in which Node finds playwright-core and axe-core.
pub(crate) fn node_modules() -> PathBuf {
    input("axe-core");
    let playwright = input("playwright-core");
    playwright.parent().map(Path::to_owned).unwrap()
}
