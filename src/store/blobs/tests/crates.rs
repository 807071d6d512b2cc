//! A store whose crates are in an object store, on both engines.

use std::path::Path;

use super::object_server::ObjectServer;
use super::{IMPATIENT, address_on, file_of, new_cache, set_stored};
use crate::model::{Sha256Digest, Timestamp};
use crate::store::blobs::address::BlobAddress;
use crate::store::blobs::blob_store::BlobStore;
use crate::store::db::statements::query::count;
use crate::store::jobs::job::Job;
use crate::store::testing::{Scratch, at, key, module_id, new_job, sdk};
use crate::store::{Sdk, Store, StoreError};

const DAY: i64 = 24 * 60 * 60;

/// The store of another node, with a cache of its own.
fn node(scratch: &Scratch, address: &BlobAddress) -> (tempfile::TempDir, Store) {
    let (dir, cache) = new_cache();
    let blobs = BlobStore::open_with(address, Some((cache, 1 << 20)), IMPATIENT).unwrap();
    (dir, Store::clone(scratch).with_blobs(blobs))
}

/// A job for the SDK of a new commit of `acme/pets`.
fn job(scratch: &Scratch, n: u8) -> Job {
    scratch.push_one(n, 1, &[], vec![new_job(n, "pets", "prost", &[])]);
    scratch.claim(at(3)).unwrap()
}

fn publish(scratch: &Scratch, store: &Store, n: u8, bytes: &[u8]) -> Sdk {
    let job = job(scratch, n);
    let made = sdk(&job, 1, bytes);
    store.publish_sdk(job.claim(), &made, bytes, at(4)).unwrap();
    made
}

fn read(store: &Store, sdk: &Sdk) -> crate::store::Result<Vec<u8>> {
    store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version).map(|bytes| bytes.unwrap().to_vec())
}

/// How many crates are in the database.
fn rows(store: &Store) -> u64 {
    store.read("test", |conn| count(conn, "SELECT count(*) FROM crate_blobs", [])).unwrap()
}

fn files_in(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap());
    entries.map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}

#[test]
fn those_who_want_a_crate_at_once_read_it_once() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_first_dir, first) = node(&scratch, &address_on(&server));
    let (_second_dir, second) = node(&scratch, &address_on(&server));
    let made = publish(&scratch, &first, 1, b"bytes");
    let before = server.requests();
    std::thread::scope(|scope| {
        let reads: Vec<_> = (0..8).map(|_| scope.spawn(|| read(&second, &made).unwrap())).collect();
        reads.into_iter().for_each(|bytes| assert_eq!(bytes.join().unwrap(), b"bytes"));
    });
    assert_eq!(server.requests(), before + 1);
}

#[test]
fn whoever_asks_is_told_how_the_object_store_is() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    assert_eq!(scratch.object_store_health(), None);
    let (_dir, store) = node(&scratch, &address_on(&server));
    assert_eq!(store.object_store_health(), Some(Ok(())));
    server.set_busy(true);
    assert_eq!(store.object_store_health(), Some(Err("the registry's object store is busy")));
    assert_eq!(server.requests(), 2, "it is asked once, and not again when it is busy");
}

#[test]
fn a_crate_is_in_the_bucket_alone_and_every_node_reads_it() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_first_dir, first) = node(&scratch, &address_on(&server));
    let (_second_dir, second) = node(&scratch, &address_on(&server));
    let made = publish(&scratch, &first, 1, b"bytes");
    assert_eq!((rows(&scratch), std::fs::read(file_of(&server, &made.checksum)).unwrap()), (0, b"bytes".to_vec()));
    for store in [&first, &second, &second] {
        assert_eq!(read(store, &made).unwrap(), b"bytes");
    }
    second.keep_reuse_index(&made.crate_name, &made.version, b"index").unwrap();
    let (index, bytes) = second.newest_reuse_index(&made.crate_name).unwrap().unwrap();
    assert_eq!((index.as_slice(), bytes.as_ref()), (&b"index"[..], &b"bytes"[..]));
    assert_eq!(first.sdk(&key(1, "prost")).unwrap(), Some(made.clone()));
    first.publish_sdk(scratch.job(&key(1, "prost")).unwrap().unwrap().claim(), &made, b"bytes", at(5)).unwrap();
    let without = read(&scratch, &made).unwrap_err();
    assert!(without.is_damage(), "a store without the bucket has no bytes: {without}");
    if !scratch.is_shared() {
        assert_eq!(first.structure_damage(true).unwrap(), Vec::<String>::new());
        assert_eq!(scratch.structure_damage(true).unwrap(), ["an SDK has no crate file: row 1"]);
    }
}

#[test]
fn crates_of_a_damaged_row_are_read_from_the_bucket_too() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_dir, store) = node(&scratch, &address_on(&server));
    let made = publish(&scratch, &store, 1, b"bytes");
    scratch.change_beside("UPDATE sdks SET index_line = 'x' || index_line");
    let rows = store.crate_rows(module_id(1), &made.crate_name).unwrap();
    assert_eq!(store.crate_bytes_of_row(&rows.damaged[0]).unwrap(), "bytes");
}

#[test]
fn crates_that_were_in_the_database_stay_there() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let before = publish(&scratch, &scratch, 1, b"before");
    let (_dir, store) = node(&scratch, &address_on(&server));
    let after = publish(&scratch, &store, 2, b"after");
    assert_eq!((read(&store, &before).unwrap(), read(&store, &after).unwrap()), (b"before".into(), b"after".into()));
    assert_eq!((rows(&scratch), files_in(&server.objects_dir())), (1, 1));
}

#[test]
fn a_lost_crate_is_damage_and_comes_back_into_the_database() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_dir, store) = node(&scratch, &address_on(&server));
    let made = publish(&scratch, &store, 1, b"bytes");
    std::fs::remove_file(file_of(&server, &made.checksum)).unwrap();
    assert_eq!(read(&store, &made).unwrap(), b"bytes", "from the cache");
    let (_other_dir, other) = node(&scratch, &address_on(&server));
    let damaged = other.damaged_reads();
    let error = read(&other, &made).unwrap_err();
    assert!(matches!(error, StoreError::NotInBlobs { .. }), "{error}");
    assert_eq!(other.damaged_reads(), damaged + 1);
    other.transaction("test", |tx| tx.put_crate_back(&made.key, b"bytes")).unwrap();
    assert_eq!((read(&other, &made).unwrap(), rows(&scratch)), (b"bytes".to_vec(), 1));
}

#[test]
fn nothing_is_published_while_the_object_store_fails_and_all_of_it_later() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_dir, store) = node(&scratch, &address_on(&server));
    let job = job(&scratch, 1);
    let made = sdk(&job, 1, b"bytes");
    server.set_busy(true);
    let error = store.publish_sdk(job.claim(), &made, b"bytes", at(4)).unwrap_err();
    assert!(matches!(error, StoreError::BlobsBusy { .. }) && !error.is_final(), "{error}");
    assert_eq!(scratch.sdk(&made.key).unwrap(), None);
    server.set_busy(false);
    store.publish_sdk(job.claim(), &made, b"bytes", at(5)).unwrap();
    server.set_busy(true);
    let (_other_dir, other) = node(&scratch, &address_on(&server));
    let error = read(&other, &made).unwrap_err();
    assert!(matches!(error, StoreError::BlobsBusy { .. }) && !error.is_damage(), "{error}");
    assert_eq!((read(&store, &made).unwrap(), other.damaged_reads()), (b"bytes".to_vec(), 0));
    assert_eq!(other.sdks_of_crate(module_id(1), &made.crate_name).unwrap(), [made], "the index is in the database");
}

#[test]
fn what_no_sdk_names_is_removed_after_a_day() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_dir, store) = node(&scratch, &address_on(&server));
    let made = publish(&scratch, &store, 1, b"bytes");
    // The process ends between the object and the transaction, which is refused here.
    let error = store
        .publish_sdk(
            scratch.job(&made.key).unwrap().unwrap().claim(),
            &Sdk { checksum: Sha256Digest::of(b"lost"), ..made.clone() },
            b"lost",
            at(5),
        )
        .unwrap_err();
    assert!(matches!(error, StoreError::AlreadyPublished(_)), "{error}");
    let lost = Sha256Digest::of(b"lost");
    for digest in [&made.checksum, &lost] {
        set_stored(&server, digest, at(10));
    }
    assert_eq!((store.orphans(at(10)).unwrap(), store.remove_orphans(at(10)).unwrap()), (0, 0), "it is not old enough");
    assert_eq!(scratch.orphans(at(DAY)).unwrap(), 0, "a store without a bucket has none");
    assert_eq!(store.orphans(at(11)).unwrap(), 1);
    assert_eq!(store.remove_orphans(at(11)).unwrap(), 1);
    assert!(!file_of(&server, &lost).exists() && file_of(&server, &made.checksum).exists());
    scratch.delete_modules(&[module_id(1)]).unwrap();
    assert_eq!(store.remove_orphans(at(11)).unwrap(), 1);
    assert_eq!(files_in(&server.objects_dir()), 0);
}

#[test]
fn an_object_that_may_be_removed_soon_is_not_relied_upon() {
    let (scratch, server) = (Scratch::with_modules(), ObjectServer::start());
    let (_dir, store) = node(&scratch, &address_on(&server));
    let bytes_of = |n: u8| vec![n; 8];
    let leave = |n: u8, stored: Timestamp| {
        // As a process leaves it that ends before the transaction.
        let digest = Sha256Digest::of(&bytes_of(n));
        let file = file_of(&server, &digest);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes_of(n)).unwrap();
        set_stored(&server, &digest, stored);
        digest
    };
    leave(1, at(0));
    let old = leave(2, at(4 - DAY / 2));
    publish(&scratch, &store, 1, &bytes_of(1));
    assert_eq!(rows(&scratch), 0, "an object of a moment ago is as good as a new one");
    let made = publish(&scratch, &store, 2, &bytes_of(2));
    assert_eq!(rows(&scratch), 1, "the bytes are in the database too");
    std::fs::remove_file(file_of(&server, &old)).unwrap();
    let damaged = leave(3, at(0));
    std::fs::write(file_of(&server, &damaged), "other").unwrap();
    let other = publish(&scratch, &store, 3, &bytes_of(3));
    let (_other_dir, other_node) = node(&scratch, &address_on(&server));
    assert_eq!((read(&other_node, &made).unwrap(), read(&other_node, &other).unwrap()), (bytes_of(2), bytes_of(3)));
}
