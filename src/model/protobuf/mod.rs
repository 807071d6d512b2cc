//! Compiled sources, and findings in sources.

pub(super) mod declaration_id;
pub(super) mod declaration_kind;
pub(super) mod declared_types;
pub(super) mod descriptor;
pub(super) mod diagnostic;
pub(super) mod field;
pub(super) mod outline;
pub(super) mod well_known;
