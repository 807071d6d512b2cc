//! What the forms of an SDK page do: generate, retry, create a token, yank.

use http::Response;

use crate::model::{OwnerId, PluginRef, Scope, Timestamp};
use crate::publish::SdkRequest;
use crate::serve::access::{Access, require};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{PageRequest, see_other};
use crate::serve::web::page::params::Params;
use crate::serve::web::pages::settings::tokens;
use crate::serve::yank::set_yanked;

use super::address::RequestedSdk;

/// How long a token lives that is created beside the login command, in days.
const TOKEN_DAYS: i64 = 365;

/// Takes a form of an SDK page.
///
/// # Errors
/// When nobody is signed in, the caller may not, or the form is none of ours.
pub(in crate::serve::web) fn order(
    visit: &PageRequest<'_>,
    params: &Params,
    fields: &Fields,
) -> Answer<Response<Body>> {
    let user = visit.user_with(Scope::Read)?;
    let wanted = RequestedSdk::find(visit, params)?;
    match fields.get("do") {
        "generate" => generate(visit, &wanted, fields, user.id),
        "yank" => yank(visit, &wanted, fields),
        "unyank" => set(visit, &wanted, false),
        "token" => {
            let note = format!("cargo, for {}", wanted.crate_name);
            let expires = Timestamp::from_micros(visit.now.as_micros() + TOKEN_DAYS * 86_400_000_000);
            let secret = tokens::create(visit, user, Scope::Read, note, Some(expires))?;
            super::show(visit, &wanted, Some(secret.reveal()))
        }
        other => Err(Refusal::invalid(format!("the form asks for {other:?}, which this page does not do"))),
    }
}

fn generate(
    visit: &PageRequest<'_>,
    wanted: &RequestedSdk<'_>,
    fields: &Fields,
    by: OwnerId,
) -> Answer<Response<Body>> {
    if !super::may_order(visit, wanted)? {
        return Err(Refusal::forbidden("your token may not have SDKs of this module made"));
    }
    let module = &wanted.at.module;
    let keep = wanted.at.label.as_ref().filter(|_| fields.get("keep") == "yes");
    if keep.is_some() {
        let doing = format!("keep SDKs of module {} generated", module.name);
        require(visit.store(), &visit.caller, module.owner, Access::Write, &doing)?;
    }
    let version = (!wanted.version.is_empty()).then_some(wanted.plugin.version);
    let demand = SdkRequest {
        plugin: PluginRef { name: wanted.plugin.name.clone(), version },
        reference: wanted.at.commit.id.to_string(),
        keep: keep.map(|label| label.name.clone()),
        by: Some(by),
    };
    visit.state.publisher.request_sdk(module, &demand)?;
    Ok(see_other(&wanted.own_path()))
}

/// Whoever yanks says so twice: once with the box, once with the button.
fn yank(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, fields: &Fields) -> Answer<Response<Body>> {
    if fields.get("sure") != "yes" {
        return Err(Refusal::invalid("nothing was yanked: tick the box that says what it does, then press the button"));
    }
    set(visit, wanted, true)
}

fn set(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, yanked: bool) -> Answer<Response<Body>> {
    let missing = || Refusal::not_found(format!("{} {} is not in the index", wanted.crate_name, wanted.crate_version));
    let sdk = visit.store().sdk(&wanted.key)?.ok_or_else(missing)?;
    set_yanked(visit.state, &visit.caller, &wanted.at.module, &sdk, yanked)?;
    Ok(see_other(&wanted.own_path()))
}
