//! The search service: modules, crates, declarations and files, as on the page of the same name.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::search::{SearchResults, search};
use crate::model::ModuleName;
use crate::serve::http::error::Refusal;
use crate::serve::rpc::call::context::Rpc;
use crate::store::{FileMatch, SymbolMatch};
use crate::wire::registry::v1 as wire;
use crate::wire::registry::v1::{
    FoundCrate, FoundFile, FoundModule, FoundSymbol, SearchRequest, SearchResponse, SearchService,
};

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
            if request.query.trim().is_empty() {
                return Err(Refusal::invalid("query is empty; write a name, or a part of one"));
            }
            let size = if request.page_size == 0 { USUAL } else { request.page_size.min(MOST) };
            Ok(response(search(&call.actor(), &request.query, size)?))
        })
    }
}

fn response(found: SearchResults) -> SearchResponse {
    let module = |module: crate::store::Module| FoundModule {
        module: name(&module.name).into(),
        description: module.description,
    };
    let crates = found.crates.crates.into_iter();
    let symbols = found.types.into_iter().chain(found.members).chain(found.comments);
    SearchResponse {
        modules: found.modules.into_iter().map(module).collect(),
        crates: crates
            .map(|(name, version)| FoundCrate { crate_name: name.to_string(), version: version.to_string() })
            .collect(),
        symbols: symbols.map(symbol).collect(),
        files: found.files.into_iter().map(file).collect(),
    }
}

fn symbol(found: SymbolMatch) -> FoundSymbol {
    FoundSymbol {
        kind: found.symbol.kind.as_str().to_owned(),
        name: found.symbol.name,
        module: name(&found.module).into(),
        comment: found.comment,
    }
}

fn file(found: FileMatch) -> FoundFile {
    FoundFile { path: found.path, module: name(&found.module).into() }
}

fn name(module: &ModuleName) -> wire::ModuleName {
    wire::ModuleName { owner: module.owner().to_string(), name: module.name().to_string() }
}
