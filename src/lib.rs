//! A self-hosted Protobuf schema registry for Rust.
//!
//! # The life of one push
//!
//! ```text
//! directory or upload ─▶ module ─▶ compile ─▶ generate ─▶ package ─▶ store ─▶ serve
//!                       snapshot   descriptors  files      .crate     rows     HTTP
//! ```
//!
//! How to add a page, an RPC, a plugin version or a column stands in `.github/CONTRIBUTING.md`. What a layer may use is
//! checked by a test, which also holds the reasons (`tests/it/source/layering.rs`). Another one checks
//! that the files inside a layer do not use each other in a circle (`tests/it/source/circles.rs`).
//!
//! `src/proto` and `src/fixture_client` are packages of their own: the messages of the RPCs, generated before this crate
//! is compiled, and the small crate with which other projects' tests start the program.
//!
//! | layer | owns | may use |
//! |---|---|---|
//! | [`cli`] | one file per command: declares flags, calls a library function, prints text or JSON | `model`, `wire`, `config`, `module`, `store`, `publish`, `actions`, `serve`, `client`, `fixture`, `trace` |
//! | [`config`] | settings with their origin, the logins of a user, mirror sources | `model` |
//! | [`model`] | validated newtypes and the data that passes between stages; no I/O, no clock | – |
//! | [`module`] | a directory or an upload → one checked snapshot; digests | `model` |
//! | [`breaking`] | two versions of descriptors → what breaks: the rules of `buf breaking`, and changes with their effect on Rust | `model` |
//! | [`compile`] | snapshots → descriptor set, or diagnostics | `model`, `memory_budget` |
//! | [`generate`] | the plugin catalogue and the embedded plugins | `model` |
//! | [`package`] | files → module tree, manifest, `.crate`, index line | `model` |
//! | [`publish`] | the only place that knows the order | `model`, `fail_point`, `memory_budget`, `metrics`, `trace`, `module`, `breaking`, `compile`, `generate`, `package`, `store` |
//! | [`store`] | the only SQL, and the only writer of the database, its crates and its backups | `model`, `fail_point` |
//! | [`actions`] | who may change what, and the rules of every change, with its record in the audit log | `model`, `publish`, `store` |
//! | [`serve`] | listener, routes, auth, limits, drain; the faces `cargo`, `rpc`, `web` | `model`, `metrics`, `trace`, `wire`, `config`, `publish`, `store`, `actions` |
//! | [`client`] | a program → server over the RPCs that `buf` uses; pushing a directory, mirroring a module | `model`, `wire`, `module` |
//! | [`wire`] | the generated RPC messages and service traits, and conversions that both ends need | `model` |
//! | [`fail_point`] | places where a test can end the process | – |
//! | [`memory_budget`] | memory that work waits for before it starts | – |
//! | [`metrics`] | counters and histograms of a running registry | – |
//! | [`trace`] | spans for OpenTelemetry, and the queue from which they are sent | – |
//! | [`fixture`] | a registry for other projects' tests | `model`, `wire`, `config`, `serve`, `client` |
//! | [`fuzzing`] | the list of what reads strangers' bytes, for `make fuzz` | `compile`, `generate`, `model`, `module`, `serve` |
//!
//! # Nine ways through
//!
//! Every request comes in by one door: the accept loop and the router of [`serve`] (`http/`), which decide where the
//! request was sent to, who asks (`auth`) and what it may weigh, before a handler of one of the three faces runs.
//!
//! **A push.** `registry push` reads the directory with [`module`] and uploads it with [`client`]; `buf push` sends the
//! same RPC. The handler (`serve/rpc`) checks names and rights and calls [`publish::Publisher::push`]. There
//! [`compile`] turns the snapshot and the commits that it depends on into descriptors, or findings; [`breaking`]
//! compares them with the head of the default label, if the push goes there; the push is squashed against the heads of
//! its labels; and one transaction of the [`store`] takes in the commit, its files, labels and a job for each SDK that
//! is due. From here the push is durable. Workers (`publish/queue`) take the jobs: [`generate`], [`package`], perhaps
//! `cargo check`, and one transaction that makes the crate visible. `publish/build` decides for each crate, by the
//! memory that it is estimated to take, whether this process makes it or one of its own. The reply waits for them up to
//! `--push-wait`.
//!
//! **An index request.** Cargo asks for the page of a crate (`serve/cargo`). If nobody keeps that crate generated, the
//! request starts it (`publish/queue`, on demand); it waits for jobs of that crate that are in flight, 25 s at most,
//! and renders the page from the index lines that were stored with each version. Pages are kept until something
//! changes. A view, `/gen/cargo/@LABEL/` or `@2026-11-01/`, lists other versions (`serve/cargo/views`): its pages are
//! made at every request, and crates of a label are packed again under the view's version.
//!
//! **`buf push`, `buf generate`, `buf dep update`.** The RPCs of `assets/proto` over Connect, gRPC and gRPC-Web
//! (`serve/rpc`, one file per service). [`wire`] holds what both ends need. Remote generation runs a plugin on a
//! request that somebody sent, in this process or in one of its own, and stores nothing.
//!
//! **A page.** `serve/web` finds caller, module and commit once (`page/`), and a file per page (`pages/`) fills the
//! struct of its template. A page has a deadline and a largest size; forms are taken from our own pages only.
//!
//! **A token.** Its secret is shown once and stored as a hash. `serve/auth` turns the header of a request, in any of
//! the forms that cargo and buf use, or the cookie of a session, into a caller with a scope; `actions/access` says what
//! that caller may read. What a caller may not read does not exist for them. On the user's side [`config::client`]
//! keeps the tokens, an entry per server in one file; `cli/commands/setup/login` makes them, and hands cargo the one of
//! the index that it asks about.
//!
//! **A change that a person makes**, by an RPC, a form or the command line: the face reads the request and calls one
//! function of [`actions`], which checks the right and the rules, and stores the change together with its record in the
//! audit log, in one transaction of the [`store`].
//!
//! **A webhook.** A change that webhooks tell of is announced in its own transaction: the `store` writes a delivery for
//! each webhook of the module that tells of the event. A task of the server (`serve/tasks/webhooks`) takes the deliveries whose
//! time has come, calls the receivers, and records what came of it; a delivery that failed gets a time for its next try.
//!
//! **A change by another server** of the same database. Every transaction says what it makes stale, and the database numbers
//! those that make anything stale. Before the router dispatches a request, it waits for a look at that number that began
//! after the request came (`serve/freshness`, `serve/tasks/freshness_reader`); what others have changed since the last look
//! is forgotten here, by module where that is enough, and who waits for it is woken.
//!
//! **A restore over the network.** `registry serve --await-restore` listens before there is a store (`serve/restore`),
//! and answers nothing else. A thread of its own writes the upload, compares all of it and puts the data directory in
//! its place, by the same functions as `registry restore` on the machine itself; then the same process serves it.
//!
//! # Threads and locks
//!
//! - Tokio's threads run connections. Every call of the store blocks, so handlers make it under `block_in_place`; pages
//!   run on blocking threads, as many at a time as `serve/web` has places for.
//! - Compiling has a pool of its own, so that a push waits for no other work of that kind. Generators run on a thread
//!   with a large stack, under `catch_unwind`.
//! - Workers are plain threads, `sdk-0` and on, one for small SDKs only, one for those that are made in a process of
//!   their own, one that catches up with newer plugins. They hold no state that a restart needs: a job is a row.
//! - Webhooks are called by one task of tokio and a task for each call: so many at the same time, and one for each
//!   webhook. Looking up hosts takes a few blocking threads of its own.
//! - What else runs beside requests stands in `serve/tasks`: a thread writes the audit log file, one the counts of
//!   downloads, one makes backups, and a task of tokio for each `[[mirror]]` takes its module in. A task of tokio
//!   serves `--metrics-listen`. [`serve::run`] starts all of them, and ends them after the last request.
//! - The store has one writer behind a mutex and a bounded number of readers. One server writes to a data directory: a
//!   lock on the directory refuses a second. A short command, `registry token --data-dir`, may write beside it.
//! - A call of a store on PostgreSQL waits as long as the server has a process that works on it, and asks over another
//!   connection whether it has. A server that says no word is waited for by one, and refused to others at once, so that
//!   every thread comes back, and a server of ours ends when it is told to.
//! - [`publish::Publisher`] holds one lock from reading the heads of labels to moving them, which makes the times of
//!   releases increase. Nothing is compiled while it is held. The order of locks: a turn to push, fetching from an
//!   upstream, the heads of labels, the store's writer. The store holds no lock while a plugin runs or a response is
//!   sent.
//! - Memory is a budget that work takes from before it starts and gives back when it is dropped: one for compiling, one
//!   for generating, one for requests and responses.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | owner | a user or an organization; the first part of a module's name |
//! | module | `owner/name`: what is pushed; commits and labels |
//! | commit | the content of a module at one time, immutable |
//! | gate | what is done with a push that breaks users of the default label's head: off, warn or refuse, by category; the module's, else its owner's, else the server's |
//! | verdict | how many changes of a commit break, by category, for users of the release before |
//! | history | in which release of the default label each declaration of a module came, and became deprecated; kept with the head |
//! | label | a name for a commit that can move, with its history; one is the module's default label |
//! | resting name | the name of a deleted owner, which nobody else may take for a while |
//! | retired version | a version of a crate of a deleted module: no other bytes are ever published as it |
//! | release | a commit that was pushed to the default label: its crates carry a time |
//! | snapshot | the files of one push, checked |
//! | plugin | a code generator, `owner/name`, with versions and their revisions; embedded, or an external plugin: a program |
//! | check plugin | a program in WebAssembly that `buf lint` and `buf breaking` run: kept for them, with commits and labels, and never run here |
//! | catalogue | all plugins that this registry knows |
//! | SDK | what one plugin version makes of one commit: one version of one crate |
//! | job | the making of one SDK, as a row: queued, running, or failed |
//! | interest | "keep this module generated with this plugin on this label" |
//! | module options | what the `registry.yaml` of a commit asks for its crates |
//! | b4, b5 | digests of a commit by which buf recognizes it; b4 is that of API version v1beta1 |
//! | view | an index for cargo in which a label's head is the newest release, or which is as of a moment |
//! | outline | what the files of a commit declare, kept with it, so that a page need not compile all of it |
//! | history | since which release each declaration of a module's default label is there, or deprecated |
//! | check plugin | a program that `buf lint` and `buf breaking` run; commits and labels as those of modules |
//! | trace | spans of a request, a push or the making of an SDK, sent to a receiver of OTLP |
//! | schema | the descriptors of a commit, or of some of its symbols, for programs without generated code |
//! | webhook | an address that is called when something happens to a module, or to any module of an owner |
//! | delivery | one event for one webhook, as a row: pending, delivered or failed |
//! | upstream | another registry whose modules are mirrored here, with their commit ids |

// The table above names layers that nothing outside this crate uses.
#![allow(rustdoc::private_intra_doc_links)]
// Tests and the fuzzer have dependencies that this library does not use.
#![cfg_attr(not(any(test, feature = "fuzz-guided")), warn(unused_crate_dependencies))]

pub(crate) mod actions;
pub mod breaking;
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
mod memory_budget;
pub mod metrics;
pub mod model;
pub mod module;
pub mod package;
pub mod publish;
pub mod serve;
pub mod store;
#[doc(hidden)]
pub mod trace;
pub mod wire;

// The program's allocator, which only `main.rs` names.
use mimalloc as _;
