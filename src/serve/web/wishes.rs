//! What a module asks of its crates, as it stands in the commit.

use crate::model::CommitId;
use crate::serve::error::Answer;

use super::visit::Visit;

/// Longest text that is shown, in bytes.
const SHOWN: usize = 4000;

/// The commit's `registry.yaml`; the beginning of it if it is long.
///
/// # Errors
/// When the store fails.
pub(super) fn asked(visit: &Visit<'_>, commit: CommitId) -> Answer<Option<String>> {
    let Some(text) = visit.store().module_options(commit)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&text);
    let end = (0..=SHOWN.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let more = if end < text.len() { "\n…" } else { "" };
    Ok(Some(format!("{}{more}", text[..end].trim_end())))
}
