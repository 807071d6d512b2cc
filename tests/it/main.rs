//! Behaviour as its users see it: the built program, the real cargo, real sockets. One file per behaviour;
//! `support` is the vocabulary.

// Helpers of tests are not `#[test]` functions, and like those they may panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli;
mod config;
mod golden;
mod layering;
mod sdk;
mod support;
mod vocabulary;
