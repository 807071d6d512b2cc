//! The module options of a commit, for pages.

use crate::model::CommitId;
use crate::serve::http::error::Answer;

use crate::serve::web::page::excerpt::excerpt;
use crate::serve::web::page::page_request::PageRequest;

/// The most bytes of the text that are shown.
const SHOWN: usize = 4000;

/// The commit's `registry.yaml`, or its beginning if it is long.
///
/// # Errors
/// When the store fails.
pub(in crate::serve::web) fn options_excerpt(visit: &PageRequest<'_>, commit: CommitId) -> Answer<Option<String>> {
    let Some(text) = visit.store().module_options(commit)? else { return Ok(None) };
    Ok(Some(excerpt(String::from_utf8_lossy(&text).trim_end(), SHOWN).into_owned()))
}
