//! Backups of everything: those that the server makes by itself, and the one that an administrator downloads.

pub(super) mod download;
pub(super) mod schedule;
