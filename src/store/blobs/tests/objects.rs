//! Objects are stored once and read whole.

use super::object_server::{BUCKET, Conditional, ObjectServer};
use super::{IMPATIENT, address_at, address_of, address_on, file_of, new_cache};
use crate::model::{Sha256Digest, Timestamp};
use crate::store::StoreError;
use crate::store::blobs::blob_store::BlobStore;
use crate::store::blobs::bucket::Bucket;
use crate::store::blobs::connector::Patience;
use crate::store::blobs::failure::Failure;

/// As the default, but the pauses of a test are short.
const PATIENT: fn() -> Patience = || Patience { pause: IMPATIENT.pause, ..Patience::default() };

fn bucket(server: &ObjectServer) -> Bucket {
    Bucket::open(&address_on(server), PATIENT()).unwrap()
}

#[test]
fn an_object_is_stored_once_read_listed_and_removed() {
    let server = ObjectServer::start();
    let (bucket, digest) = (bucket(&server), Sha256Digest::of(b"bytes"));
    assert_eq!(bucket.get(&digest).unwrap_err(), Failure::Absent);
    bucket.put_new(&digest, b"bytes").unwrap();
    assert_eq!(std::fs::read(file_of(&server, &digest)).unwrap(), b"bytes");
    assert_eq!(bucket.key(&digest), format!("registry/sha256/{}/{digest}", &digest.to_string()[..2]));
    let object = bucket.get(&digest).unwrap();
    assert_eq!(object.bytes, "bytes");
    assert_eq!(bucket.put_new(&digest, b"bytes").unwrap_err(), Failure::Exists);
    let page = bucket.list(None).unwrap();
    assert_eq!(page.objects.iter().map(|listed| listed.digest).collect::<Vec<_>>(), [digest]);
    assert!((page.objects[0].stored.as_seconds() - object.stored.as_seconds()).abs() <= 1 && page.next.is_none());
    assert!(!bucket.delete_older(&digest, object.stored).unwrap(), "it is not older");
    let later = Timestamp::from_micros(object.stored.as_micros() + 1_000_000);
    assert_eq!([0; 2].map(|_| bucket.delete_older(&digest, later).unwrap()), [true, false]);
    assert_eq!(bucket.get(&digest).unwrap_err(), Failure::Absent);
}

#[test]
fn an_object_is_never_written_again_and_one_of_other_bytes_is_not_read() {
    for conditional in [Conditional::Known, Conditional::Unknown] {
        let server = ObjectServer::start_with(conditional);
        let (bucket, digest) = (bucket(&server), Sha256Digest::of(b"bytes"));
        bucket.put_new(&digest, b"bytes").unwrap();
        std::fs::write(file_of(&server, &digest), "other").unwrap();
        assert_eq!(bucket.put_new(&digest, b"bytes").unwrap_err(), Failure::Exists);
        assert_eq!(std::fs::read(file_of(&server, &digest)).unwrap(), b"other");
        assert_eq!(bucket.get(&digest).unwrap_err(), Failure::OtherBytes);
    }
}

#[test]
fn conditions_are_asked_for_no_more_when_they_are_not_known() {
    let server = ObjectServer::start_with(Conditional::Unknown);
    let bucket = bucket(&server);
    bucket.put_new(&Sha256Digest::of(b"one"), b"one").unwrap();
    assert_eq!(server.requests(), 3, "with a condition, whether it is there, without");
    bucket.put_new(&Sha256Digest::of(b"two"), b"two").unwrap();
    assert_eq!(server.requests(), 5);
}

#[test]
fn a_check_finds_out_that_conditions_are_ignored() {
    let server = ObjectServer::start_with(Conditional::Ignored);
    let (_dir, cache) = new_cache();
    let blobs = BlobStore::open_with(&address_on(&server), Some((cache, 1000)), PATIENT()).unwrap();
    blobs.check().unwrap();
    let digest = Sha256Digest::of(b"bytes");
    std::fs::create_dir_all(file_of(&server, &digest).parent().unwrap()).unwrap();
    std::fs::write(file_of(&server, &digest), "other").unwrap();
    assert!(!blobs.keep(&digest, b"bytes", Timestamp::from_micros(0)).unwrap());
    assert_eq!(std::fs::read(file_of(&server, &digest)).unwrap(), b"other");
}

#[test]
fn objects_are_listed_in_pages_and_what_is_not_ours_is_left_out() {
    let server = ObjectServer::start();
    let bucket = bucket(&server);
    assert_eq!(bucket.list(None).unwrap().objects, []);
    let mut digests: Vec<_> = (0..1005_u32).map(|n| Sha256Digest::of(&n.to_le_bytes())).collect();
    for digest in &digests {
        let file = file_of(&server, digest);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }
    let dir = server.objects_dir();
    for other in ["00/readme.txt".to_owned(), format!("00/ff{}", "0".repeat(62)), format!("{}", digests[0])] {
        std::fs::create_dir_all(dir.join(&other).parent().unwrap()).unwrap();
        std::fs::write(dir.join(other), "").unwrap();
    }
    let (mut listed, mut after, mut pages) = (vec![], None, 0);
    loop {
        let page = bucket.list(after).unwrap();
        listed.extend(page.objects.iter().map(|object| object.digest));
        pages += 1;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    digests.sort();
    assert_eq!((pages, listed.len()), (2, 1005));
    assert_eq!(listed, digests);
}

#[test]
fn a_prefix_is_a_place_of_its_own() {
    let server = ObjectServer::start();
    let digest = Sha256Digest::of(b"bytes");
    let [root, other] = [BUCKET.to_owned(), format!("{BUCKET}/registry2")]
        .map(|place| Bucket::open(&address_of(&server, &place), PATIENT()).unwrap());
    root.put_new(&digest, b"bytes").unwrap();
    assert_eq!(root.key(&digest), format!("sha256/{}/{digest}", &digest.to_string()[..2]));
    assert_eq!(other.get(&digest).unwrap_err(), Failure::Absent);
    assert_eq!(bucket(&server).list(None).unwrap().objects, []);
    assert_eq!(root.list(None).unwrap().objects.len(), 1);
}

#[test]
fn a_bucket_can_be_used_and_dropped_on_every_thread() {
    let server = ObjectServer::start();
    let digest = Sha256Digest::of(b"bytes");
    bucket(&server).put_new(&digest, b"bytes").unwrap();
    for mut runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let runtime = runtime.enable_all().build().unwrap();
        let bucket = bucket(&server);
        runtime.block_on(async move {
            assert_eq!(bucket.get(&digest).unwrap().bytes, "bytes");
            drop(bucket);
        });
    }
    let shared = std::sync::Arc::new(bucket(&server));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(shared.get(&digest).unwrap().bytes, "bytes"));
        }
    });
}

#[test]
fn a_check_tells_a_bucket_that_is_missing_or_refused() {
    let server = ObjectServer::start();
    let check = |address| {
        let (_dir, cache) = new_cache();
        BlobStore::open_with(&address, Some((cache, 1000)), PATIENT()).unwrap().check()
    };
    check(address_on(&server)).unwrap();
    check(address_on(&server)).unwrap();
    let missing = check(address_of(&server, "other-crates")).unwrap_err();
    assert!(matches!(missing, StoreError::NoBucket { .. }), "{missing}");
    assert!(missing.to_string().contains("s3://other-crates at http://127.0.0.1:"), "{missing}");
    let refused = check(address_at(BUCKET, server.port(), "another")).unwrap_err();
    assert!(matches!(refused, StoreError::BlobsRefused { .. }), "{refused}");
    assert!(refused.to_string().contains("403 SignatureDoesNotMatch"), "{refused}");
    for error in [missing, refused] {
        let text = error.to_string();
        assert!(!text.contains('<') && !text.contains('\n') && !text.contains("another\""), "{text}");
    }
}

#[test]
fn a_crate_is_read_from_the_cache_and_again_from_the_bucket_when_that_is_damaged() {
    let server = ObjectServer::start();
    let (_dir, cache) = new_cache();
    let blobs = BlobStore::open_with(&address_on(&server), Some((cache.clone(), 1000)), PATIENT()).unwrap();
    let (digest, at) = (Sha256Digest::of(b"bytes"), Timestamp::from_micros(0));
    assert!(blobs.keep(&digest, b"bytes", at).unwrap());
    let read = || blobs.read(&digest, &|| "crate x".into()).unwrap();
    let requests = server.requests();
    assert_eq!(read(), "bytes");
    assert_eq!(server.requests(), requests, "from the cache");
    std::fs::write(cache.join(digest.to_string()), "other").unwrap();
    assert_eq!((read(), read()), ("bytes".into(), "bytes".into()));
    assert_eq!(server.requests(), requests + 1);
    assert!(matches!(blobs.keep(&digest, b"other", at), Err(StoreError::Damaged(_))), "digest and bytes must agree");
}
