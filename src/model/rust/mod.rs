//! Rust code as generators and users write it.

pub(super) mod attribute;
pub(super) mod numbered_names;
pub(super) mod rust_ident;
pub(crate) mod tokens;
