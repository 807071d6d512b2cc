//! `make fuzz`: libFuzzer on one reader of `registry::fuzzing`, the one that `FUZZ_TARGET` names.

#![no_main]
#![allow(clippy::panic)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use registry::fuzzing::{FuzzTarget, TARGETS};

static TARGET: LazyLock<&FuzzTarget> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("FUZZ_TARGET names no reader: {name:?}"))
});

fuzz_target!(|data: &[u8]| (TARGET.run)(data));
