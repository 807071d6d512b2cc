//! The face that people see: pages, rendered here and complete without scripts. One file per page, each a plain struct
//! for its template in `assets/templates/`. Nothing changes by GET; forms are taken from our own pages only.

mod admin;
mod age;
mod archives;
mod asset;
mod attempts;
mod bounded;
mod commits;
mod compare;
mod deadline;
mod dependencies;
mod device_login;
mod devices;
mod docs;
mod downloads;
mod escape;
mod excerpt;
mod failure;
mod files;
mod folders;
mod form;
pub(super) mod fuzzing;
mod gzip;
mod head;
mod home;
mod link;
mod markdown;
mod organizations;
mod plugins;
mod readmes;
mod rust_names;
mod rust_path;
mod sdk;
mod sdks;
mod search;
mod session;
mod settings;
mod sign_in;
mod tokens;
mod visit;
mod wishes;
mod zip;

use std::sync::Arc;

use http::header::COOKIE;
use http::request::Parts;
use http::{Method, Response};
use tokio::task::block_in_place;

pub(super) use archives::Archives;
pub(super) use attempts::Attempts;
pub(super) use deadline::Pages;
pub(super) use devices::Devices;
pub(super) use readmes::Readmes;
pub(super) use sdk::{CrateFiles, Events};

use super::auth::{AuthError, Caller};
use super::error::{Answer, Kind, Refusal};
use super::listen::RequestBody;
use super::respond::Body;
use super::state::State;
use deadline::Deadline;
use form::Fields;
use visit::Visit;

/// The pages, and what else browsers and machines ask for by path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Home,
    Asset,
    Search,
    Plugins,
    SignIn,
    SignOut,
    Device,
    DeviceRegistration,
    DeviceAuthorization,
    DeviceToken,
    Settings,
    NewToken,
    RevokeToken,
    NewOrganization,
    Members,
    Admin,
    Owner,
    Module,
    Docs,
    Package,
    Sdks,
    Sdk,
    SdkEvents,
    Files,
    File,
    Raw,
    Commits,
    Dependencies,
    ChooseComparison,
    Compare,
    Descriptor,
    Archive,
    Generated,
    Feed,
}

/// The path patterns of the pages. A reference is one segment: slashes in labels are escaped.
pub(super) const ROUTES: &[(&str, Page)] = &[
    ("/", Page::Home),
    ("/assets/{name}", Page::Asset),
    ("/search", Page::Search),
    ("/plugins", Page::Plugins),
    ("/login", Page::SignIn),
    ("/logout", Page::SignOut),
    ("/login/device", Page::Device),
    ("/oauth2/device/registration", Page::DeviceRegistration),
    ("/oauth2/device/authorization", Page::DeviceAuthorization),
    ("/oauth2/device/token", Page::DeviceToken),
    ("/settings", Page::Settings),
    ("/settings/tokens", Page::NewToken),
    ("/settings/tokens/revoke", Page::RevokeToken),
    ("/settings/organizations", Page::NewOrganization),
    ("/settings/members", Page::Members),
    ("/admin", Page::Admin),
    ("/gen/archive/{owner}/{module}/{plugin_owner}/{plugin}/{file}", Page::Generated),
    ("/{owner}", Page::Owner),
    ("/{owner}/{module}", Page::Module),
    ("/{owner}/{module}/docs", Page::Docs),
    ("/{owner}/{module}/docs/{ref}", Page::Docs),
    ("/{owner}/{module}/docs/{ref}/{package}", Page::Package),
    ("/{owner}/{module}/sdks", Page::Sdks),
    ("/{owner}/{module}/sdks/{ref}", Page::Sdks),
    ("/{owner}/{module}/sdks/{ref}/{plugin}", Page::Sdk),
    ("/{owner}/{module}/sdks/{ref}/{plugin}/events", Page::SdkEvents),
    ("/{owner}/{module}/files", Page::Files),
    ("/{owner}/{module}/files/{ref}", Page::Files),
    ("/{owner}/{module}/files/{ref}/{*path}", Page::File),
    ("/{owner}/{module}/raw/{ref}/{*path}", Page::Raw),
    ("/{owner}/{module}/commits", Page::Commits),
    ("/{owner}/{module}/commits/{ref}", Page::Commits),
    ("/{owner}/{module}/dependencies", Page::Dependencies),
    ("/{owner}/{module}/dependencies/{ref}", Page::Dependencies),
    ("/{owner}/{module}/compare", Page::ChooseComparison),
    ("/{owner}/{module}/compare/{from}/{to}", Page::Compare),
    ("/{owner}/{module}/descriptor/{ref}", Page::Descriptor),
    ("/{owner}/{module}/archive/{file}", Page::Archive),
    ("/{owner}/{module}/releases.atom", Page::Feed),
];

impl Page {
    /// Whether everybody sees it, even where reading takes a token.
    fn is_open(self) -> bool {
        use Page as P;
        matches!(
            self,
            P::Asset | P::SignIn | P::SignOut | P::DeviceRegistration | P::DeviceAuthorization | P::DeviceToken
        )
    }

    /// Whether programs send its forms, which come from no page of ours.
    fn is_for_programs(self) -> bool {
        matches!(self, Self::DeviceRegistration | Self::DeviceAuthorization | Self::DeviceToken)
    }
}

/// The variable parts of a path, decoded.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Takes the parts that the route table found.
    pub(super) fn new<'a>(found: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(found.map(|(name, value)| (name.to_owned(), link::decode(value))).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(param, _)| param == name).map_or("", |(_, value)| value)
    }
}

/// Answers a request to a page.
pub(super) async fn answer(
    state: &Arc<State>,
    request: &Parts,
    body: RequestBody,
    page: Page,
    params: Params,
) -> Response<Body> {
    let made = match request.method {
        Method::GET | Method::HEAD => match get(state, request, page, params).await {
            Ok(response) => Ok(gzip::compress(&request.headers, response).await),
            Err(refusal) => Err(refusal),
        },
        Method::POST => match form::read(&request.headers, body).await {
            Ok(fields) => {
                let (of, asked) = (Arc::clone(state), request.clone());
                state.pages.make(move |deadline| post(&of, &asked, page, &params, &fields, deadline)).await
            }
            Err(refusal) => Err(refusal),
        },
        ref method => Err(Refusal::invalid(format!("{} does not answer {method}", request.uri.path()))),
    };
    made.unwrap_or_else(|refusal| failure::answer(state, request, &refusal))
}

/// Who sends this request, with a token or by being signed in.
///
/// # Errors
/// When a token was sent that is not valid.
pub(super) fn caller(state: &State, request: &Parts) -> Result<Caller, AuthError> {
    if request.headers.contains_key(COOKIE) {
        return session::caller(&state.auth, &request.headers, &state.addresses.origin(request));
    }
    state.auth.caller(&request.headers)
}

/// Answers a request to a path that leads nowhere.
pub(super) fn nothing(state: &State, request: &Parts) -> Response<Body> {
    let refusal = Refusal::not_found(format!("there is nothing at {}; start at /", request.uri.path()));
    failure::answer(state, request, &refusal)
}

async fn get(state: &Arc<State>, request: &Parts, page: Page, params: Params) -> Answer<Response<Body>> {
    match page {
        Page::Asset => asset::serve(params.get("name")),
        // An archive is packed once for all who wait for it, however long that takes.
        Page::Archive | Page::Generated => {
            let deadline = state.pages.deadline();
            let visit = block_in_place(|| visit(state, request, page, &deadline))?;
            if page == Page::Archive {
                downloads::archive(&visit, &params).await
            } else {
                downloads::generated(&visit, &params).await
            }
        }
        _ => {
            let (of, asked) = (Arc::clone(state), request.clone());
            state.pages.make(move |deadline| read(&visit(&of, &asked, page, deadline)?, page, &params)).await
        }
    }
}

fn visit<'a>(state: &'a State, request: &Parts, page: Page, deadline: &Deadline) -> Answer<Visit<'a>> {
    let visit = Visit::new(state, request, deadline.clone())?;
    if visit.caller.user().is_none() && !state.anonymous_reads && !page.is_open() {
        return Err(Refusal::unauthenticated("this registry is read with a token"));
    }
    Ok(visit)
}

fn read(visit: &Visit<'_>, page: Page, params: &Params) -> Answer<Response<Body>> {
    match page {
        Page::Home => home::home(visit),
        Page::Search => search::search(visit),
        Page::Plugins => plugins::plugins(visit),
        Page::SignIn => sign_in::form(visit),
        Page::Device => device_login::page(visit),
        Page::Settings => settings::settings(visit),
        Page::Admin => admin::admin(visit),
        Page::Owner => home::owner(visit, params),
        Page::Module => docs::module(visit, params),
        Page::Docs => docs::docs(visit, params),
        Page::Package => docs::package(visit, params),
        Page::Sdks => sdks::sdks(visit, params),
        Page::Sdk => sdk::sdk(visit, params),
        Page::SdkEvents => sdk::events(visit, params),
        Page::Files => files::files(visit, params),
        Page::File => files::file(visit, params),
        Page::Raw => files::raw(visit, params),
        Page::Commits => commits::commits(visit, params),
        Page::Dependencies => dependencies::dependencies(visit, params),
        Page::ChooseComparison => compare::choose(visit, params),
        Page::Compare => compare::compare(visit, params),
        Page::Descriptor => downloads::descriptor(visit, params),
        Page::Feed => downloads::feed(visit, params),
        _ => Err(Refusal { kind: Kind::Invalid, message: "this address takes forms only".into() }),
    }
}

fn post(
    state: &State,
    request: &Parts,
    page: Page,
    params: &Params,
    fields: &Fields,
    deadline: &Deadline,
) -> Answer<Response<Body>> {
    if !page.is_for_programs() {
        state.addresses.origin(request).check_form(&request.headers)?;
    }
    let visit = visit(state, request, page, deadline)?;
    match page {
        Page::SignIn => sign_in::enter(&visit, fields),
        Page::SignOut => sign_in::leave(&visit, request),
        Page::Device => device_login::decide(&visit, fields),
        Page::DeviceRegistration => device_login::registration(&visit, fields),
        Page::DeviceAuthorization => device_login::authorization(&visit, fields),
        Page::DeviceToken => device_login::token(&visit, fields),
        Page::NewToken => settings::create_token(&visit, fields),
        Page::RevokeToken => settings::revoke_token(&visit, fields),
        Page::NewOrganization => organizations::create(&visit, fields),
        Page::Members => organizations::set_member(&visit, fields),
        Page::Sdk => sdk::order(&visit, params, fields),
        _ => Err(Refusal::invalid(format!("{} takes no forms", request.uri.path()))),
    }
}
