//! The pages: one file or folder each.

pub(super) mod admin;
pub(super) mod commits;
pub(super) mod compare;
pub(super) mod dependencies;
pub(super) mod device_login;
pub(super) mod docs;
pub(super) mod downloads;
pub(super) mod files;
pub(super) mod home;
pub(super) mod plugins;
pub(super) mod sdk;
pub(super) mod sdk_list;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sign_in;
