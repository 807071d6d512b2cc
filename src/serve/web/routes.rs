//! The table of pages: the path of each, and the function that renders it.
//!
//! To add a page, write a file in `pages` (of one module: in `pages/module`) with its template, a line in the `mod.rs` beside it, and one line here. A reference
//! is one segment of a path: slashes in labels are escaped.

use std::pin::Pin;

use http::Response;
use http::request::Parts;

use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;

use super::page::assets;
use super::page::form::Fields;
use super::page::page_request::PageRequest;
use super::page::params::Params;
use super::pages::module::{
    commits, compare, dependencies, docs, downloads, files, sdk, sdk_list, settings as module_settings, webhooks,
};
use super::pages::settings::organizations;
use super::pages::{admin, audit, badge, device_login, help, home, plugins, search, settings, sign_in};

/// One page, download or endpoint.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Route {
    /// The pattern of its path.
    pub pattern: &'static str,
    /// The handler of a GET.
    pub(super) get: Get,
    /// Handles a form; none if the path accepts no forms.
    pub(super) post: Option<Submit>,
    /// Whether everybody may request it, even if reading the registry takes a token.
    pub(super) is_open: bool,
    /// Whether programs send its forms, so that they need not come from a page of the server.
    pub(super) is_for_programs: bool,
}

/// The handler of a GET.
#[derive(Debug, Clone, Copy)]
pub(super) enum Get {
    /// A page, rendered within the time limit of pages.
    Page(Show),
    /// An embedded file, the same for every caller.
    Asset(fn(&Params) -> Answer<Response<Body>>),
    /// An archive, packed once for all concurrent requests, without a time limit.
    Archive(Pack),
}

pub(super) type Show = fn(&PageRequest<'_>, &Params) -> Answer<Response<Body>>;
pub(super) type Pack = for<'a> fn(&'a PageRequest<'a>, &'a Params) -> Packing<'a>;
pub(super) type Submit = fn(&PageRequest<'_>, &Form<'_>) -> Answer<Response<Body>>;

/// An archive that is being packed.
pub(super) type Packing<'a> = Pin<Box<dyn Future<Output = Answer<Response<Body>>> + Send + 'a>>;

/// A submitted form.
pub(super) struct Form<'a> {
    /// The variable parts of the path.
    pub params: &'a Params,
    /// The fields.
    pub fields: &'a Fields,
    /// The head of the request.
    pub request: &'a Parts,
}

pub(in crate::serve) const ROUTES: &[Route] = &[
    page("/", |visit, _| home::home(visit)),
    asset("/assets/{name}", |params| assets::serve(params.get("name"))),
    asset("/favicon.ico", |_| Ok(assets::favicon())),
    asset("/robots.txt", |_| Ok(assets::robots())),
    page("/help", |visit, _| help::help(visit)).open(),
    page("/badge/{owner}", badge::of_crate),
    page("/badge/{owner}/{file}", badge::module),
    page("/search", |visit, _| search::search(visit)),
    page("/search/suggestions", |visit, _| search::suggestions(visit)),
    page("/plugins", |visit, _| plugins::plugins(visit)),
    page("/plugins/{owner}/{plugin}", plugins::plugin),
    page("/login", |visit, _| sign_in::form(visit)).takes(|visit, form| sign_in::enter(visit, form.fields)).open(),
    form("/logout", |visit, form| sign_in::leave(visit, form.request)).open(),
    page("/login/device", |visit, _| device_login::page(visit))
        .takes(|visit, form| device_login::decide(visit, form.fields)),
    form("/oauth2/device/registration", |visit, form| device_login::registration(visit, form.fields)).for_programs(),
    form("/oauth2/device/authorization", |visit, form| device_login::authorization(visit, form.fields)).for_programs(),
    form("/oauth2/device/token", |visit, form| device_login::token(visit, form.fields)).for_programs(),
    page("/settings", |visit, _| settings::settings(visit)),
    form("/settings/tokens", |visit, form| settings::create_token(visit, form.fields)),
    form("/settings/tokens/revoke", |visit, form| settings::revoke_token(visit, form.fields)),
    form("/settings/organizations", |visit, form| organizations::create(visit, form.fields)),
    form("/settings/members", |visit, form| organizations::set_member(visit, form.fields)),
    form("/settings/owner", |visit, form| organizations::change_settings(visit, form.fields)),
    page("/admin", |visit, _| admin::admin(visit)),
    form("/admin/users", |visit, form| admin::switch_user(visit, form.fields)),
    page("/admin/audit", |visit, _| audit::audit(visit)),
    archive("/gen/archive/{owner}/{module}/{plugin_owner}/{plugin}/{file}", |visit, params| {
        Box::pin(downloads::generated(visit, params))
    }),
    page("/{owner}", home::owner),
    page("/{owner}/{module}", docs::module),
    page("/{owner}/{module}/docs", docs::docs),
    page("/{owner}/{module}/docs/{ref}", docs::docs),
    page("/{owner}/{module}/docs/{ref}/{package}", docs::package),
    page("/{owner}/{module}/sdks", sdk_list::sdks),
    page("/{owner}/{module}/sdks/{ref}", sdk_list::sdks),
    page("/{owner}/{module}/sdks/{ref}/{plugin}", sdk::sdk)
        .takes(|visit, form| sdk::submit(visit, form.params, form.fields)),
    page("/{owner}/{module}/sdks/{ref}/{plugin}/events", sdk::events),
    page("/{owner}/{module}/sdks/{ref}/{plugin}/files/{*path}", sdk::file),
    page("/{owner}/{module}/files", files::files),
    page("/{owner}/{module}/files/{ref}", files::files),
    page("/{owner}/{module}/files/{ref}/{*path}", files::file),
    page("/{owner}/{module}/raw/{ref}/{*path}", files::raw),
    page("/{owner}/{module}/settings", module_settings::page)
        .takes(|visit, form| module_settings::change(visit, form.params, form.fields)),
    page("/{owner}/{module}/commits", commits::commits),
    page("/{owner}/{module}/commits/{ref}", commits::commits),
    page("/{owner}/{module}/dependencies", dependencies::dependencies),
    page("/{owner}/{module}/dependencies/{ref}", dependencies::dependencies),
    page("/{owner}/{module}/webhooks", webhooks::webhooks),
    page("/{owner}/{module}/compare", compare::choose),
    page("/{owner}/{module}/compare/{from}/{to}", compare::compare),
    page("/{owner}/{module}/descriptor/{ref}", downloads::descriptor),
    archive("/{owner}/{module}/archive/{file}", |visit, params| Box::pin(downloads::archive(visit, params))),
    page("/{owner}/{module}/releases.atom", downloads::feed),
];

const fn route(pattern: &'static str, get: Get) -> Route {
    Route { pattern, get, post: None, is_open: false, is_for_programs: false }
}

const fn page(pattern: &'static str, show: Show) -> Route {
    route(pattern, Get::Page(show))
}

const fn asset(pattern: &'static str, serve: fn(&Params) -> Answer<Response<Body>>) -> Route {
    route(pattern, Get::Asset(serve)).open()
}

const fn archive(pattern: &'static str, pack: Pack) -> Route {
    route(pattern, Get::Archive(pack))
}

/// A path that accepts a form and has no page.
const fn form(pattern: &'static str, submit: Submit) -> Route {
    page(pattern, forms_only).takes(submit)
}

fn forms_only(_: &PageRequest<'_>, _: &Params) -> Answer<Response<Body>> {
    Err(Refusal::invalid("this address takes forms only"))
}

impl Route {
    /// Whether the path accepts a form.
    pub(in crate::serve) fn takes_a_form(&self) -> bool {
        self.post.is_some()
    }

    const fn takes(self, submit: Submit) -> Self {
        Self { post: Some(submit), ..self }
    }

    const fn open(self) -> Self {
        Self { is_open: true, ..self }
    }

    /// Marks a form that programs send before they have a token.
    const fn for_programs(self) -> Self {
        Self { is_for_programs: true, is_open: true, ..self }
    }
}
