//! Plugins: how they are named, what the catalogue says of them, and what they answer.

pub(super) mod catalogue_entry;
pub(super) mod external_plugin;
pub(super) mod generated;
pub(super) mod option_kind;
pub(super) mod plugin_ref;
