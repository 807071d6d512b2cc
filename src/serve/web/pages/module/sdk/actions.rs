//! The forms of an SDK page: generate, retry, create a token, yank.

use http::Response;

use crate::actions::tokens::{self, NewToken};
use crate::actions::{interests, yank};
use crate::model::{PluginRef, Scope};
use crate::publish::{SdkPurpose, SdkRequest};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{PageRequest, see_other};
use crate::serve::web::page::params::Params;

use super::address::RequestedSdk;

/// Handles a form of an SDK page.
///
/// # Errors
/// When nobody is signed in, the caller lacks the right, or the form is unknown.
pub(in crate::serve::web) fn submit(
    visit: &PageRequest<'_>,
    params: &Params,
    fields: &Fields,
) -> Answer<Response<Body>> {
    let user = visit.user()?;
    let wanted = RequestedSdk::find(visit, params)?;
    match fields.get("do") {
        "generate" => generate(visit, &wanted, fields),
        "yank" => yank_if_sure(visit, &wanted, fields),
        "unyank" => set(visit, &wanted, false),
        "token" => {
            let note = format!("cargo, for {}", wanted.crate_name);
            let expires = visit.now.plus_days(tokens::LIFE_FOR_PROGRAMS_DAYS);
            let new = NewToken { scope: Scope::Read, note, expires: Some(expires) };
            let issued = tokens::create(&visit.actor(), user, new)?;
            super::show(visit, &wanted, Some(issued.secret.reveal()))
        }
        other => Err(Refusal::invalid(format!("the form asks for {other:?}, which this page does not do"))),
    }
}

fn generate(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, fields: &Fields) -> Answer<Response<Body>> {
    if !super::may_request(visit, wanted)? {
        return Err(Refusal::forbidden("your token may not request SDKs of this module"));
    }
    let purpose = match wanted.at.label.as_ref().filter(|_| fields.get("keep") == "yes") {
        Some(label) => SdkPurpose::Keep(label.name.clone()),
        None => SdkPurpose::Once,
    };
    let version = (!wanted.version.is_empty()).then_some(wanted.plugin.version);
    let request = SdkRequest {
        plugin: PluginRef { name: wanted.plugin.name.clone(), version },
        reference: wanted.at.commit.id.to_string(),
        purpose,
        by: Some(visit.actor().author()?),
    };
    interests::request_sdk(&visit.actor(), &visit.state.publisher, &wanted.at.module, &request)?;
    Ok(see_other(&wanted.own_path()))
}

/// Yanks if the confirmation box is ticked.
fn yank_if_sure(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, fields: &Fields) -> Answer<Response<Body>> {
    if fields.get("sure") != "yes" {
        return Err(Refusal::invalid("nothing was yanked: tick the box that says what it does, then press the button"));
    }
    set(visit, wanted, true)
}

fn set(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, yanked: bool) -> Answer<Response<Body>> {
    let missing = || Refusal::not_found(format!("{} {} is not in the index", wanted.crate_name, wanted.crate_version));
    let sdk = visit.store().sdk(&wanted.key)?.ok_or_else(missing)?;
    yank::set_yanked(&visit.actor(), &wanted.at.module, &sdk, yanked)?;
    Ok(see_other(&wanted.own_path()))
}
