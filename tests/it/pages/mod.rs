//! The pages.

mod around;
mod browser;
mod docs_names;
mod feature_picker;
mod hostile;
mod large;
mod module_page;
mod sdk_page;
mod sign_in;
mod since;
mod sources;
