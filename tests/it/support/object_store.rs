//! An object store for the crates of registries of several nodes.

/// That of the store's own tests; they use more of it.
#[allow(dead_code)]
#[path = "../../../src/store/blobs/tests/object_server.rs"]
mod object_server;

pub(crate) use object_server::{BUCKET, KEY_ID, ObjectServer, SECRET};
