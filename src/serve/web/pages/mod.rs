//! The pages: one file or folder each. `module` has the pages of one module.

pub(super) mod admin;
pub(super) mod audit;
pub(super) mod badge;
pub(super) mod device_login;
pub(super) mod help;
pub(super) mod home;
pub(super) mod module;
pub(super) mod plugins;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sign_in;
