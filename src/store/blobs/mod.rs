//! Crates in an object store: a bucket that all nodes of a registry share, with a cache on each node's disk.
//!
//! An object is named by the digest of its bytes, and is stored before the transaction that names it. It is never
//! written again: whoever finds it there already looks what it is. So an object is whole, or nobody names it; and one
//! that nobody names for a day is removed.

#[cfg(feature = "cluster")]
pub(in crate::store) mod address;
#[cfg(feature = "cluster")]
pub(in crate::store) mod blob_store;
#[cfg(feature = "cluster")]
mod bucket;
#[cfg(feature = "cluster")]
mod cache;
#[cfg(feature = "cluster")]
mod connector;
#[cfg(feature = "cluster")]
pub(in crate::store) mod credentials;
#[cfg(feature = "cluster")]
mod failure;
pub(in crate::store) mod place;
#[cfg(feature = "cluster")]
mod shared_reads;
#[cfg(feature = "cluster")]
#[cfg(test)]
mod tests;
