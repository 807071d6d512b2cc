//! The RPCs as Rust: messages, service traits for the server, clients for the command line. Generated from
//! `assets/proto` by `src/build.rs`; this file only gives them a place and says which lints do not apply to them.
//!
//! Modules follow the Protobuf packages, `wire::buf::registry::module::v1` and so on; `wire::registry::v1` holds the
//! RPCs that are this registry's own.

#![allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

connectrpc::include_generated!();

/// The schemas and what they import as an encoded `google.protobuf.FileDescriptorSet`, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/reflection.bin"));
