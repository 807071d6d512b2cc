//! The one route table.

use std::sync::LazyLock;
use std::time::Instant;

use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

use super::error::Refusal;
use super::health;
use super::listen::RequestBody;
use super::response::{self, Body};
use crate::serve::app::App;
use crate::serve::state::State;
use crate::serve::web::{self, Route};
use crate::serve::{cargo, rpc};

/// The endpoint of a path.
#[derive(Debug, Clone, Copy)]
enum Endpoint {
    Live,
    Ready,
    Metrics,
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
    ("/gen/cargo/config.json", Endpoint::CargoConfig),
    ("/gen/cargo/{*path}", Endpoint::CargoIndex),
    ("/gen/cargo/api/v1/crates", Endpoint::CargoSearch),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/download", Endpoint::CargoDownload),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/yank", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/unyank", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/{krate}/owners", Endpoint::CargoReadOnly),
    ("/gen/cargo/api/v1/crates/new", Endpoint::CargoReadOnly),
];

static TABLE: LazyLock<matchit::Router<Endpoint>> = LazyLock::new(|| {
    let mut table = matchit::Router::new();
    let pages = web::ROUTES.iter().map(|route| (route.pattern, Endpoint::Web(route)));
    for (pattern, endpoint) in ROUTES.iter().copied().chain(pages) {
        // A conflict in the table is a fault of this build: a test inserts the same table.
        let _ = table.insert(pattern, endpoint);
    }
    table
});

/// All path patterns except those of RPCs.
pub(in crate::serve) fn patterns() -> Vec<&'static str> {
    ROUTES.iter().map(|(pattern, _)| *pattern).chain(web::ROUTES.iter().map(|route| route.pattern)).collect()
}

/// Serves one request and logs it.
pub(in crate::serve) async fn answer(app: &App, request: Request<RequestBody>) -> Response<Body> {
    let started = Instant::now();
    // Cloning a URI counts a reference; cloning its path would copy it.
    let (method, uri, version) = (request.method().clone(), request.uri().clone(), request.version());
    let path = uri.path();
    let mut response = dispatch(app, request, path).await;
    app.state.tell_damage();
    // Browsers must believe the content type: pushed files must never run as something else.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, duration_us) = (response.status().as_u16(), started.elapsed().as_micros());
    if response.status().is_server_error() {
        tracing::warn!(%method, path, ?version, status, duration_us, "request");
    } else if method == Method::GET {
        tracing::debug!(%method, path, ?version, status, duration_us, "request");
    } else {
        tracing::info!(%method, path, ?version, status, duration_us, "request");
    }
    response
}

async fn dispatch(app: &App, request: Request<RequestBody>, path: &str) -> Response<Body> {
    let state = &app.state;
    let (mut parts, body) = request.into_parts();
    // Names of owners have no dot, so a path that looks like an RPC is one.
    if is_rpc(path) {
        // Handlers of RPCs do not see the URI.
        let origin = state.addresses.origin(&parts);
        parts.extensions.insert(origin);
        // Boxed, like the pages below: otherwise the large future would make the future of every request as large.
        return Box::pin(rpc::answer(&app.rpc, state, Request::from_parts(parts, body))).await;
    }
    let Ok(found) = TABLE.at(path) else {
        return web::nothing(state, &parts);
    };
    let endpoint = *found.value;
    if let Endpoint::Web(route) = endpoint {
        return Box::pin(web::answer(state, &parts, body, route, web::Params::new(found.params.iter()))).await;
    }
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    if !reads && !matches!(endpoint, Endpoint::CargoReadOnly) {
        return response::text(StatusCode::METHOD_NOT_ALLOWED, format!("{path} answers GET only"));
    }
    let param = |name| found.params.get(name).unwrap_or_default();
    match endpoint {
        Endpoint::Live => health::live(),
        Endpoint::Ready => health::ready(state).await,
        Endpoint::Metrics => health::metrics(state).await,
        Endpoint::CargoConfig => cargo::config(state, &parts),
        Endpoint::CargoIndex => match cargo::View::of_path(param("path")) {
            Some(view) => cargo::answer_in_view(state, &parts, view).await,
            None => cargo::index(state, &parts, param("path")).await,
        },
        Endpoint::CargoSearch => cargo::search(state, &parts),
        Endpoint::CargoDownload => cargo::download(state, &parts, param("krate"), param("version")),
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
        Self { uri: request.uri().clone(), grpc: rpc::grpc(request.headers()) }
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
