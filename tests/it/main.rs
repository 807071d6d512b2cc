//! The integration tests, one file per behaviour.

// Helpers of tests are not `#[test]` functions, and like those they may panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;
mod sdk;
