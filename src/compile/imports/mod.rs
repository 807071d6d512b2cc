//! The files that take part, their imports, and the bounds on the work that they ask for.

pub(super) mod load;
pub(super) mod loaded;
pub(super) mod order;
pub(super) mod visibility;
pub(super) mod work_limits;
