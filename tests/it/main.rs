//! Behaviour as its users see it: the built program, the real cargo, real sockets. One file per behaviour;
//! `support` is the vocabulary.

// A test fails by panicking and shows its transcript by printing; clippy only knows functions marked `#[test]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod bad_input;
mod cli;
mod commands;
mod config;
mod golden;
mod layering;
mod lifecycle;
mod main_job;
mod push;
mod sdk;
mod support;
mod token;
mod vocabulary;
