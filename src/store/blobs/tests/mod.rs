//! Tests with an object store in this process, and with one that does everything wrong.

mod crates;
mod failures;
mod hostile_server;
mod object_server;
mod objects;

use std::path::PathBuf;
use std::time::Duration;

use super::address::BlobAddress;
use super::connector::Patience;

/// For servers that never answer: the tests wait for them.
const IMPATIENT: Patience = Patience {
    connect: Duration::from_secs(2),
    silence: Duration::from_millis(400),
    call: Duration::from_secs(3),
    pause: Duration::from_millis(1),
};

const KEY_ID: &str = "AKIDOFTESTS";
const SECRET: &str = "secret-of-tests";

/// The address `place` on a server of this machine.
fn address_at(place: &str, port: u16, secret: &str) -> BlobAddress {
    let text = format!("s3://{place}?endpoint=http://127.0.0.1:{port}");
    let variable = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" => Some(KEY_ID.into()),
        "AWS_SECRET_ACCESS_KEY" => Some(secret.into()),
        _ => None,
    };
    BlobAddress::parse(&text, variable).unwrap()
}

/// A directory for a cache that does not exist yet.
fn new_cache() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("crates");
    (dir, cache)
}
