//! Users and organizations, their settings, and how users sign in.

pub(super) mod device_login;
pub(super) mod owner;
pub(super) mod resting_name;
pub(super) mod session;
pub(super) mod settings;
pub(super) mod token;
