//! Generated files become a crate: module tree, manifest, archive, index line.
