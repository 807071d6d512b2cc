//! The pages of one module: its tabs, the page of an SDK, comparisons and downloads.

mod changes_view;
pub(in crate::serve::web) mod commits;
pub(in crate::serve::web) mod compare;
pub(in crate::serve::web) mod dependencies;
mod dependency_graph;
pub(in crate::serve::web) mod docs;
pub(in crate::serve::web) mod downloads;
pub(in crate::serve::web) mod files;
pub(in crate::serve::web) mod sdk;
pub(in crate::serve::web) mod sdk_list;
pub(in crate::serve::web) mod settings;
mod since;
mod verdict_view;
pub(in crate::serve::web) mod webhooks;
