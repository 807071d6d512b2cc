//! An object store in this process, whose objects are files. It knows neither conditional writes nor missing buckets, so
//! those are answered before it. The tests of the whole program use it too.

use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::SystemTime;

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

/// Its bucket.
pub(crate) const BUCKET: &str = "acme-crates";

/// Who may use it.
pub(crate) const KEY_ID: &str = "AKIDOFTESTS";
pub(crate) const SECRET: &str = "secret-of-tests";

/// How it answers a conditional write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conditional {
    /// As Amazon does.
    Known,
    /// It says that it does not know that.
    Unknown,
    /// It writes as if there were no condition.
    Ignored,
}

/// A running object store with one bucket, which ends when it is dropped.
pub(crate) struct ObjectServer {
    root: tempfile::TempDir,
    port: u16,
    requests: Arc<AtomicU32>,
    is_busy: Arc<AtomicBool>,
    runtime: Option<Runtime>,
}

impl ObjectServer {
    pub(crate) fn start() -> Self {
        Self::start_with(Conditional::Known)
    }

    pub(crate) fn start_with(conditional: Conditional) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let (requests, is_busy) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let front = Arc::new(Front {
            service: builder.build(),
            root: root.path().to_owned(),
            conditional,
            requests: Arc::clone(&requests),
            is_busy: Arc::clone(&is_busy),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(serve(listener, front));
        Self { root, port, requests, is_busy, runtime: Some(runtime) }
    }

    /// The port on this machine.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The file of an object below the prefix `registry`, by its digest in hexadecimal digits.
    pub(crate) fn file_of(&self, digest: &str) -> PathBuf {
        self.objects_dir().join(&digest[..2]).join(digest)
    }

    /// The directory of all objects below that prefix.
    pub(crate) fn objects_dir(&self) -> PathBuf {
        self.root.path().join(BUCKET).join("registry/sha256")
    }

    /// Lets an object be stored at this time.
    pub(crate) fn set_stored(&self, digest: &str, at: SystemTime) {
        File::options().write(true).open(self.file_of(digest)).unwrap().set_modified(at).unwrap();
    }

    /// From now on it answers that it is busy, or does not any more.
    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::SeqCst);
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> u32 {
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
    is_busy: Arc<AtomicBool>,
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
        if self.is_busy.load(Ordering::SeqCst) {
            return Ok(refused(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"));
        }
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
