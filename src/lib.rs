//! A self-hosted Protobuf schema registry for Rust.
//!
//! # The life of one push
//!
//! ```text
//! directory or upload ─▶ module ─▶ compile ─▶ generate ─▶ package ─▶ store ─▶ serve
//!                       snapshot   descriptors  files      .crate     rows     HTTP
//! ```
//!
//! | layer | owns | may use |
//! |---|---|---|
//! | [`cli`] | one file per command: declares flags, calls a library function, prints text or JSON | `config`, `client`, `serve`, `publish`, `fixture` |
//! | [`config`] | settings with their origin, limits | `model` |
//! | [`model`] | validated newtypes and the data that passes between stages; no I/O, no clock | – |
//! | [`module`] | a directory or an upload → one checked snapshot; digests | `model` |
//! | [`compile`] | snapshots → descriptor set, or diagnostics | `model` |
//! | [`generate`] | the plugin catalogue and the embedded plugins | `model` |
//! | [`package`] | files → module tree, manifest, `.crate`, index line | `model` |
//! | [`publish`] | the only place that knows the order | all above and `store` |
//! | [`store`] | the only SQL and the only file writes | `model` |
//! | [`serve`] | listener, routes, auth, limits, drain; the faces `cargo`, `rpc`, `web` | `publish`, `store`, `config` |
//! | [`client`] | command line → server over the RPCs that `buf` uses | `model`, `wire` |
//! | [`wire`] | the generated RPC messages and service traits; used by `serve` and `client` | – |
//! | [`fixture`] | a registry for other projects' tests | `serve`, `client` |

pub mod cli;
pub mod client;
pub mod compile;
pub mod config;
pub mod fixture;
pub mod generate;
pub mod model;
pub mod module;
pub mod package;
pub mod publish;
pub mod serve;
pub mod store;
pub mod wire;
