//! `buf.registry.owner.v1`: one file per service.

pub(super) mod organizations;
pub(super) mod owners;
pub(super) mod users;
