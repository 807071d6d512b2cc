//! Behaviour as its users see it: the built program, the real cargo, real sockets. One file per behaviour;
//! `support` is the vocabulary.

// A test fails by panicking and shows its transcript by printing; clippy only knows functions marked `#[test]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod access;
mod bad_input;
mod cargo_commands;
mod cli;
mod commands;
mod config;
mod demo;
mod durability;
mod edges;
mod golden;
mod index;
mod labels;
mod layering;
mod lifecycle;
mod main_job;
mod push;
mod sdk;
mod support;
mod token;
mod vocabulary;
