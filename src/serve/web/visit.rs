//! One request to a page: who asks, over which address, and how the answer is dressed.

use askama::Template;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderMap, Response, StatusCode};

use crate::model::{ModuleName, Scope, Timestamp};
use crate::serve::access::readable_module;
use crate::serve::auth::Caller;
use crate::serve::base::request_url;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::{self, Body};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::{Module, Owner, Store};

use super::age::Age;
use super::bounded::Bounded;
use super::deadline::Deadline;
use super::form::Fields;
use super::{asset, session};

/// Nothing but our own style sheet and script; forms go to us, nobody frames us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Largest page in bytes; nobody reads one, and browsers stop at much larger ones.
pub(super) const LARGEST: usize = 4 << 20;

/// One request to a page.
pub(super) struct Visit<'a> {
    /// What all requests share.
    pub state: &'a State,
    /// Path and query, as they were asked for.
    pub target: String,
    /// What stands behind the question mark.
    pub query: Fields,
    /// Who asks.
    pub caller: Caller,
    /// Our address as the browser used it, without a trailing slash.
    pub url: String,
    /// When.
    pub now: Timestamp,
    /// Until when somebody waits for the answer.
    pub deadline: Deadline,
}

/// What every page shows around its content.
pub(super) struct Chrome {
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

impl<'a> Visit<'a> {
    pub(super) fn new(state: &'a State, headers: &HeaderMap, uri: &http::Uri, deadline: Deadline) -> Answer<Self> {
        let caller = session::caller(&state.auth, headers)?;
        Ok(Self {
            url: request_url(state.public_url.as_deref(), headers, &state.own_url),
            target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            query: Fields::parse(uri.query().unwrap_or_default().as_bytes()),
            now: state.publisher.clock().now(),
            state,
            caller,
            deadline,
        })
    }

    /// The store.
    pub(super) fn store(&self) -> &'a Store {
        self.state.store()
    }

    /// How long ago `time` was.
    pub(super) fn age(&self, time: Timestamp) -> Age {
        Age::new(time, self.now)
    }

    /// Host and port that the browser used.
    pub(super) fn host(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, host)| host)
    }

    /// What stands around a page of this title.
    pub(super) fn chrome(&self, title: impl Into<String>) -> Chrome {
        Chrome {
            title: title.into(),
            host: self.host().to_owned(),
            style: &asset::STYLE.path,
            script: &asset::SCRIPT.path,
            icon: &asset::ICON.path,
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
    pub(super) fn user(&self) -> Answer<&Owner> {
        self.caller.user().ok_or_else(|| Refusal::unauthenticated("sign in to see this page"))
    }

    /// The signed-in user, if the token allows `scope`.
    ///
    /// # Errors
    /// When nobody is signed in, or with a token that allows less.
    pub(super) fn user_with(&self, scope: Scope) -> Answer<&Owner> {
        let user = self.user()?;
        if self.caller.allows(scope) {
            return Ok(user);
        }
        Err(Refusal::forbidden(format!("the token that you signed in with may not do this: it takes scope {scope}")))
    }

    /// The module of this name.
    ///
    /// # Errors
    /// When it does not exist for the caller; says which part is unknown and what is like it.
    pub(super) fn module(&self, owner: &str, name: &str) -> Answer<Module> {
        let full: ModuleName = format!("{owner}/{name}")
            .parse()
            .map_err(|error| Refusal::not_found(format!("there is no module {owner}/{name}: {error}")))?;
        match readable_module(self.store(), &self.caller, &full)? {
            Some(module) => Ok(module),
            None => Err(Refusal::not_found(unknown_module(self.store(), &self.caller, &full)?)),
        }
    }
}

/// Whether a client that sends these headers reads HTML.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// A page with its headers.
///
/// # Errors
/// When it would be too large: pages show excerpts of what users wrote, but there is no end to how many there may be.
pub(super) fn page(status: StatusCode, view: &impl Template) -> Answer<Response<Body>> {
    let mut html = Bounded::new(LARGEST);
    view.render_into(&mut html).map_err(|_| too_large())?;
    let mut response = respond::with(status, "text/html; charset=utf-8", html.into_text());
    respond::header(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    respond::header(&mut response, REFERRER_POLICY, "same-origin");
    respond::header(&mut response, X_FRAME_OPTIONS, "DENY");
    respond::header(&mut response, CACHE_CONTROL, "no-store");
    respond::header(&mut response, VARY, "Cookie, Accept");
    protect(&mut response);
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
pub(super) fn ok(view: &impl Template) -> Answer<Response<Body>> {
    page(StatusCode::OK, view)
}

/// Tells browsers to believe the content type: what users pushed must never run as something else.
pub(super) fn protect(response: &mut Response<Body>) {
    respond::header(response, X_CONTENT_TYPE_OPTIONS, "nosniff");
}

/// Sends the browser on, after a form or to the one address of a page.
pub(super) fn see_other(path: &str) -> Response<Body> {
    let mut response = respond::text(StatusCode::SEE_OTHER, "");
    respond::header(&mut response, LOCATION, path);
    respond::header(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// Adds the cookie that signs in or out.
pub(super) fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    respond::header(&mut response, SET_COOKIE, cookie);
    response
}
