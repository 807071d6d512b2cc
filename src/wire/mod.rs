//! The RPCs as Rust, from the package `registry-proto`, and the few conversions that both ends need.
//!
//! Modules follow the Protobuf packages, [`buf::registry::module::v1`] and so on; [`registry::v1`] holds the RPCs that
//! are this registry's own.

mod base64;
mod findings;
pub mod restore;
mod scope;
mod time;
mod warning;

pub use findings::{findings_from_details, findings_to_detail};
pub use registry_proto::{FILE_DESCRIPTOR_SET, buf, grpc, registry};
pub use scope::{scope_from_wire, scope_to_wire};
pub use time::{time_from_wire, time_to_wire};
pub use warning::{
    ALLOW_BREAKING_HEADER, BREAKING_HEADER, NO_WAIT_HEADER, UNCHANGED_HEADER, WARNING_HEADER, decode_warning,
    encode_warning,
};

#[cfg(test)]
mod tests;
