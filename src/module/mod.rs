//! A directory or an upload becomes one checked snapshot; digests of modules.
