//! The settings of the signed-in user: tokens and organizations.

pub(in crate::serve::web) mod organizations;

use askama::Template;
use http::Response;

use crate::actions::tokens::{self, NewToken};
use crate::model::{IdError, Scope, Timestamp, TokenSecret};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::store::{OwnerKind, Token};

use super::sign_in;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok, see_other};
use crate::serve::web::page::relative_time::Age;
use organizations::{OrganizationRow, OwnerSettingsView, rows};

struct TokenRow {
    id: String,
    note: String,
    scope: String,
    created: Age,
    expires: Option<Age>,
    /// `revoked`, `expired`, or nothing if it is in use.
    ended: &'static str,
    may_revoke: bool,
}

#[derive(Template)]
#[template(path = "settings.html", config = "assets/askama.toml")]
struct SettingsView {
    chrome: Chrome,
    name: String,
    kind: &'static str,
    scope: String,
    tokens: Vec<TokenRow>,
    ended: Vec<TokenRow>,
    /// What holds for the user's own modules.
    own: OwnerSettingsView,
    organizations: Vec<OrganizationRow>,
    may_write: bool,
    may_admin: bool,
    /// The secret of a token that was just created, shown only now.
    new_token: Option<String>,
}

/// `/settings`.
pub(in crate::serve::web) fn settings(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "");
    }
    show(visit, None)
}

fn show(visit: &PageRequest<'_>, new_token: Option<&TokenSecret>) -> Answer<Response<Body>> {
    let user = visit.user()?;
    let mut all = visit.store().tokens_of(user.id)?;
    all.sort_by_key(|token| std::cmp::Reverse((token.created, token.id)));
    let (tokens, ended) = all.iter().map(|token| row(visit, token)).partition(|row| row.ended.is_empty());
    let scopes = [Scope::Admin, Scope::Write, Scope::Read];
    let scope = scopes.into_iter().find(|scope| visit.caller.allows(*scope)).unwrap_or(Scope::Read);
    ok(&SettingsView {
        chrome: visit.chrome("Settings"),
        name: user.name.to_string(),
        kind: match user.kind {
            OwnerKind::User { admin: true, .. } => "administrator",
            OwnerKind::User { bot: true, .. } => "bot",
            _ => "user",
        },
        scope: scope.to_string(),
        tokens,
        ended,
        own: OwnerSettingsView::of(visit, user)?,
        organizations: rows(visit, user)?,
        may_write: scope >= Scope::Write,
        may_admin: visit.caller.is_admin(),
        new_token: new_token.map(|secret| secret.reveal().to_owned()),
    })
}

fn row(visit: &PageRequest<'_>, token: &Token) -> TokenRow {
    let expired = token.expires.is_some_and(|expires| expires <= visit.now);
    TokenRow {
        id: token.id.to_string(),
        note: token.note.clone(),
        scope: token.scope.to_string(),
        created: visit.age(token.created),
        expires: token.expires.map(|expires| visit.age(expires)),
        ended: match token.revoked {
            Some(_) => "revoked",
            None if expired => "expired",
            None => "",
        },
        may_revoke: visit.caller.allows(token.scope.max(Scope::Write)),
    }
}

/// `POST /settings/tokens`: creates a token and shows its secret once.
pub(in crate::serve::web) fn create_token(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let user = visit.user()?;
    let scope: Scope = fields.get("scope").parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    let new = NewToken { scope, note: fields.get("note").into(), expires: expiry(visit, fields.get("days"))? };
    show(visit, Some(&tokens::create(&visit.actor(), user, new)?.secret))
}

/// The expiry of a token that lives for `days`; none if `days` is empty.
fn expiry(visit: &PageRequest<'_>, days: &str) -> Answer<Option<Timestamp>> {
    if days.is_empty() {
        return Ok(None);
    }
    match days.parse() {
        Ok(days) => Ok(Some(visit.now.plus_days(days))),
        Err(_) => Err(Refusal::invalid(format!("a token lives for a number of days, not {days:?}"))),
    }
}

/// `POST /settings/tokens/revoke`.
pub(in crate::serve::web) fn revoke_token(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let id = fields.get("id").parse().map_err(|error: IdError| Refusal::invalid(error.to_string()))?;
    tokens::revoke(&visit.actor(), id)?;
    Ok(see_other("/settings#tokens"))
}
