//! All routes: those of cargo, the RPCs and monitoring here, those of pages from [`web::ROUTES`].

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use tracing::Instrument as _;

use super::backup_download;
use super::error::{DATABASE_UNREACHABLE, Refusal};
use super::listen::RequestBody;
use super::monitoring::{self, health};
use super::request_id::RequestId;
use super::response::{self, Body};
use crate::serve::app::App;
use crate::serve::state::State;
use crate::serve::web::{self, Route};
use crate::serve::{cargo, rpc};
use crate::trace;

/// The routes of those who watch the server: their requests are no traces.
const WATCHED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The endpoint of a path.
#[derive(Debug, Clone, Copy)]
enum Endpoint {
    Live,
    Ready,
    Metrics,
    Backup,
    CargoConfig,
    CargoIndex,
    CargoDownload,
    CargoSearch,
    CargoReadOnly,
    Web(&'static Route),
}

/// Path patterns of everything but the pages, which [`web::ROUTES`] lists, and the RPCs, whose paths are
/// `/package.Service/Method`.
const ROUTES: &[(&str, Endpoint)] = &[
    ("/healthz", Endpoint::Live),
    ("/readyz", Endpoint::Ready),
    ("/metrics", Endpoint::Metrics),
    ("/admin/backup", Endpoint::Backup),
    ("/gen/cargo/config.json", Endpoint::CargoConfig),
    ("/gen/cargo/{*path}", Endpoint::CargoIndex),
    ("/gen/cargo/api/v1/crates", Endpoint::CargoSearch),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/download", Endpoint::CargoDownload),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/yank", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/unyank", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/{krate}/owners", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/new", Endpoint::CargoReadOnly),
];

/// The label of requests without a route, in the metrics.
const NOTHING: &str = "nothing";

static TABLE: LazyLock<matchit::Router<(&'static str, Endpoint)>> = LazyLock::new(|| {
    let mut table = matchit::Router::new();
    let pages = web::ROUTES.iter().map(|route| (route.pattern, Endpoint::Web(route)));
    for (pattern, endpoint) in ROUTES.iter().copied().chain(pages) {
        // A conflict in the table is a fault of this build: a test inserts the same table.
        let _ = table.insert(pattern, (pattern, endpoint));
    }
    table
});

/// All path patterns except those of RPCs.
pub(in crate::serve) fn patterns() -> Vec<&'static str> {
    ROUTES.iter().map(|(pattern, _)| *pattern).chain(web::ROUTES.iter().map(|route| route.pattern)).collect()
}

/// Where a path leads.
enum Target<'path> {
    /// To an RPC. `None` stands for an unknown method, which is refused in the client's protocol.
    Rpc(Option<&'static rpc::Method>),
    /// To a route of the table, with the variable parts of the path.
    Route(&'static str, Endpoint, matchit::Params<'static, 'path>),
    /// No route has this path.
    Nothing,
}

impl<'path> Target<'path> {
    fn of(path: &'path str) -> Self {
        // Names of owners have no dot, so a path that looks like an RPC is one.
        if is_rpc(path) {
            return Self::Rpc(rpc::method(path));
        }
        match TABLE.at(path) {
            Ok(found) => Self::Route(found.value.0, found.value.1, found.params),
            Err(_) => Self::Nothing,
        }
    }

    /// The route, for the metrics.
    fn route(&self) -> &'static str {
        match self {
            Self::Rpc(Some(method)) => &method.path,
            Self::Route(pattern, ..) => pattern,
            Self::Rpc(None) | Self::Nothing => NOTHING,
        }
    }

    /// Whether a request with this method only reads.
    fn reads(&self, method: &Method) -> bool {
        match self {
            Self::Rpc(Some(rpc)) => rpc.reads,
            _ => matches!(*method, Method::GET | Method::HEAD),
        }
    }
}

/// Serves one request, logs it under `id`, and counts it.
pub(in crate::serve) async fn answer(app: &App, request: Request<RequestBody>, id: &RequestId) -> Response<Body> {
    let started = Instant::now();
    // Cloning a URI counts a reference; cloning its path would copy it.
    let (method, uri, version) = (request.method().clone(), request.uri().clone(), request.version());
    let target = Target::of(uri.path());
    let (route, reads) = (target.route(), target.reads(&method));
    // What is logged on the way has the id too.
    let span = tracing::info_span!("request", %id);
    let traced = traced(&request, route, id);
    let dispatched = dispatch(app, request, uri.path(), target).instrument(traced.clone()).instrument(span.clone());
    let mut response = dispatched.await;
    app.state.tell_damage();
    // Browsers must believe the content type: pushed files must never run as something else.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, duration) = (response.status(), started.elapsed());
    app.state.publisher.metrics().answered(route, &method, status.as_u16(), duration);
    traced.record("http.response.status_code", status.as_u16()).record("otel.failed", status.is_server_error());
    span.in_scope(|| log((&method, uri.path(), version), status, duration, reads));
    response
}

/// The span of a request; none of those who watch whether the server lives. It has the route, never the path, and no
/// header but the parent that the client names.
fn traced(request: &Request<RequestBody>, route: &'static str, id: &RequestId) -> tracing::Span {
    if WATCHED.contains(&route) {
        return tracing::Span::none();
    }
    let method = request.method();
    let parent = || request.headers().get("traceparent").and_then(|parent| parent.to_str().ok());
    tracing::info_span!(
        target: trace::TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.parent = parent(),
        http.request.method = method.as_str(),
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        request.id = %id,
        otel.failed = tracing::field::Empty,
    )
}

/// Logs a request: reads that succeed are details.
fn log((method, path, version): (&Method, &str, Version), status: StatusCode, duration: Duration, reads: bool) {
    let (duration_us, code) = (duration.as_micros(), status.as_u16());
    if status.is_server_error() {
        tracing::warn!(%method, path, ?version, status = code, duration_us, "answered");
    } else if reads && !status.is_client_error() {
        tracing::debug!(%method, path, ?version, status = code, duration_us, "answered");
    } else {
        tracing::info!(%method, path, ?version, status = code, duration_us, "answered");
    }
}

async fn dispatch(app: &App, request: Request<RequestBody>, path: &str, target: Target<'_>) -> Response<Body> {
    let state = &app.state;
    let (mut parts, body) = request.into_parts();
    if let Some(refusal) = app.faults.of_token(&parts) {
        return ResponseForm::of_head(&parts.uri, &parts.headers).refuse(state, &refusal);
    }
    if let Some(freshness) = &state.freshness
        && !WATCHED.contains(&target.route())
        && freshness.catch_up().await.is_err()
    {
        let refusal = Refusal::unavailable(DATABASE_UNREACHABLE);
        return ResponseForm::of_head(&parts.uri, &parts.headers).refuse(state, &refusal);
    }
    let (endpoint, params) = match target {
        Target::Route(_, endpoint, params) => (endpoint, params),
        Target::Nothing => return web::nothing(state, &parts),
        Target::Rpc(_) => {
            // Handlers of RPCs do not see the URI.
            let origin = state.addresses.origin(&parts);
            parts.extensions.insert(origin);
            // Boxed, like the pages below: otherwise the large future would make the future of every request as large.
            return Box::pin(rpc::answer(&app.rpc, state, Request::from_parts(parts, body))).await;
        }
    };
    if let Endpoint::Web(route) = endpoint {
        return Box::pin(web::answer(state, &parts, body, route, web::Params::new(params.iter()))).await;
    }
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    if !reads && !matches!(endpoint, Endpoint::CargoReadOnly) {
        return response::text(StatusCode::METHOD_NOT_ALLOWED, format!("{path} answers GET only"));
    }
    let param = |name| params.get(name).unwrap_or_default();
    match endpoint {
        Endpoint::Live => health::live(),
        Endpoint::Ready => health::ready(state, parts.uri.query()).await,
        Endpoint::Backup => Box::pin(backup_download::backup(state, &parts)).await,
        Endpoint::Metrics => monitoring::metrics(state, &parts),
        Endpoint::CargoConfig => cargo::config(state, &parts),
        Endpoint::CargoIndex => match (app.faults.of_index(), cargo::View::of_path(param("path"))) {
            (Some(refusal), _) => response::refuse_text(&refusal, state.addresses.own()),
            (None, Some(view)) => cargo::answer_in_view(state, &parts, view).await,
            (None, None) => cargo::index(state, &parts, param("path")).await,
        },
        Endpoint::CargoSearch => cargo::search(state, &parts),
        Endpoint::CargoDownload => {
            let response = cargo::download(state, &parts, param("krate"), param("version"));
            app.faults.of_download(response).await
        }
        Endpoint::CargoReadOnly => cargo::read_only(),
        Endpoint::Web(_) => web::nothing(state, &parts),
    }
}

/// The parts of a request that are needed to refuse it in a form that its client understands.
pub(in crate::serve) struct ResponseForm {
    uri: Uri,
    /// The content type of gRPC.
    grpc: Option<HeaderValue>,
}

impl ResponseForm {
    pub(in crate::serve) fn of<B>(request: &Request<B>) -> Self {
        Self::of_head(request.uri(), request.headers())
    }

    fn of_head(uri: &Uri, headers: &HeaderMap) -> Self {
        Self { uri: uri.clone(), grpc: rpc::grpc(headers) }
    }

    /// The refusal in the form of the client's RPC protocol, or as text.
    pub(in crate::serve) fn refuse(&self, state: &State, refusal: &Refusal) -> Response<Body> {
        match is_rpc(self.uri.path()) {
            true => rpc::refuse(refusal, self.grpc.clone()),
            false => response::refuse_text(refusal, state.addresses.own()),
        }
    }
}

fn is_rpc(path: &str) -> bool {
    let service = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    service.contains('.') && path.matches('/').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_its_place() {
        let mut table = matchit::Router::new();
        for (pattern, endpoint) in ROUTES {
            table.insert(*pattern, *endpoint).unwrap();
        }
        for route in web::ROUTES {
            table.insert(route.pattern, Endpoint::Web(route)).unwrap();
        }
        let found = |path: &str| match *table.at(path).unwrap().value {
            Endpoint::Web(route) => route.pattern.to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(found("/gen/cargo/ac/me/acme_pets_community_prost"), "CargoIndex");
        assert_eq!(found("/gen/cargo/api/v1/crates/new"), "CargoReadOnly");
        assert_eq!(found("/gen/cargo/api/v1/crates/a/1.0.0/download"), "CargoDownload");
        assert_eq!(found("/acme/pets/sdks/main:community/prost"), "/{owner}/{module}/sdks/{ref}/{plugin}");
        assert_eq!(found("/acme/pets/files/a%2Fb/x/y.proto"), "/{owner}/{module}/files/{ref}/{*path}");
        assert_eq!(found("/settings"), "/settings");
        assert_eq!(found("/acme"), "/{owner}");
    }

    #[test]
    fn rpcs_are_told_from_modules() {
        assert!(is_rpc("/buf.registry.module.v1.ModuleService/GetModules"));
        assert!(!is_rpc("/acme/pets") && !is_rpc("/assets/registry-0.css"));
    }
}
