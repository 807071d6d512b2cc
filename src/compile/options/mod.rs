//! Options: where they may stand, the pool that knows their types, and their values.

pub(super) mod interpret;
pub(super) mod literal_locations;
pub(super) mod packed;
pub(super) mod placement;
pub(super) mod pool;
pub(super) mod pool_limits;
pub(super) mod pool_quirks;
pub(super) mod value;
