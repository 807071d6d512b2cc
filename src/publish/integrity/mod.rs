//! Compares all that a store holds with its digests, and makes crates again from their sources.

mod regenerate;
mod verification;

pub use regenerate::{NotRegenerated, Regenerated};
pub use verification::{Depth, Verification, verify};
