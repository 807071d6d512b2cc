//! Check plugins of `buf lint` and `buf breaking`: named programs in WebAssembly, with commits and labels as modules have
//! them. Nothing here runs them.

pub(super) mod commit;
pub(super) mod label;
pub(super) mod plugin;

#[cfg(test)]
mod tests;
