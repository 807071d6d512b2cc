//! The parsers of the faces, for `tests/fuzz`.

pub(crate) use super::cargo::fuzzing::{conditional_headers, index_path};
pub(crate) use super::rpc::fuzzing::{frames, paging};
pub(crate) use super::web::fuzzing::{archive, markdown, source};
