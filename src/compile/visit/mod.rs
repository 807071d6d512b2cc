//! Walks over the elements of a file.

pub(super) mod elements;
pub(super) mod elements_mut;
pub(super) mod message_at;
pub(super) mod option_messages;
pub(super) mod tag;
