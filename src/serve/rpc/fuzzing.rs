//! Calls of every protocol, for `tests/fuzz`.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use super::call::pagination::{Window, next_token};
use super::transport::request_limits::check_timeout;
use super::{RpcService, limited};
use crate::model::Limits;
use crate::serve::http::request_memory::Memory;

/// The content types of the protocols and encodings.
const CONTENT_TYPES: [&str; 8] = [
    "application/proto",
    "application/json",
    "application/grpc",
    "application/grpc+json",
    "application/grpc-web",
    "application/grpc-web-text+proto",
    "application/connect+proto",
    "application/connect+json",
];

/// Methods with messages of many shapes.
const METHODS: [&str; 8] = [
    "/buf.registry.module.v1.UploadService/Upload",
    "/buf.registry.module.v1beta1.GraphService/GetGraph",
    "/buf.registry.module.v1.DownloadService/Download",
    "/buf.registry.module.v1.LabelService/ListLabelHistory",
    "/buf.registry.owner.v1.OrganizationService/CreateOrganizations",
    "/buf.alpha.registry.v1alpha1.CodeGenerationService/GenerateCode",
    "/registry.v1.SdkService/GenerateSdk",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
];

/// The RPCs of a server that is shutting down: every request is decoded, and then refused.
static SERVICE: LazyLock<Option<(Runtime, RpcService)>> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().ok()?;
    let limits = Limits { body: 1 << 20, ..Limits::default() };
    Some((runtime, limited(None, &limits, &Arc::new(Memory::new(64 << 20)))))
});

/// One call. The first three bytes choose the method, the protocol and the encoding, the others are the body.
pub(crate) fn frames(data: &[u8]) {
    let Some((runtime, service)) = SERVICE.as_ref() else { return };
    let [method, content_type, encoding, body @ ..] = data else { return };
    let mut request = Request::post(METHODS[usize::from(*method) % METHODS.len()])
        .header("content-type", CONTENT_TYPES[usize::from(*content_type) % CONTENT_TYPES.len()])
        .header("te", "trailers");
    for (bit, name) in [(1, "content-encoding"), (2, "grpc-encoding"), (4, "connect-content-encoding")] {
        if encoding & bit != 0 {
            request = request.header(name, "gzip");
        }
    }
    if encoding & 8 != 0 {
        let deadline = body.get(..body.len().min(9)).unwrap_or_default();
        request = request.header("grpc-timeout", deadline).header("connect-timeout-ms", deadline);
    }
    let Ok(request) = request.body(Full::new(Bytes::copy_from_slice(body))) else { return };
    if check_timeout(request.headers()).is_err() {
        return;
    }
    let answer = runtime.block_on(async {
        let Ok(response) = service.strangers.clone().oneshot(request).await;
        let status = response.status();
        (status, response.into_body().collect().await.map(|body| body.to_bytes().len()))
    });
    // No request may cause an internal error.
    assert!(answer.0 != http::StatusCode::INTERNAL_SERVER_ERROR, "{answer:?}");
}

/// The size of a page, and the token for the next.
pub(crate) fn paging(data: &[u8]) {
    let Some((size, token)) = data.split_at_checked(4) else { return };
    let Ok(token) = std::str::from_utf8(token) else { return };
    let size = size.iter().fold(0_u32, |size, byte| size << 8 | u32::from(*byte));
    let Ok(window) = Window::of(size, token) else { return };
    assert!(token.is_empty() || next_token(Some(window.offset)) == token, "{token:?} is none of ours");
    let page = window.cut(vec![0_u8; 20]);
    assert!(page.items.len() as u64 <= window.limit && page.next.is_none_or(|next| next < 20));
}
