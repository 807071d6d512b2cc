//! The peer: a hyper server that answers every request with the same bytes from memory, or 304 to a known ETag.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// A running bare server; it ends with the process.
pub(crate) struct Bare {
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// Serves `body` under `etag`.
    pub(crate) fn start(body: Bytes, etag: &str) -> Self {
        let etag = HeaderValue::from_str(etag).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let (body, etag) = (body.clone(), etag.clone());
                    let service = service_fn(move |request| {
                        let answer = answer(&request, &body, &etag);
                        async { Ok::<_, Infallible>(answer) }
                    });
                    let http = hyper::server::conn::http1::Builder::new();
                    tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
                }
            });
        });
        Self { address: told.recv().unwrap() }
    }
}

fn answer(request: &Request<Incoming>, body: &Bytes, etag: &HeaderValue) -> Response<Full<Bytes>> {
    let known = request.headers().get(IF_NONE_MATCH) == Some(etag);
    let mut response = Response::new(Full::new(if known { Bytes::new() } else { body.clone() }));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(ETAG, etag.clone());
    response
}
