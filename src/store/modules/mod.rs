//! Modules with all that is pushed to them. A push is one [`write_set::WriteSet`].

pub(super) mod commit;
pub(super) mod commit_changes;
pub(super) mod commit_row;
pub(super) mod dependency_access;
pub(super) mod detail_search;
pub(super) mod file_search;
pub(super) mod history;
pub(super) mod label;
pub(super) mod module;
pub(super) mod namesakes;
mod outline;
pub(super) mod push_turn;
pub(super) mod search_index;
mod search_words;
pub(super) mod symbol_search;
pub(super) mod verdict;
pub(super) mod visibility;
pub(super) mod write_set;
