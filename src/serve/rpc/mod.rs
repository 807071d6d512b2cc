//! The face for `buf` and the command line: every RPC over Connect, gRPC and gRPC-Web.
//!
//! One file per service, all on [`Rpc`], and one for all services of v1beta1. Files without a service are shared by the
//! services beside them. A method has three steps: it authenticates the caller ([`call::context`]), looks up the
//! records of the request ([`call::references`]), and converts the result ([`call::conversions`]). Other methods answer
//! `unimplemented`.

// The traits let a method return any type that encodes to its response; these methods return the response itself.
#![allow(refining_impl_trait)]

mod alpha;
mod call;
pub(super) mod fuzzing;
mod module_v1;
mod module_v1beta1;
mod owner_v1;
mod plugin_v1beta1;
mod registry_v1;
#[cfg(test)]
mod testing;
mod transport;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use connectrpc::{ConnectRpcService, Dispatcher as _, Router};

use crate::model::Limits;
use crate::wire::buf::alpha::registry::v1alpha1 as alpha_registry;
use crate::wire::buf::reflect::v1beta1 as reflect;
use crate::wire::buf::registry::module::{v1 as module, v1beta1 as beta_module};
use crate::wire::buf::registry::owner::v1 as owner;
use crate::wire::buf::registry::plugin::v1beta1 as check_plugin;
use crate::wire::registry::v1 as ours;

use super::http::request_memory::Memory;
use super::state::State;
use call::context::Rpc;
pub(super) use registry_v1::foreign_settings::foreign_settings;
pub(super) use transport::request_limits::{RpcService, answer, grpc, refuse};
use transport::request_limits::{connect_limits, strangers_body};
use transport::{compression, limit_messages};

/// The RPCs of a server with `state`, which holds the limits on requests and their memory.
pub(super) fn service(state: &Arc<State>) -> RpcService {
    limited(Some(Arc::clone(state)), state.publisher.limits(), &state.memory)
}

fn limited(state: Option<Arc<State>>, limits: &Limits, memory: &Arc<Memory>) -> RpcService {
    let router = Arc::new(router(state));
    let bounded = |most, known, elements| {
        let service = ConnectRpcService::from_arc(Arc::clone(&router)).with_limits(connect_limits(elements));
        let service = service.with_interceptor(limit_messages::OwnWords { most: elements });
        service.with_compression(compression::encodings(most, *limits, memory, known))
    };
    let elements = memory.of_one();
    RpcService {
        known: bounded(limits.body, true, elements),
        strangers: bounded(strangers_body(limits), false, elements / 8),
    }
}

/// Every method of a server, as `package.Service/Method`.
pub(super) fn methods() -> Vec<String> {
    let mut methods: Vec<_> = router(None).methods().map(ToOwned::to_owned).collect();
    methods.sort();
    methods
}

/// A method that a request named.
pub(super) struct Method {
    /// `/package.Service/Method`.
    pub path: String,
    /// Whether it changes nothing, by its `idempotency_level`.
    pub reads: bool,
}

/// The method of this path, if there is one.
pub(super) fn method(path: &str) -> Option<&'static Method> {
    static METHODS: LazyLock<HashMap<String, Method>> = LazyLock::new(|| {
        let router = router(None);
        let reads = |name: &str| router.lookup(name).is_some_and(|method| method.idempotent);
        let methods = router.methods().map(|name| Method { path: format!("/{name}"), reads: reads(name) });
        methods.map(|method| (method.path.clone(), method)).collect()
    });
    METHODS.get(path)
}

/// All services, one line each.
fn router(state: Option<Arc<State>>) -> Router {
    let shared = Arc::new(Rpc::new(state.clone()));
    let rpc = || Arc::clone(&shared);
    let router = Router::new();
    let router = module::ModuleServiceExt::register(rpc(), router);
    let router = module::CommitServiceExt::register(rpc(), router);
    let router = module::GraphServiceExt::register(rpc(), router);
    let router = module::DownloadServiceExt::register(rpc(), router);
    let router = module::FileDescriptorSetServiceExt::register(rpc(), router);
    let router = reflect::FileDescriptorSetServiceExt::register(rpc(), router);
    let router = module::UploadServiceExt::register(rpc(), router);
    let router = module::LabelServiceExt::register(rpc(), router);
    let router = module::ResourceServiceExt::register(rpc(), router);
    let router = beta_module::ModuleServiceExt::register(rpc(), router);
    let router = beta_module::LabelServiceExt::register(rpc(), router);
    let router = beta_module::ResourceServiceExt::register(rpc(), router);
    let router = beta_module::CommitServiceExt::register(rpc(), router);
    let router = beta_module::GraphServiceExt::register(rpc(), router);
    let router = beta_module::DownloadServiceExt::register(rpc(), router);
    let router = beta_module::UploadServiceExt::register(rpc(), router);
    let router = check_plugin::PluginServiceExt::register(rpc(), router);
    let router = check_plugin::CommitServiceExt::register(rpc(), router);
    let router = check_plugin::LabelServiceExt::register(rpc(), router);
    let router = check_plugin::ResourceServiceExt::register(rpc(), router);
    let router = check_plugin::UploadServiceExt::register(rpc(), router);
    let router = check_plugin::DownloadServiceExt::register(rpc(), router);
    let router = owner::OwnerServiceExt::register(rpc(), router);
    let router = owner::OrganizationServiceExt::register(rpc(), router);
    let router = owner::UserServiceExt::register(rpc(), router);
    let router = alpha_registry::AuthnServiceExt::register(rpc(), router);
    let router = alpha_registry::PluginCurationServiceExt::register(rpc(), router);
    let router = alpha_registry::ResolveServiceExt::register(rpc(), router);
    let router = alpha_registry::CodeGenerationServiceExt::register(rpc(), router);
    let router = alpha_registry::WebhookServiceExt::register(rpc(), router);
    let router = ours::CompareServiceExt::register(rpc(), router);
    let router = ours::SettingsServiceExt::register(rpc(), router);
    let router = ours::SdkServiceExt::register(rpc(), router);
    let router = ours::TokenServiceExt::register(rpc(), router);
    let router = ours::MirrorServiceExt::register(rpc(), router);
    let router = ours::MemberServiceExt::register(rpc(), router);
    let router = ours::NameServiceExt::register(rpc(), router);
    let router = ours::PluginServiceExt::register(rpc(), router);
    let router = ours::StatusServiceExt::register(rpc(), router);
    let router = ours::AuditServiceExt::register(rpc(), router);
    let router = ours::UsageServiceExt::register(rpc(), router);
    let router = ours::WebhookServiceExt::register(rpc(), router);
    let router = ours::SearchServiceExt::register(rpc(), router);
    transport::install(router, state)
}
