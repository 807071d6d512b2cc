<<<<<<< HEAD
//! The integration tests, one file per behaviour.

// Helpers of tests are not `#[test]` functions, and like those they may panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;
mod sdk;
=======
//! Behaviour as its users see it: the built program, the real cargo, real sockets. One file per behaviour;
//! `support` is the vocabulary.

mod cli;
mod config;
mod layering;
mod support;
mod vocabulary;
>>>>>>> main
