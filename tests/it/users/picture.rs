//! The picture at the top of README.

use std::path::Path;
use std::process::Command;

use crate::support::run;

#[test]
fn the_picture_shows_what_the_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut draw = Command::new("python3");
    draw.arg(root.join("tests/picture")).arg("--print").env("REGISTRY_PROGRAM", env!("CARGO_BIN_EXE_registry"));
    let drawn = run(&mut draw).ok().stdout;
    let shown = std::fs::read_to_string(root.join("assets/picture.svg")).unwrap();
    assert!(drawn == shown, "`tests/picture` draws another picture now; run it and look at the difference:\n{drawn}");
}
