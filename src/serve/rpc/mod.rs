//! The face that `buf` and the command line see: every RPC over Connect, gRPC and gRPC-Web.
//!
//! One file per service, all on [`Rpc`]. A method is three lines: who calls ([`call`]), which records are meant
//! ([`refs`]), how they look on the wire ([`convert`]). What is not here answers `unimplemented`.

// The traits let a method return anything that encodes to its response; ours return the response itself.
#![allow(refining_impl_trait)]

mod admit;
mod authn;
mod beta;
mod bounded;
mod call;
mod commits;
mod convert;
mod curation;
mod download;
pub(super) mod fuzzing;
mod generation;
mod graph;
mod interests;
mod label_rules;
mod labels;
mod members;
mod mirror;
mod modules;
mod names;
mod organizations;
mod owners;
mod packed;
mod paging;
mod plugins;
mod probe;
mod refs;
mod resolve;
mod resources;
mod sdk_list;
mod sdks;
mod selection;
#[cfg(test)]
mod testing;
mod text;
mod tokens;
mod upload;
mod upstream;
mod users;
mod warning;
mod words;

use std::sync::{Arc, Weak};

use connectrpc::{ConnectRpcService, Router};

use crate::model::Limits;
use crate::wire::buf::alpha::registry::v1alpha1 as alpha;
use crate::wire::buf::registry::module::{v1 as module, v1beta1 as beta_module};
use crate::wire::buf::registry::owner::v1 as owner;
use crate::wire::registry::v1 as ours;

use super::memory::Memory;
use super::state::State;
pub(super) use admit::{answer, grpc, refuse};
use call::Rpc;

/// All RPCs, for those who showed a token that is valid and for those who did not: they differ in what they may send.
pub(super) struct RpcService {
    known: ConnectRpcService<Router>,
    strangers: ConnectRpcService<Router>,
}

/// The RPCs of a server whose requests share `state`. No request is larger than `limits` allow, nor than `memory` has
/// room for.
pub(super) fn service(state: &Weak<State>, limits: &Limits, memory: &Arc<Memory>) -> RpcService {
    let rpc = Arc::new(Rpc::new(state.clone()));
    let router = Arc::new(probe::install(router(&rpc), state));
    let bounded = |most, known, elements| {
        let service = ConnectRpcService::from_arc(Arc::clone(&router)).with_limits(admit::connect_limits(elements));
        let service = service.with_interceptor(words::OwnWords { most: elements });
        service.with_compression(packed::encodings(most, *limits, memory, known))
    };
    let elements = memory.of_one();
    RpcService {
        known: bounded(limits.body, true, elements),
        strangers: bounded(admit::strangers_body(limits), false, elements / 8),
    }
}

/// Every method that a server answers, `package.Service/Method`.
pub(super) fn methods() -> Vec<String> {
    let state = Weak::new();
    let router = probe::install(router(&Arc::new(Rpc::new(state.clone()))), &state);
    let mut methods: Vec<_> = router.methods().map(ToOwned::to_owned).collect();
    methods.sort();
    methods
}

fn router(rpc: &Arc<Rpc>) -> Router {
    let rpc = || Arc::clone(rpc);
    let router = Router::new();
    let router = module::ModuleServiceExt::register(rpc(), router);
    let router = module::CommitServiceExt::register(rpc(), router);
    let router = module::GraphServiceExt::register(rpc(), router);
    let router = module::DownloadServiceExt::register(rpc(), router);
    let router = module::UploadServiceExt::register(rpc(), router);
    let router = module::LabelServiceExt::register(rpc(), router);
    let router = module::ResourceServiceExt::register(rpc(), router);
    let router = beta_module::CommitServiceExt::register(rpc(), router);
    let router = beta_module::GraphServiceExt::register(rpc(), router);
    let router = beta_module::DownloadServiceExt::register(rpc(), router);
    let router = beta_module::UploadServiceExt::register(rpc(), router);
    let router = owner::OwnerServiceExt::register(rpc(), router);
    let router = owner::OrganizationServiceExt::register(rpc(), router);
    let router = owner::UserServiceExt::register(rpc(), router);
    let router = alpha::AuthnServiceExt::register(rpc(), router);
    let router = alpha::PluginCurationServiceExt::register(rpc(), router);
    let router = alpha::ResolveServiceExt::register(rpc(), router);
    let router = alpha::CodeGenerationServiceExt::register(rpc(), router);
    let router = ours::SdkServiceExt::register(rpc(), router);
    let router = ours::TokenServiceExt::register(rpc(), router);
    let router = ours::MirrorServiceExt::register(rpc(), router);
    let router = ours::MemberServiceExt::register(rpc(), router);
    let router = ours::NameServiceExt::register(rpc(), router);
    ours::PluginServiceExt::register(rpc(), router)
}
