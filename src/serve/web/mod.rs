//! The face for browsers: pages that the server renders, complete without scripts. One file per page, with a plain
//! struct for its template in `assets/templates/`. No GET changes anything. Forms are accepted only from the server's
//! own pages.

pub(super) mod fuzzing;
mod highlight;
mod markdown;
mod page;
mod pages;
mod routes;

use std::sync::Arc;

use http::header::COOKIE;
use http::request::Parts;
use http::{Method, Response};
use tokio::task::block_in_place;

pub(super) use markdown::readme_cache::Readmes;
pub(super) use page::deadline::Pages;
pub(super) use pages::module::downloads::archive_cache::Archives;
pub(super) use pages::module::sdk::CrateFiles;
pub(super) use pages::sign_in::attempts::Attempts;

use super::auth::AuthError;
use super::http::error::{Answer, Refusal};
use super::http::listen::RequestBody;
use super::http::response::Body;
use super::state::State;
use crate::actions::Caller;
use page::deadline::Deadline;
use page::page_request::PageRequest;
pub(super) use page::params::Params;
use page::{compression, error_page, form, session};
use routes::{Form, Get};
pub(super) use routes::{ROUTES, Route};

/// The response to a request for a page.
pub(super) async fn answer(
    state: &Arc<State>,
    request: &Parts,
    body: RequestBody,
    route: &'static Route,
    params: Params,
) -> Response<Body> {
    let made = match request.method {
        Method::GET | Method::HEAD => match get(state, request, route, params).await {
            Ok(response) => Ok(compression::compress(&request.headers, response).await),
            Err(refusal) => Err(refusal),
        },
        Method::POST => match form::read(&request.headers, body).await {
            Ok(fields) => {
                let (of, asked) = (Arc::clone(state), request.clone());
                let work = move |deadline: &Deadline| {
                    post(&of, route, &Form { params: &params, fields: &fields, request: &asked }, deadline)
                };
                state.pages.make(work).await
            }
            Err(refusal) => Err(refusal),
        },
        ref method => Err(Refusal::invalid(format!("{} does not answer {method}", request.uri.path()))),
    };
    made.unwrap_or_else(|refusal| error_page::answer(state, request, &refusal))
}

/// The caller of a request, by token or by session.
///
/// # Errors
/// When a token was sent that is not valid.
pub(super) fn caller(state: &State, request: &Parts) -> Result<Caller, AuthError> {
    if request.headers.contains_key(COOKIE) {
        return session::caller(&state.auth, &request.headers, &state.addresses.origin(request));
    }
    state.auth.caller(&request.headers)
}

/// The response to a request for an unknown path.
pub(super) fn nothing(state: &State, request: &Parts) -> Response<Body> {
    let refusal = Refusal::not_found(format!("there is nothing at {}; start at /", request.uri.path()));
    error_page::answer(state, request, &refusal)
}

async fn get(state: &Arc<State>, request: &Parts, route: &'static Route, params: Params) -> Answer<Response<Body>> {
    match route.get {
        Get::Asset(serve) => serve(&params),
        Get::Archive(pack) => {
            let deadline = state.pages.deadline();
            let visit = block_in_place(|| visit(state, request, route, &deadline))?;
            pack(&visit, &params).await
        }
        Get::Page(show) => {
            let (of, asked) = (Arc::clone(state), request.clone());
            state.pages.make(move |deadline| show(&visit(&of, &asked, route, deadline)?, &params)).await
        }
    }
}

fn visit<'a>(state: &'a State, request: &Parts, route: &Route, deadline: &Deadline) -> Answer<PageRequest<'a>> {
    let visit = PageRequest::new(state, request, deadline.clone())?;
    if visit.caller.user().is_none() && !state.anonymous_reads && !route.is_open {
        return Err(Refusal::unauthenticated("this registry is read with a token"));
    }
    Ok(visit)
}

fn post(state: &State, route: &Route, form: &Form<'_>, deadline: &Deadline) -> Answer<Response<Body>> {
    if !route.is_for_programs {
        state.addresses.origin(form.request).check_form(&form.request.headers)?;
    }
    let visit = visit(state, form.request, route, deadline)?;
    match route.post {
        Some(submit) => submit(&visit, form),
        None => Err(Refusal::invalid(format!("{} takes no forms", form.request.uri.path()))),
    }
}
