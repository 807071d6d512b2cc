//! The RPCs as Rust: messages, service traits for the server, clients for the command line. Generated from
//! `assets/proto` by `build.rs`.
//!
//! Modules follow the Protobuf packages, [`buf::registry::module::v1`] and so on; [`registry::v1`] holds the RPCs that
//! are this registry's own.

#![deny(unused_crate_dependencies)]

pub use generated::{buf, grpc, registry};

/// The schemas and what they import as an encoded `google.protobuf.FileDescriptorSet`, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/reflection.bin"));

/// Generated code is not written by hand, so lints about how code is written do not apply to it.
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    connectrpc::include_generated!();
}
