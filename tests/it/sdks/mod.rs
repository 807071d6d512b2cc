//! What becomes of schemas: crates of every plugin, their names, bytes and cost.

pub(crate) mod edge_modules;
pub(crate) mod edges;
mod editions;
mod external;
mod families;
mod generation_cost;
mod golden;
mod google_types;
mod module_options;
mod plugin_contract;
mod plugins;
mod reuse;
mod unseen_names;
mod validation;
