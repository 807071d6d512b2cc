//! One request to a page: who asks, over which address, and how the answer is dressed.

use std::sync::Arc;

use askama::Template;
use http::header::X_FRAME_OPTIONS;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

use crate::actions::access::{readable_module, viewer};
use crate::actions::{Actor, Caller};
use crate::model::{CommitId, DescriptorSet, ModuleName, Timestamp};
use crate::publish::DescriptorsError;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::origin::Origin;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::{Module, Owner, Store};

use super::deadline::Deadline;
use super::form::Fields;
use super::limited_text::Bounded;
use super::relative_time::Age;
use super::{assets, session};

/// Nothing but our own style sheet and script; forms go to us, nobody frames us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Largest page in bytes; nobody reads one, and browsers stop at much larger ones.
pub(in crate::serve::web) const LARGEST: usize = 4 << 20;

/// One request to a page.
pub(in crate::serve::web) struct PageRequest<'a> {
    /// What all requests share.
    pub state: &'a State,
    /// Path and query, as they were asked for.
    pub target: String,
    /// What stands behind the question mark.
    pub query: Fields,
    /// Who asks.
    pub caller: Caller,
    /// Where the browser sent the request, and from where.
    pub origin: Origin,
    /// When.
    pub now: Timestamp,
    /// Until when somebody waits for the answer.
    pub deadline: Deadline,
}

/// What every page shows around its content.
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
    /// Who is signed in.
    pub user: Option<String>,
    /// Whether there is a link to the pages for administrators.
    pub admin: bool,
    /// What stands in the search box.
    pub query: String,
    /// An Atom feed of what the page shows.
    pub feed: Option<String>,
}

impl<'a> PageRequest<'a> {
    /// A visit of whoever the request says it is.
    ///
    /// # Errors
    /// When its credentials are not valid.
    pub(in crate::serve::web) fn new(state: &'a State, request: &Parts, deadline: Deadline) -> Answer<Self> {
        let visit = Self::of_nobody(state, request, deadline);
        let caller = session::caller(&state.auth, &request.headers, &visit.origin)?;
        Ok(Self { caller, ..visit })
    }

    /// A visit without a look at the credentials.
    pub(in crate::serve::web) fn of_nobody(state: &'a State, request: &Parts, deadline: Deadline) -> Self {
        let uri = &request.uri;
        Self {
            origin: state.addresses.origin(request),
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

    /// The files of a commit and all that they import, compiled.
    ///
    /// # Errors
    /// When the visitor may not read all of that, or it does not compile any more.
    pub(in crate::serve::web) fn descriptors(&self, commit: CommitId) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        self.state.publisher.descriptors(commit, viewer(&self.caller))
    }

    /// How long ago `time` was.
    pub(in crate::serve::web) fn age(&self, time: Timestamp) -> Age {
        Age::new(time, self.now)
    }

    /// Our address as the browser is to use it, without a trailing slash.
    pub(in crate::serve::web) fn url(&self) -> &str {
        &self.origin.url
    }

    /// Host and port of our address.
    pub(in crate::serve::web) fn host(&self) -> &str {
        self.origin.host()
    }

    /// What stands around a page of this title.
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
        }
    }

    /// The signed-in user.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub(in crate::serve::web) fn user(&self) -> Answer<&Owner> {
        self.caller.user().ok_or_else(|| Refusal::unauthenticated("sign in to see this page"))
    }

    /// The visitor, about to change something.
    pub(in crate::serve::web) fn actor(&self) -> Actor<'_> {
        self.state.actor(&self.caller)
    }

    /// The module of this name.
    ///
    /// # Errors
    /// When it does not exist for the caller; says which part is unknown and what is like it.
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

/// Whether a client that sends these headers reads HTML.
pub(in crate::serve::web) fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// A page with its headers.
///
/// # Errors
/// When it would be too large: pages show excerpts of what users wrote, but there is no end to how many there may be.
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

/// A page that is as it should be.
///
/// # Errors
/// As [`page`].
pub(in crate::serve::web) fn ok(view: &impl Template) -> Answer<Response<Body>> {
    page(StatusCode::OK, view)
}

/// Sends the browser on, after a form or to the one address of a page.
pub(in crate::serve::web) fn see_other(path: &str) -> Response<Body> {
    let mut response = response::text(StatusCode::SEE_OTHER, "");
    response::header(&mut response, LOCATION, path);
    response::header(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// Adds the cookie that signs in or out.
pub(in crate::serve::web) fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    response::header(&mut response, SET_COOKIE, cookie);
    response
}
