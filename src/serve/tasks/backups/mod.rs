//! Backups of everything: those that the server makes by itself, and the one that an administrator downloads.

pub(in crate::serve) mod download;
pub(in crate::serve) mod schedule;
