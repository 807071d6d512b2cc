//! The objects of one bucket. Every call blocks, tries again what may succeed, and ends in bounded time.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::future::Future;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, RetryConfig,
};
use tokio::runtime::Runtime;

use super::address::BlobAddress;
use super::connector::{Connector, Patience, within};
use super::failure::{Failure, failure_in};
use crate::model::{Sha256Digest, Timestamp};
use crate::store::db::blocking::blocking;

/// The most times that something is tried.
const TRIES: u32 = 5;

/// The most bytes of an object. A crate is never as large; what a broken server sends may be.
const LARGEST: usize = 256 << 20;

/// The objects in one page of a list.
const PAGE: usize = 1000;

/// An object that was read.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) bytes: Bytes,
    /// When it was stored, by the clock of the object store; long ago if that does not say.
    pub(super) stored: Timestamp,
}

/// An object in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct ListedObject {
    /// Of its bytes.
    pub(in crate::store) digest: Sha256Digest,
    /// When it was stored, by the clock of the object store.
    pub(in crate::store) stored: Timestamp,
}

/// Some objects, in the order of their names.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct ObjectPage {
    pub(in crate::store) objects: Vec<ListedObject>,
    /// The name after which the next page begins, if there may be one.
    pub(in crate::store) next: Option<String>,
}

/// The objects below the prefix of an address.
pub(super) struct Bucket {
    objects: Arc<Objects>,
    /// Of its own: whoever calls may have none, or one that ends. `None` only while it is dropped.
    runtime: Option<Runtime>,
    call: Duration,
}

impl Bucket {
    /// Opens it, without a request.
    ///
    /// # Errors
    /// When the system has no certificates or no thread for it, in words.
    pub(super) fn open(address: &BlobAddress, patience: Patience) -> Result<Self, String> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&address.bucket)
            .with_region(&address.region)
            .with_virtual_hosted_style_request(!address.path_style)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            // Not every object store can remove several objects with one request.
            .with_disable_bulk_delete(true)
            .with_allow_http(!address.is_encrypted())
            // Whole calls are tried again here: reading a body fails too, and each try needs a signature of its own.
            .with_retry(RetryConfig {
                max_retries: 0,
                retry_timeout: Duration::ZERO,
                backoff: BackoffConfig::default(),
            })
            .with_http_connector(Connector::new(address.needs_certificates(), patience)?);
        if let Some(endpoint) = address.bucket_endpoint() {
            builder = builder.with_endpoint(endpoint);
        }
        builder = address.credentials.sign(builder)?;
        let prefix = if address.prefix.is_empty() { "sha256".into() } else { format!("{}/sha256", address.prefix) };
        let objects = Objects {
            client: builder.build().map_err(|error| error.to_string())?,
            prefix: Path::parse(prefix).map_err(|error| error.to_string())?,
            conditional: AtomicBool::new(true),
            patience,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("blobs")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { objects: Arc::new(objects), runtime: Some(runtime), call: patience.call })
    }

    /// The name of the object with these bytes, below the bucket.
    pub(super) fn key(&self, digest: &Sha256Digest) -> String {
        self.objects.path(digest).to_string()
    }

    /// Stores an object that is not there yet.
    pub(super) fn put_new(&self, digest: &Sha256Digest, bytes: &[u8]) -> Result<(), Failure> {
        let (digest, payload) = (*digest, PutPayload::from(Bytes::copy_from_slice(bytes)));
        self.call(move |objects| {
            let payload = payload.clone();
            async move { objects.put_new(&digest, payload).await }
        })
    }

    /// The object with this digest, which its bytes have.
    pub(super) fn get(&self, digest: &Sha256Digest) -> Result<Object, Failure> {
        let digest = *digest;
        self.call(move |objects| async move { objects.get(&digest).await })
    }

    /// The objects after the name `after`, or the first ones.
    pub(super) fn list(&self, after: Option<String>) -> Result<ObjectPage, Failure> {
        self.call(move |objects| {
            let after = after.clone();
            async move { objects.list(after).await }
        })
    }

    /// Removes an object that was stored before this time; `false` if there is none.
    pub(super) fn delete_older(&self, digest: &Sha256Digest, before: Timestamp) -> Result<bool, Failure> {
        let digest = *digest;
        self.call(move |objects| async move { objects.delete_older(&digest, before).await })
    }

    /// Finds out whether the object store answers, by one question about an object that need not be there.
    pub(super) fn look_for(&self, digest: &Sha256Digest, limit: Duration) -> Result<(), Failure> {
        let path = self.objects.path(digest);
        self.on_runtime(move |objects| async move {
            match within(limit, objects.client.head(&path)).await.map(told)? {
                Ok(_) | Err(Failure::Absent) => Ok(()),
                Err(failure) => Err(failure),
            }
        })
    }

    /// From now on looks first whether an object is there: the object store writes whatever the condition says.
    pub(super) fn expect_no_conditions(&self) {
        self.objects.conditional.store(false, Ordering::Relaxed);
    }

    /// What `once` gives, after some tries.
    fn call<T, F>(&self, once: impl Fn(Arc<Objects>) -> F + Send + Sync + 'static) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let limit = self.call;
        self.on_runtime(move |objects| async move {
            let mut last = None;
            let tries = with_tries(objects.patience.pause, || once(Arc::clone(&objects)), &mut last);
            let done = within(limit, tries).await;
            // What was answered before says more than that the time is over.
            done.unwrap_or_else(|over| Err(last.unwrap_or(over)))
        })
    }

    /// What `work` gives. Waits on the thread that called, whichever that is.
    fn on_runtime<T, F>(&self, work: impl FnOnce(Arc<Objects>) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let ended = || Failure::Unreachable("the registry is ending".into());
        let runtime = self.runtime.as_ref().ok_or_else(ended)?;
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let work = work(Arc::clone(&self.objects));
        runtime.spawn(async move { _ = sender.send(work.await) });
        blocking(move || receiver.recv()).unwrap_or_else(|_| Err(ended()))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.objects.prefix)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // It may be dropped where nothing may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What `once` gives, tried again if that may help. `last` is the last failure.
async fn with_tries<T, F: Future<Output = Result<T, Failure>>>(
    pause: Duration,
    once: impl Fn() -> F,
    last: &mut Option<Failure>,
) -> Result<T, Failure> {
    for earlier in 0..TRIES - 1 {
        match once().await {
            Err(failure) if failure.is_temporary() => {
                tracing::debug!(%failure, "an object store is asked again");
                *last = Some(failure);
            }
            done => return done,
        }
        // Between half of the pause and the whole, so that nodes that met do not meet again.
        let chance = RandomState::new().hash_one(earlier) % 1000;
        tokio::time::sleep(pause * 2_u32.pow(earlier) * (500 + chance as u32 / 2) / 1000).await;
    }
    once().await
}

/// The result of the client in our words.
fn told<T>(result: object_store::Result<T>) -> Result<T, Failure> {
    result.map_err(|error| {
        if let Some(failure) = failure_in(&error) {
            return failure;
        }
        // It answered something that the client does not understand; its text may hold that.
        tracing::debug!(%error, "an object store answers what is no answer");
        Failure::Unreachable("what answers is no object store".into())
    })
}

/// What the tasks of a bucket share.
struct Objects {
    client: AmazonS3,
    /// Below which all objects are.
    prefix: Path,
    /// Whether it can store an object only if there is none of the name; until it says that it cannot.
    conditional: AtomicBool,
    patience: Patience,
}

impl Objects {
    /// `PREFIX/sha256/ab/abcd…`.
    fn path(&self, digest: &Sha256Digest) -> Path {
        let digest = digest.to_string();
        let (folder, _) = digest.split_at(2);
        self.prefix.clone().join(folder).join(digest.as_str())
    }

    async fn put_new(&self, digest: &Sha256Digest, payload: PutPayload) -> Result<(), Failure> {
        let path = self.path(digest);
        if self.conditional.load(Ordering::Relaxed) {
            let options = PutOptions::from(PutMode::Create);
            match told(self.client.put_opts(&path, payload.clone(), options).await) {
                Err(Failure::Unsupported(_)) => self.conditional.store(false, Ordering::Relaxed),
                stored => return stored.map(drop),
            }
        }
        match told(self.client.head(&path).await) {
            Ok(_) => Err(Failure::Exists),
            Err(Failure::Absent) => told(self.client.put(&path, payload).await).map(drop),
            Err(failure) => Err(failure),
        }
    }

    async fn get(&self, digest: &Sha256Digest) -> Result<Object, Failure> {
        let found = told(self.client.get(&self.path(digest)).await)?;
        let stored = Timestamp::from_micros(found.meta.last_modified.timestamp_micros());
        let mut parts = found.into_stream();
        let mut bytes = BytesMut::new();
        while let Some(part) = within(self.patience.silence, parts.next()).await? {
            bytes.extend_from_slice(&told(part)?);
            if bytes.len() > LARGEST {
                return Err(Failure::OtherBytes);
            }
        }
        let bytes = bytes.freeze();
        if Sha256Digest::of(&bytes) == *digest { Ok(Object { bytes, stored }) } else { Err(Failure::OtherBytes) }
    }

    /// Each try looks again: somebody may have stored it anew since it was listed, or since an earlier try removed it.
    async fn delete_older(&self, digest: &Sha256Digest, before: Timestamp) -> Result<bool, Failure> {
        let path = self.path(digest);
        let removed = match told(self.client.head(&path).await) {
            Ok(found) if Timestamp::from_micros(found.last_modified.timestamp_micros()) < before => {
                told(self.client.delete(&path).await).map(|()| true)
            }
            found => found.map(|_| false),
        };
        match removed {
            Err(Failure::Absent) => Ok(false),
            removed => removed,
        }
    }

    async fn list(&self, after: Option<String>) -> Result<ObjectPage, Failure> {
        let after = after.map(Path::from);
        let mut listed = match &after {
            Some(after) => self.client.list_with_offset(Some(&self.prefix), after),
            None => self.client.list(Some(&self.prefix)),
        };
        let mut page = ObjectPage::default();
        let mut seen = 0;
        while let Some(found) = within(self.patience.silence, listed.next()).await? {
            let found = told(found)?;
            // An object store that begins again from the start would be asked without end.
            if after.as_ref().is_some_and(|after| found.location <= *after) {
                continue;
            }
            // What has another name is not ours.
            let digest = found.location.filename().and_then(|name| name.parse::<Sha256Digest>().ok());
            if let Some(digest) = digest.filter(|digest| self.path(digest) == found.location) {
                let stored = Timestamp::from_micros(found.last_modified.timestamp_micros());
                page.objects.push(ListedObject { digest, stored });
            }
            seen += 1;
            if seen == PAGE {
                page.next = Some(found.location.to_string());
                break;
            }
        }
        Ok(page)
    }
}
