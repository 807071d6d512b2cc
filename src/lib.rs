//! A self-hosted Protobuf schema registry for Rust.
//!
//! # The life of one push
//!
//! ```text
//! directory or upload ─▶ module ─▶ compile ─▶ generate ─▶ package ─▶ store ─▶ serve
//!                       snapshot   descriptors  files      .crate     rows     HTTP
//! ```
//!
//! What a layer may use is checked by a test, which also holds the reasons (`tests/it/layering.rs`).
//!
//! | layer | owns | may use |
//! |---|---|---|
//! | [`cli`] | one file per command: declares flags, calls a library function, prints text or JSON | `model`, `wire`, `config`, `module`, `store`, `publish`, `serve`, `client`, `fixture` |
//! | [`config`] | settings with their origin, limits | `model` |
//! | [`model`] | validated newtypes and the data that passes between stages; no I/O, no clock | – |
//! | [`module`] | a directory or an upload → one checked snapshot; digests | `model` |
//! | [`compile`] | snapshots → descriptor set, or diagnostics | `model` |
//! | [`generate`] | the plugin catalogue and the embedded plugins | `model` |
//! | [`package`] | files → module tree, manifest, `.crate`, index line | `model` |
//! | [`publish`] | the only place that knows the order | `model`, `fail_point`, `module`, `compile`, `generate`, `package`, `store` |
//! | [`store`] | the only SQL and the only file writes | `model`, `fail_point` |
//! | [`serve`] | listener, routes, auth, limits, drain; the faces `cargo`, `rpc`, `web` | `model`, `wire`, `config`, `publish`, `store` |
//! | [`client`] | a program → server over the RPCs that `buf` uses; pushing a directory | `model`, `wire`, `module` |
//! | [`wire`] | the generated RPC messages and service traits, and conversions that both ends need | `model` |
//! | [`fail_point`] | places where a test can end the process | – |
//! | [`fixture`] | a registry for other projects' tests | `model`, `wire`, `config`, `serve`, `client` |
//! | [`fuzzing`] | the list of what reads strangers' bytes, for `make fuzz` | `compile`, `generate`, `model`, `module`, `serve` |

pub mod cli;
pub mod client;
pub mod compile;
pub mod config;
#[doc(hidden)]
pub mod fail_point;
pub mod fixture;
#[doc(hidden)]
pub mod fuzzing;
pub mod generate;
pub mod model;
pub mod module;
pub mod package;
pub mod publish;
pub mod serve;
pub mod store;
pub mod wire;
