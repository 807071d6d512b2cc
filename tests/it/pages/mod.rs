//! The pages.

mod browser;
mod docs_names;
mod hostile;
mod large;
mod sign_in;
