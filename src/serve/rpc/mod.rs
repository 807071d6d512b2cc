//! stub
use super::state::State;
use crate::model::Limits;
pub(super) type RpcService = connectrpc::ConnectRpcService<connectrpc::Router>;
pub(super) fn service(_state: &std::sync::Weak<State>, _limits: &Limits) -> RpcService {
    connectrpc::ConnectRpcService::new(connectrpc::Router::new())
}
