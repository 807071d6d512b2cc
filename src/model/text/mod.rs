//! Texts of users: invisible characters, and suggestions for misspelt names.

pub(super) mod hidden;
pub(super) mod suggestion;
