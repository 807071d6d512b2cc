//! Downloads of the crate, and who still uses which version.

use crate::actions::usage::{self, RECENT_DAYS, TokenUse, VersionUsage};
use crate::model::Timestamp;
use crate::serve::http::error::Answer;
use crate::serve::tasks::usage::token_hash;
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::relative_time::Age;

use super::address::RequestedSdk;

/// The most uses that the page names; `registry sdk usage` names all.
const SHOWN: usize = 20;

/// The downloads of the crate.
pub(super) struct Usage {
    /// Those of this version.
    pub total: u64,
    /// Those of this version in the last days.
    pub recent: u64,
    pub recent_days: i64,
    /// Who took which version, the latest first; empty for those who do not administer the module.
    pub users: Vec<UserRow>,
    /// How many more there are.
    pub more: usize,
}

/// The last use of a version by a token.
pub(super) struct UserRow {
    /// The user, or what stands for a token that does not exist any more.
    pub user: String,
    pub version: String,
    pub age: Age,
}

impl Usage {
    /// The downloads of the crate of `wanted`, if they are counted.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn find(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>) -> Answer<Option<Self>> {
        if visit.state.usage.is_none() {
            return Ok(None);
        }
        let (module, name) = (&wanted.at.module, &wanted.crate_name);
        let versions = usage::of_crate(&visit.actor(), module, name, visit.now.day_number(), token_hash)?.versions;
        let own = versions.iter().find(|usage| usage.downloads.version == wanted.crate_version);
        let (total, recent) = own.map_or((0, 0), |usage| (usage.downloads.total, usage.downloads.recent));
        let mut users: Vec<_> = versions.into_iter().flat_map(|usage| user_rows(visit, usage)).collect();
        users.sort_by(|(a, _), (b, _)| b.cmp(a));
        let more = users.len().saturating_sub(SHOWN);
        let users = users.into_iter().take(SHOWN).map(|(_, row)| row).collect();
        Ok(Some(Self { total, recent, recent_days: RECENT_DAYS, users, more }))
    }
}

fn user_rows(visit: &PageRequest<'_>, usage: VersionUsage) -> Vec<(Timestamp, UserRow)> {
    let VersionUsage { downloads, tokens } = usage;
    let row = |token: TokenUse| {
        let gone = || format!("a deleted token ({})", token.hash.to_string().chars().take(8).collect::<String>());
        let user = token.user.clone().unwrap_or_else(gone);
        (token.last, UserRow { user, version: downloads.version.to_string(), age: visit.age(token.last) })
    };
    tokens.into_iter().map(row).collect()
}
