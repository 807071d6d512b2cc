//! Plugins: their names, their catalogue entries, and their output.

pub(super) mod catalogue_entry;
pub(super) mod external_plugin;
pub(super) mod generated;
pub(super) mod option_kind;
pub(super) mod plugin_ref;
