//! Who uses which version of a crate.

use std::collections::HashMap;

use super::access::{Access, access};
use super::actor::Actor;
use super::error::ActionError;
use crate::model::{CrateName, SdkVersion, Sha256Digest, Timestamp, TokenId};
use crate::store::{CrateUser, Module, VersionDownloads};

/// The days that count as recent.
pub(crate) const RECENT_DAYS: i64 = 30;

/// The downloads of one version.
pub(crate) struct VersionUsage {
    /// The numbers.
    pub(crate) downloads: VersionDownloads,
    /// The tokens that took it, the latest first.
    pub(crate) tokens: Vec<TokenUse>,
}

/// The last use of a version by a token.
pub(crate) struct TokenUse {
    /// What stands for the token.
    pub(crate) hash: Sha256Digest,
    /// The name of its user, while the token exists.
    pub(crate) user: Option<String>,
    /// The time of the last download.
    pub(crate) last: Timestamp,
}

/// The use of a crate.
pub(crate) struct CrateUsage {
    /// The versions that were downloaded, the newest first.
    pub(crate) versions: Vec<VersionUsage>,
    /// Whether the caller may not see the tokens.
    pub(crate) is_partial: bool,
}

/// The use of the crate `name` of `module`, which the caller may read. Only who administers the module sees tokens:
/// they tell who works on what. `today` is a day counted from 1970 on; `hash` is what stands for a token.
///
/// # Errors
/// When the store fails.
pub(crate) fn of_crate(
    actor: &Actor<'_>,
    module: &Module,
    name: &CrateName,
    today: i64,
    hash: impl Fn(TokenId) -> Sha256Digest,
) -> Result<CrateUsage, ActionError> {
    let is_partial = access(actor.store, actor.caller, module.owner)? < Access::Admin;
    let mut tokens = if is_partial { HashMap::new() } else { tokens(actor, module, name, hash)? };
    let mut downloads = actor.store.downloads(module.id, name, today - RECENT_DAYS + 1)?;
    downloads.sort_by(|a, b| b.version.cmp(&a.version));
    let version = |downloads: VersionDownloads| {
        let tokens = tokens.remove(&downloads.version).unwrap_or_default();
        VersionUsage { downloads, tokens }
    };
    Ok(CrateUsage { versions: downloads.into_iter().map(version).collect(), is_partial })
}

fn tokens(
    actor: &Actor<'_>,
    module: &Module,
    name: &CrateName,
    hash: impl Fn(TokenId) -> Sha256Digest,
) -> Result<HashMap<SdkVersion, Vec<TokenUse>>, ActionError> {
    let mut uses: HashMap<_, Vec<_>> = HashMap::new();
    let users = actor.store.crate_users(module.id, name)?;
    if users.is_empty() {
        return Ok(uses);
    }
    let owners: HashMap<_, _> =
        actor.store.list_tokens()?.into_iter().map(|token| (hash(token.id), token.owner)).collect();
    for CrateUser { version, token, last } in users {
        let owner = owners.get(&token).map(|owner| actor.store.owner_by_id(*owner)).transpose()?.flatten();
        let user = owner.map(|owner| owner.name.to_string());
        uses.entry(version).or_default().push(TokenUse { hash: token, user, last });
    }
    Ok(uses)
}
