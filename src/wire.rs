//! The RPCs as Rust: messages, service traits for the server, clients for the command line. Generated from
//! `assets/proto` by `src/build.rs`; this file gives them a place.
//!
//! Modules follow the Protobuf packages, [`buf::registry::module::v1`] and so on; [`registry::v1`] holds the RPCs that
//! are this registry's own. Beside them stand the few conversions that both ends need.

mod scope;
mod time;
mod warning;

pub use generated::{buf, registry};
pub use scope::{scope_from_wire, scope_to_wire};
pub use time::{time_from_wire, time_to_wire};
pub use warning::{WARNING_HEADER, decode_warning, encode_warning};

/// The schemas and what they import as an encoded `google.protobuf.FileDescriptorSet`, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/reflection.bin"));

/// Generated code is not written by hand, so lints about how code is written do not apply to it.
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    connectrpc::include_generated!();
}

#[cfg(test)]
mod tests;
