//! The search service: modules, crates and declarations by name, as on the page of the same name.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::viewer;
use crate::model::ModuleName;
use crate::serve::http::error::Refusal;
use crate::serve::rpc::call::context::Rpc;
use crate::store::{ModuleFilter, Order};
use crate::wire::registry::v1 as wire;
use crate::wire::registry::v1::{FoundCrate, FoundModule, FoundSymbol, SearchRequest, SearchResponse, SearchService};

/// The results of each kind if the request names no number, and the most that it can name.
const USUAL: u32 = 20;
const MOST: u32 = 250;

impl SearchService for Rpc {
    async fn search(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, SearchRequest>,
    ) -> ServiceResult<SearchResponse> {
        let request = request.to_owned_message();
        self.read(&ctx, |call| {
            let (query, store, viewer) = (request.query.trim(), call.state.publisher.store(), viewer(&call.caller));
            if query.is_empty() {
                return Err(Refusal::invalid("query is empty; write a name, or a part of one"));
            }
            let size = if request.page_size == 0 { USUAL } else { request.page_size.min(MOST) };
            let filter = ModuleFilter { visible_to: viewer, query: Some(query.to_owned()), ..ModuleFilter::default() };
            let modules = store.list_modules(&filter, Order::Name, 0, size.into())?.items.into_iter();
            let crates = store.search_crates(query, viewer, size.into())?.crates.into_iter();
            let symbols = store.search_symbols(query, viewer, size as usize)?.into_iter();
            Ok(SearchResponse {
                modules: modules
                    .map(|module| FoundModule { module: name(&module.name).into(), description: module.description })
                    .collect(),
                crates: crates
                    .map(|(name, version)| FoundCrate { crate_name: name.to_string(), version: version.to_string() })
                    .collect(),
                symbols: symbols
                    .map(|found| FoundSymbol {
                        kind: found.symbol.kind.as_str().to_owned(),
                        name: found.symbol.name,
                        module: name(&found.module).into(),
                    })
                    .collect(),
            })
        })
    }
}

fn name(module: &ModuleName) -> wire::ModuleName {
    wire::ModuleName { owner: module.owner().to_string(), name: module.name().to_string() }
}
