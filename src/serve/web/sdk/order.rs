//! What the forms of an SDK page do: generate, retry, create a token.

use http::Response;

use crate::model::{Scope, Timestamp};
use crate::publish::Demand;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::Body;
use crate::serve::web::Params;
use crate::serve::web::form::Fields;
use crate::serve::web::tokens;
use crate::serve::web::visit::{Visit, see_other};

use super::address::Wanted;

/// How long a token lives that is created beside the login command, in days.
const TOKEN_DAYS: i64 = 365;

/// Takes a form of an SDK page.
///
/// # Errors
/// When nobody is signed in, or the form is none of ours.
pub(in crate::serve::web) fn order(visit: &Visit<'_>, params: &Params, fields: &Fields) -> Answer<Response<Body>> {
    let user = visit.user_with(Scope::Read)?;
    let wanted = Wanted::find(visit, params)?;
    match fields.get("do") {
        "generate" => {
            if !super::may_order(visit, &wanted)? {
                return Err(Refusal::forbidden("your token may not have SDKs of this module made"));
            }
            let keep = wanted.at.label.as_ref().filter(|_| fields.get("keep") == "yes");
            let version = (!wanted.version.is_empty()).then_some(wanted.plugin.version);
            let demand = Demand {
                plugin: crate::model::PluginRef { name: wanted.plugin.name.clone(), version },
                reference: wanted.at.commit.id.to_string(),
                keep: keep.map(|label| label.name.clone()),
                by: Some(user.id),
            };
            visit.state.publisher.demand(&wanted.at.module, &demand)?;
            Ok(see_other(&wanted.own_path()))
        }
        "token" => {
            let note = format!("cargo, for {}", wanted.crate_name);
            let expires = Timestamp::from_micros(visit.now.as_micros() + TOKEN_DAYS * 86_400_000_000);
            let secret = tokens::create(visit, user, Scope::Read, note, Some(expires))?;
            super::show(visit, &wanted, Some(secret.reveal()))
        }
        other => Err(Refusal::invalid(format!("the form asks for {other:?}, which this page does not do"))),
    }
}
