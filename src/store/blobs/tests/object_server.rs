//! An object store in this process, whose objects are files. It knows neither conditional writes nor missing buckets, so
//! those are answered before it.

use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use http::header::IF_NONE_MATCH;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{KEY_ID, SECRET, address_at};
use crate::model::{Sha256Digest, Timestamp};
use crate::store::blobs::address::BlobAddress;

pub(super) const BUCKET: &str = "acme-crates";

/// How it answers a conditional write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Conditional {
    /// As Amazon does.
    Known,
    /// It says that it does not know that.
    Unknown,
    /// It writes as if there were no condition.
    Ignored,
}

/// A running object store with one bucket, which ends when it is dropped.
pub(super) struct ObjectServer {
    root: tempfile::TempDir,
    port: u16,
    requests: Arc<AtomicU32>,
    runtime: Option<Runtime>,
}

impl ObjectServer {
    pub(super) fn start() -> Self {
        Self::start_with(Conditional::Known)
    }

    pub(super) fn start_with(conditional: Conditional) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let requests = Arc::new(AtomicU32::new(0));
        let front = Arc::new(Front {
            service: builder.build(),
            root: root.path().to_owned(),
            conditional,
            requests: Arc::clone(&requests),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(serve(listener, front));
        Self { root, port, requests, runtime: Some(runtime) }
    }

    /// The place of crates in its bucket.
    pub(super) fn address(&self) -> BlobAddress {
        self.address_of(&format!("{BUCKET}/registry"))
    }

    pub(super) fn address_of(&self, place: &str) -> BlobAddress {
        address_at(place, self.port, SECRET)
    }

    pub(super) fn address_with_secret(&self, secret: &str) -> BlobAddress {
        address_at(BUCKET, self.port, secret)
    }

    /// The file of an object at [`Self::address`].
    pub(super) fn file_of(&self, digest: &Sha256Digest) -> PathBuf {
        let name = digest.to_string();
        self.objects_dir().join(&name[..2]).join(name)
    }

    /// The directory of all objects at [`Self::address`].
    pub(super) fn objects_dir(&self) -> PathBuf {
        self.root.path().join(BUCKET).join("registry/sha256")
    }

    /// Lets an object be stored at this time.
    pub(super) fn set_stored(&self, digest: &Sha256Digest, at: Timestamp) {
        let file = File::options().write(true).open(self.file_of(digest)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_micros(at.as_micros().try_into().unwrap())).unwrap();
    }

    /// How many requests came.
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for ObjectServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What stands before the object store.
struct Front {
    service: S3Service,
    root: PathBuf,
    conditional: Conditional,
    requests: Arc<AtomicU32>,
}

async fn serve(listener: TcpListener, front: Arc<Front>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let front = Arc::clone(&front);
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { front.answer(request).await }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<s3s::Body>, s3s::S3Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let is_conditional = request.method() == Method::PUT && request.headers().contains_key(IF_NONE_MATCH);
        let file = self.root.join(Path::new(request.uri().path()).strip_prefix("/").unwrap());
        // It would make the bucket.
        let bucket = request.uri().path().split('/').nth(1).unwrap();
        if !self.root.join(bucket).is_dir() {
            return Ok(refused(StatusCode::NOT_FOUND, "NoSuchBucket"));
        }
        match self.conditional {
            Conditional::Known if is_conditional && file.exists() => {
                return Ok(refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed"));
            }
            Conditional::Unknown if is_conditional => {
                return Ok(refused(StatusCode::NOT_IMPLEMENTED, "NotImplemented"));
            }
            _ => {}
        }
        self.service.call(request.map(s3s::Body::from)).await
    }
}

fn refused(status: StatusCode, code: &str) -> Response<s3s::Body> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    Response::builder().status(status).body(s3s::Body::from(body)).unwrap()
}
