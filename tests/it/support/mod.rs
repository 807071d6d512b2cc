//! The helpers of the tests: a registry, a module that is pushed, a cargo project that consumes crates.
//!
//! Every helper runs a real program; every failure prints the program's command, status and both streams.

mod buf;
mod certificate;
mod consumer;
mod family;
pub(crate) mod http;
mod inputs;
#[cfg(all(feature = "cluster", unix))]
mod link;
mod module;
mod mount;
#[cfg(all(feature = "cluster", unix))]
pub(crate) mod object_store;
#[cfg(all(feature = "cluster", unix))]
mod postgres;
mod preloaded;
mod processes;
mod programs;
mod receiver;
mod registry;
mod transcript;
mod wait;
mod wire;

pub(crate) use buf::{Buf, breaking_rules_of_buf, commit, listed_breaking_rules, tree};
pub(crate) use certificate::Certificate;
pub(crate) use consumer::{Consumer, cargo_home};
pub(crate) use family::{DIGESTS, MONEY};
pub(crate) use http::{Answer, Request};
pub(crate) use inputs::{googleapis, node_modules, validate_protos};
#[cfg(all(feature = "cluster", unix))]
pub(crate) use link::{End, Fault, Link};
pub(crate) use module::{Module, Pushed, kennel, pets, upload};
pub(crate) use mount::mounting;
#[cfg(all(feature = "cluster", unix))]
pub(crate) use postgres::{Database, Server as PostgresServer, Stop};
pub(crate) use preloaded::Preloaded;
pub(crate) use processes::Process;
pub(crate) use programs::Programs;
pub(crate) use receiver::{Receiver, Reply};
pub(crate) use registry::{Registry, registry_command, signal};
pub(crate) use transcript::{Transcript, run, run_briefly, run_with_input};
pub(crate) use wait::eventually;
pub(crate) use wire::{Post, framed};
