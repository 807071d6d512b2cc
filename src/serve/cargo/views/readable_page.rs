//! The page that a caller gets of a crate in a view.

use crate::actions::access::may_read_dependencies;
use crate::actions::{ActionError, Caller};
use crate::serve::cargo::index_page::IndexPage;
use crate::serve::cargo::name_cache::NamedCrate;
use crate::serve::http::error::Answer;
use crate::serve::state::State;
use crate::store::Sdk;

/// The page of these SDKs, without those whose dependencies the caller may not read. It is not cached.
///
/// # Errors
/// When the caller may read none of them.
pub(super) fn readable_page(state: &State, caller: &Caller, named: &NamedCrate, sdks: Vec<Sdk>) -> Answer<IndexPage> {
    let mut shown = vec![];
    for sdk in sdks {
        if may_read_dependencies(state.store(), caller, sdk.key.commit)? {
            shown.push(sdk);
        }
    }
    if shown.is_empty() {
        return Err(ActionError::HiddenDependency(named.module.name.clone()).into());
    }
    Ok(IndexPage::new(vec![], named.count, &shown))
}
