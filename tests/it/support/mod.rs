//! The vocabulary of the tests: a registry, a module that is pushed, a cargo project that consumes crates.
//!
//! Every name here runs a real program; every failure prints the program's command, status and both streams.

mod buf;
mod consumer;
mod family;
mod inputs;
mod module;
mod registry;
mod transcript;
mod wire;

pub(crate) use buf::{Buf, commit, tree};
pub(crate) use consumer::Consumer;
pub(crate) use family::{DIGESTS, MONEY};
pub(crate) use inputs::googleapis;
#[allow(unused_imports, reason = "the bench takes a push apart")]
pub(crate) use module::{Module, Pushed};
pub(crate) use registry::{Registry, registry_command};
pub(crate) use transcript::{Transcript, run};
pub(crate) use wire::{Post, Reply};
