//! An object store that fails is asked again where that may help, for a bounded time, and is told about in our words.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use super::hostile_server::{HostileServer, Reply};
use super::{IMPATIENT, address_at, new_cache};
use crate::model::{Sha256Digest, Timestamp};
use crate::store::StoreError;
use crate::store::blobs::address::BlobAddress;
use crate::store::blobs::blob_store::BlobStore;

fn digest() -> Sha256Digest {
    Sha256Digest::of(b"bytes")
}

fn open(address: &BlobAddress) -> (tempfile::TempDir, BlobStore) {
    let (dir, cache) = new_cache();
    (dir, BlobStore::open_with(address, Some((cache, 1000)), IMPATIENT).unwrap())
}

/// The error of reading an object from `server`, and how many requests it took.
fn read_error(server: &HostileServer) -> (StoreError, u32) {
    let (_dir, blobs) = open(&server.address());
    let started = Instant::now();
    let error = blobs.read(&digest(), &|| "crate x".into()).unwrap_err();
    assert!(started.elapsed() < IMPATIENT.call + Duration::from_secs(4), "{:?}: {error}", started.elapsed());
    let text = error.to_string();
    assert!(!text.contains('<') && !text.contains("error page") && text.lines().count() == 1, "{text}");
    (error, server.requests())
}

#[test]
fn a_busy_object_store_is_asked_again_and_then_told_to_be_busy() {
    let busy = HostileServer::start(|_| Reply::error("503 Slow Down", "SlowDown"));
    let (error, requests) = read_error(&busy);
    assert!(matches!(error, StoreError::BlobsBusy { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("503 SlowDown") && text.contains("s3://acme-crates/registry at http://127.0.0.1:"), "{text}");
    assert_eq!((requests, error.outage()), (5, "the registry's object store is busy"));
    let (_dir, blobs) = open(&busy.address());
    for error in [
        blobs.keep(&digest(), b"bytes", Timestamp::from_micros(0)).unwrap_err(),
        blobs.list(None).map(drop).unwrap_err(),
        blobs.remove_older(&digest(), Timestamp::from_micros(0)).unwrap_err(),
        blobs.check().unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::BlobsBusy { .. }), "{error}");
    }
}

#[test]
fn what_fails_only_for_now_is_not_told() {
    let recovering = HostileServer::start(|number| match number {
        0 => Reply::error("503 Slow Down", "SlowDown"),
        1 => Reply::of_length("200 OK", "by", 5),
        2 => Reply::of("200 OK", "other"),
        3 => Reply::Nothing,
        _ => Reply::of("200 OK", "bytes"),
    });
    let (_dir, blobs) = open(&recovering.address());
    assert_eq!(blobs.read(&digest(), &|| "crate x".into()).unwrap(), "bytes");
    assert_eq!(recovering.requests(), 5);
}

#[test]
fn an_object_store_that_says_nothing_or_too_little_is_not_reached() {
    for (reply, told) in [
        (Reply::Nothing, "nothing comes for 0.4 s"),
        (Reply::Drops, "nothing comes for 3 s"),
        (Reply::of_length("200 OK", "by", 5), "end of file before message length reached"),
        (
            Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n".to_vec()),
            "connection closed before message completed",
        ),
        (Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()), "HTTP"),
    ] {
        let server = HostileServer::start(move |_| reply.clone());
        let (error, _) = read_error(&server);
        assert!(matches!(error, StoreError::BlobsUnreachable { .. }), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
    // Nobody listens.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (_dir, blobs) = open(&address_at("acme-crates", port, "secret"));
    let error = blobs.check().unwrap_err();
    assert!(matches!(error, StoreError::BlobsUnreachable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn other_bytes_are_damage_and_a_missing_object_is_too() {
    let lying = HostileServer::start(|_| Reply::of("200 OK", "other"));
    let (error, _) = read_error(&lying);
    assert!(matches!(&error, StoreError::Damaged(what) if what == "crate x"), "{error}");
    let empty = HostileServer::start(|_| Reply::error("404 Not Found", "NoSuchKey"));
    let (error, requests) = read_error(&empty);
    assert!(matches!(error, StoreError::NotInBlobs { .. }) && error.is_damage(), "{error}");
    let key = format!("registry/sha256/{}/{}", &digest().to_string()[..2], digest());
    assert!(error.to_string().starts_with("crate x is lost") && error.to_string().contains(&key), "{error}");
    assert_eq!(requests, 1);
}

#[test]
fn a_refusal_is_told_at_once() {
    for (reply, told) in [
        (Reply::error("403 Forbidden", "AccessDenied"), "403 AccessDenied"),
        (Reply::error("301 Moved Permanently", "PermanentRedirect"), "301 PermanentRedirect"),
        (Reply::error("400 Bad Request", "AuthorizationHeaderMalformed"), "400 AuthorizationHeaderMalformed"),
        (Reply::of("401 Unauthorized", "<html>sign in</html>"), "401;"),
    ] {
        let server = HostileServer::start(move |_| reply.clone());
        let (error, requests) = read_error(&server);
        assert!(matches!(error, StoreError::BlobsRefused { .. }), "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(requests, 1);
    }
    let nowhere = HostileServer::start(|_| Reply::error("404 Not Found", "NoSuchBucket"));
    let (error, requests) = read_error(&nowhere);
    assert!(matches!(error, StoreError::NoBucket { .. }), "{error}");
    assert_eq!((requests, error.is_damage()), (1, false));
}

#[test]
fn what_is_no_object_store_is_told_to_be_none() {
    for page in ["<html>hello</html>", "", "<ListBucketResult><Contents><Key>x</Key></Contents></ListBucketResult>"] {
        let server = HostileServer::start(move |_| Reply::of("200 OK", page));
        let (_dir, blobs) = open(&server.address());
        match blobs.list(None) {
            Ok(listed) => assert_eq!(listed.objects, []),
            Err(error) => assert!(error.to_string().contains("what answers is no object store"), "{error}"),
        }
    }
}
