//! Where the set-up put the inputs.

use std::path::{Path, PathBuf};

/// The build directory of this project.
pub(crate) fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_registry"));
    program.ancestors().nth(2).expect("the program lies in target/debug").to_owned()
}

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
