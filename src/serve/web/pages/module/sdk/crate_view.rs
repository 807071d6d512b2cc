//! The view of a published crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::serve::http::error::Answer;
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::relative_time::Age;

use super::address::RequestedSdk;
use super::crate_facts::{Contents, CrateDependency, bytes, index_facts};

/// A published crate.
pub(super) struct Published {
    pub age: Age,
    pub size: String,
    pub unpacked: String,
    pub checksum: String,
    pub needs: Vec<CrateDependency>,
    /// Its features, each with what it turns on.
    pub features: BTreeMap<String, Vec<String>>,
    pub rust_version: String,
    pub contents: Arc<Contents>,
    pub yanked: bool,
    /// The compiler that checked it before it was published, and the time of the check.
    pub checked: Option<(String, Age)>,
}

impl Published {
    /// The crate of `wanted`, if it is published.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn find(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>) -> Answer<Option<Self>> {
        let store = visit.store();
        let Some(sdk) = store.sdk(&wanted.key)? else { return Ok(None) };
        let facts = index_facts(&sdk);
        Ok(Some(Self {
            age: visit.age(sdk.created),
            size: bytes(sdk.size),
            unpacked: bytes(sdk.unpacked_size),
            checksum: sdk.checksum.to_string(),
            needs: facts.needs,
            features: facts.features,
            rust_version: facts.rust_version,
            contents: visit.state.crate_files.of(store, &sdk)?,
            yanked: sdk.yanked,
            checked: store.sdk_check(&wanted.key)?.map(|check| (check.compiler, visit.age(check.at))),
        }))
    }
}
