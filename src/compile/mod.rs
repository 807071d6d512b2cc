//! Snapshots become a descriptor set, or diagnostics that point into the sources.
