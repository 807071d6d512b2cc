//! The rules of all changes that people make, one file for each subject. The same rule holds for RPCs, pages and the
//! command line.
//!
//! A face parses a request, calls one function of this layer with an [`Actor`], and shows the result. The function
//! checks the caller's right and the request, and stores the change together with its record in the audit log, in one
//! transaction: a change that cannot be recorded is not made.

pub(crate) mod access;
mod actor;
pub(crate) mod audit;
mod caller;
pub(crate) mod check_plugins;
pub(crate) mod device_logins;
mod error;
pub(crate) mod field_rules;
pub(crate) mod foreign_settings;
pub(crate) mod interests;
pub(crate) mod labels;
pub(crate) mod local_login;
pub(crate) mod members;
pub(crate) mod modules;
pub(crate) mod organizations;
pub(crate) mod restore;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod tokens;
pub(crate) mod upkeep;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod webhooks;
pub(crate) mod yank;

pub(crate) use actor::{Actor, Observer};
pub(crate) use caller::Caller;
pub(crate) use error::{ActionError, ErrorKind};
