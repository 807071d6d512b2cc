//! Behaviour as its users see it: the built program, the real cargo, the real buf, real sockets. One file per behaviour;
//! `support` is the vocabulary.

// A test fails by panicking and shows its transcript by printing; clippy only knows functions marked `#[test]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod access;
mod bad_input;
mod buf_access;
mod buf_bad_input;
mod buf_breaking;
mod buf_build;
mod buf_commits;
mod buf_deps;
mod buf_digests;
mod buf_generate;
mod buf_labels;
mod buf_login;
mod buf_modules;
mod buf_organizations;
mod buf_protocols;
mod buf_push;
mod buf_push_forms;
mod buf_same_upload;
mod buf_sdk;
mod buf_text;
mod buf_tls;
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
mod plugins;
mod push;
mod readme;
mod reuse;
mod sdk;
mod support;
mod token;
mod vocabulary;
