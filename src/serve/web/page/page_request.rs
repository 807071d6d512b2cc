//! A request for a page: the caller, the origin, and the frame and headers of the response.

use std::sync::Arc;

use askama::Template;
use http::header::X_FRAME_OPTIONS;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, USER_AGENT, VARY,
};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

use crate::actions::access::{readable_module, viewer};
use crate::actions::{Actor, Caller};
use crate::model::{CommitId, DescriptorSet, ModuleName, Outline, Timestamp};
use crate::publish::{DescriptorsError, PartOfCommit};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::origin::Origin;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::{Module, Owner, Store};

use super::deadline::Deadline;
use super::excerpt::excerpt;
use super::form::Fields;
use super::limited_text::Bounded;
use super::relative_time::Age;
use super::{assets, session};

/// The content security policy: only the server's own style sheet and script, forms only to the server, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The most bytes of a page. Nobody reads a larger one; browsers fail at much larger pages.
pub(in crate::serve::web) const LARGEST: usize = 4 << 20;

/// A request for a page.
pub(in crate::serve::web) struct PageRequest<'a> {
    /// What all requests share.
    pub state: &'a State,
    /// Path and query, as requested.
    pub target: String,
    /// The query.
    pub query: Fields,
    /// The caller.
    pub caller: Caller,
    /// The origin of the request.
    pub origin: Origin,
    /// What the program that sent the request calls itself.
    pub agent: String,
    /// The time of the request.
    pub now: Timestamp,
    /// The deadline of the page.
    pub deadline: Deadline,
}

/// The frame of every page.
pub(in crate::serve::web) struct Chrome {
    /// Title of the browser's tab, before the name of the registry.
    pub title: String,
    /// Host and port that the browser used.
    pub host: String,
    /// Path of the style sheet.
    pub style: &'static str,
    /// Path of the script.
    pub script: &'static str,
    /// Path of the icon.
    pub icon: &'static str,
    /// The name of the signed-in user.
    pub user: Option<String>,
    /// Whether there is a link to the pages for administrators.
    pub admin: bool,
    /// The text in the search box.
    pub query: String,
    /// The address of an Atom feed for the page.
    pub feed: Option<String>,
    /// A sentence about the page, for programs that show links to it.
    pub description: String,
    /// The version of the program, for those who signed in.
    pub version: Option<&'static str>,
}

/// The most bytes of the sentence about a page.
const DESCRIPTION: usize = 200;

impl Chrome {
    /// The frame with a sentence about the page, which may be empty.
    pub(in crate::serve::web) fn about(self, description: &str) -> Self {
        Self { description: excerpt(description.trim(), DESCRIPTION).into_owned(), ..self }
    }

    /// The name of the page where the name of the registry stands beside it.
    pub(in crate::serve::web) fn heading(&self) -> &str {
        if self.title.is_empty() { "Modules" } else { &self.title }
    }
}

impl<'a> PageRequest<'a> {
    /// The request, with its caller authenticated.
    ///
    /// # Errors
    /// When the credentials are not valid.
    pub(in crate::serve::web) fn new(state: &'a State, request: &Parts, deadline: Deadline) -> Answer<Self> {
        let visit = Self::of_nobody(state, request, deadline);
        let caller = session::caller(&state.auth, &request.headers, &visit.origin)?;
        Ok(Self { caller, ..visit })
    }

    /// The request with an anonymous caller, whatever its credentials.
    pub(in crate::serve::web) fn of_nobody(state: &'a State, request: &Parts, deadline: Deadline) -> Self {
        let uri = &request.uri;
        Self {
            origin: state.addresses.origin(request),
            agent: request.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned(),
            target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            query: Fields::parse(uri.query().unwrap_or_default().as_bytes()),
            now: state.publisher.clock().now(),
            state,
            caller: Caller::Anonymous,
            deadline,
        }
    }

    /// The store.
    pub(in crate::serve::web) fn store(&self) -> &'a Store {
        self.state.store()
    }

    /// The compiled files of a commit and all their imports.
    ///
    /// # Errors
    /// When the caller may not read all of them, or they do not compile any more.
    pub(in crate::serve::web) fn descriptors(&self, commit: CommitId) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        self.state.publisher.descriptors(commit, viewer(&self.caller))
    }

    /// The compiled files of a part of a commit and all their imports.
    ///
    /// # Errors
    /// As [`Self::descriptors`].
    pub(in crate::serve::web) fn descriptors_of_part(
        &self,
        commit: CommitId,
        part: PartOfCommit<'_>,
    ) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        self.state.publisher.descriptors_of_part(commit, part, viewer(&self.caller))
    }

    /// The outline of a commit.
    ///
    /// # Errors
    /// As [`Self::descriptors`].
    pub(in crate::serve::web) fn outline(&self, commit: CommitId) -> Result<Outline, DescriptorsError> {
        self.state.publisher.outline(commit, viewer(&self.caller))
    }

    /// `time` relative to the time of the request.
    pub(in crate::serve::web) fn age(&self, time: Timestamp) -> Age {
        Age::new(time, self.now)
    }

    /// The server's address for the browser, without a trailing slash.
    pub(in crate::serve::web) fn url(&self) -> &str {
        &self.origin.url
    }

    /// Host and port of the server's address.
    pub(in crate::serve::web) fn host(&self) -> &str {
        self.origin.host()
    }

    /// The frame of a page with this title.
    pub(in crate::serve::web) fn chrome(&self, title: impl Into<String>) -> Chrome {
        Chrome {
            title: title.into(),
            host: self.host().to_owned(),
            style: &assets::STYLE.path,
            script: &assets::SCRIPT.path,
            icon: &assets::ICON.path,
            user: self.caller.user().map(|user| user.name.to_string()),
            admin: self.caller.is_admin(),
            query: self.query.get("q").to_owned(),
            feed: None,
            description: String::new(),
            version: self.caller.user().map(|_| env!("CARGO_PKG_VERSION")),
        }
    }

    /// The signed-in user.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub(in crate::serve::web) fn user(&self) -> Answer<&Owner> {
        self.caller.user().ok_or_else(|| Refusal::unauthenticated("sign in to see this page"))
    }

    /// The caller as the actor of a change.
    pub(in crate::serve::web) fn actor(&self) -> Actor<'_> {
        self.state.actor(&self.caller, Some(self.origin.client))
    }

    /// The module of this name.
    ///
    /// # Errors
    /// When it does not exist for the caller; the refusal names the unknown part and a suggestion.
    pub(in crate::serve::web) fn module(&self, owner: &str, name: &str) -> Answer<Module> {
        let full: ModuleName = format!("{owner}/{name}")
            .parse()
            .map_err(|error| Refusal::not_found(format!("there is no module {owner}/{name}: {error}")))?;
        match readable_module(self.store(), &self.caller, &full)? {
            Some(module) => Ok(module),
            None => Err(unknown_module(self.store(), &self.caller, &full)?),
        }
    }
}

/// Whether the client accepts HTML.
pub(in crate::serve::web) fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The response with a rendered page.
///
/// # Errors
/// When the page is too large: it shows excerpts of users' texts, but their number has no limit.
pub(in crate::serve::web) fn page(status: StatusCode, view: &impl Template) -> Answer<Response<Body>> {
    let mut html = Bounded::new(LARGEST);
    view.render_into(&mut html).map_err(|_| too_large())?;
    let mut response = response::with(status, "text/html; charset=utf-8", html.into_text());
    response::header(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    response::header(&mut response, REFERRER_POLICY, "same-origin");
    response::header(&mut response, X_FRAME_OPTIONS, "DENY");
    response::header(&mut response, CACHE_CONTROL, "no-store");
    response::header(&mut response, VARY, "Cookie, Accept");
    Ok(response)
}

fn too_large() -> Refusal {
    let message = format!(
        "this page would have more than {} MiB, too much for a browser; the archive of the module holds all of it",
        LARGEST >> 20
    );
    Refusal::unprocessable(message)
}

/// A page with status 200.
///
/// # Errors
/// As [`page`].
pub(in crate::serve::web) fn ok(view: &impl Template) -> Answer<Response<Body>> {
    page(StatusCode::OK, view)
}

/// Redirects the browser, after a form or to the canonical address of a page.
pub(in crate::serve::web) fn see_other(path: &str) -> Response<Body> {
    let mut response = response::text(StatusCode::SEE_OTHER, "");
    response::header(&mut response, LOCATION, path);
    response::header(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// Adds a session cookie, or its removal, to a response.
pub(in crate::serve::web) fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    response::header(&mut response, SET_COOKIE, cookie);
    response
}
