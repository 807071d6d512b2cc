//! Tests with an object store in this process, and with one that does everything wrong.

mod crates;
mod failures;
mod hostile_server;
mod object_server;
mod objects;

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use self::object_server::{BUCKET, KEY_ID, ObjectServer, SECRET};
use super::address::BlobAddress;
use super::connector::Patience;
use crate::model::{Sha256Digest, Timestamp};

/// For servers that never answer: the tests wait for them.
const IMPATIENT: Patience = Patience {
    connect: Duration::from_secs(2),
    silence: Duration::from_millis(400),
    call: Duration::from_secs(3),
    pause: Duration::from_millis(1),
};

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

/// The place of crates on an object store.
fn address_on(server: &ObjectServer) -> BlobAddress {
    address_of(server, &format!("{BUCKET}/registry"))
}

fn address_of(server: &ObjectServer, place: &str) -> BlobAddress {
    address_at(place, server.port(), SECRET)
}

/// The file of an object there.
fn file_of(server: &ObjectServer, digest: &Sha256Digest) -> PathBuf {
    server.file_of(&digest.to_string())
}

/// Lets an object there be stored at this time.
fn set_stored(server: &ObjectServer, digest: &Sha256Digest, at: Timestamp) {
    let since = Duration::from_micros(at.as_micros().try_into().unwrap());
    server.set_stored(&digest.to_string(), UNIX_EPOCH + since);
}
