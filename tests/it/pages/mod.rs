//! The pages.

mod around;
mod browser;
mod docs_names;
mod feature_picker;
mod hostile;
mod huge;
mod large;
mod module_page;
mod plugin_page;
mod sdk_page;
mod search;
mod sign_in;
mod since;
mod sources;
