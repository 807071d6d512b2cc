//! The entry point of every request, and the exit of every response.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;

use crate::actions::Caller;
use crate::serve::app::App;
use crate::serve::http::error::Refusal;
use crate::serve::http::request_id::{self, RequestId};
use crate::serve::http::router::{self, ResponseForm};
use crate::serve::state::State;
use crate::serve::web;

use super::activity::{self, Activity};
use super::body::{AnswerBody, RequestBody};
use super::connections::NoPlace;

/// Serves a request of the connection of `activity`. `patience` is the client's time for each piece of a body.
pub(super) async fn answer(
    app: &App,
    request: Request<Incoming>,
    activity: &Arc<Activity>,
    patience: Duration,
) -> Response<AnswerBody> {
    let state = &app.state;
    let own = Arc::new(activity::Request::begin(activity));
    let asked = ResponseForm::of(&request);
    let (parts, body) = request.into_parts();
    let id = RequestId::of(&parts, &state.addresses);
    let known = is_known(state, activity, &parts);
    let admitted = if known { Ok(()) } else { own.count_stranger(|| state.connections.busy_stranger()) };
    let answer = match admitted {
        Ok(()) => {
            let body = RequestBody::new(body, Arc::clone(&own), patience);
            router::answer(app, Request::from_parts(parts, body), &id).await
        }
        Err(no_place) => asked.refuse(state, &no_place.into()),
    };
    let (parts, body) = answer.into_parts();
    let mut body = AnswerBody::new(body, Arc::clone(&own));
    let mut answer = match body.hold(|data| state.memory.hold(data, known)) {
        Ok(()) => Response::from_parts(parts, body),
        Err(refusal) => asked.refuse(state, &refusal).map(|body| AnswerBody::new(body, own)),
    };
    answer.headers_mut().insert(request_id::HEADER, id.header());
    answer
}

/// Whether the connection has sent a valid token, with this request or an earlier one.
fn is_known(state: &State, activity: &Activity, request: &Parts) -> bool {
    if !activity.is_known() && matches!(web::caller(state, request), Ok(Caller::User { .. })) {
        activity.set_known();
    }
    activity.is_known()
}

impl From<NoPlace> for Refusal {
    fn from(error: NoPlace) -> Self {
        Self::busy(error.to_string())
    }
}
