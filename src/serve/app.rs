//! A running server: the state that all requests share, and the RPC services that are built on it.

use std::sync::Arc;

use super::rpc::{self, RpcService};
use super::state::State;

/// Everything that serves requests.
pub(super) struct App {
    /// What all requests share.
    pub state: Arc<State>,
    /// The Connect, gRPC and gRPC-Web face.
    pub rpc: RpcService,
}

impl App {
    pub(super) fn new(state: Arc<State>) -> Arc<Self> {
        Arc::new(Self { rpc: rpc::service(&state), state })
    }
}
