//! Compares all that a store holds with its digests, and makes crates again from their sources:
//! those that are stored, or a user's own.

mod from_sources;
mod regenerate;
mod verification;

pub use from_sources::{LockedCrate, SourceProof, SourceProver, Unproven};
pub use regenerate::{NotRegenerated, Regenerated};
pub use verification::{Depth, Verification, copy_damage, copy_damage_aside, damage_summary, verify};
