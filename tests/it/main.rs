//! Behaviour as its users see it: the built program, the real cargo, the real buf, real sockets. A folder per subject,
//! a file per behaviour; `support` has the helpers.

// A test fails by panicking and shows its transcript by printing; clippy only knows functions marked `#[test]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod access;
mod actions;
mod bad_input;
mod bombs;
mod breaking;
mod buf;
mod cargo;
mod chaos;
mod cli;
#[cfg(all(feature = "cluster", unix))]
mod cluster;
mod mirror;
mod owners;
mod pages;
mod queue;
mod sdks;
mod serve;
mod source;
mod support;
mod upkeep;
mod users;
mod watch;
mod webhooks;
