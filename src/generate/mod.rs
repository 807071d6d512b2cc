//! The plugin catalogue and the embedded plugins: descriptors become Rust files.
