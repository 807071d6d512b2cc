//! The rules of everything that people change, one file a subject: whoever comes by an RPC, a page or the command line,
//! the same rule holds.
//!
//! A face reads what was asked for, calls one function here with an [`Actor`], and shows what came of it. A function
//! checks the caller's right and the request, and stores the change together with its record in the audit log, in one
//! transaction: what cannot be recorded is not done.

pub(crate) mod access;
mod actor;
mod caller;
mod error;
pub(crate) mod field_rules;
pub(crate) mod interests;
pub(crate) mod labels;
pub(crate) mod members;
pub(crate) mod modules;
pub(crate) mod organizations;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod yank;

pub(crate) use actor::{Actor, Observer};
pub(crate) use caller::Caller;
pub(crate) use error::{ActionError, ErrorKind};
