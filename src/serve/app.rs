//! A running server: the state that all requests share, and the RPC services that are built on it.

use std::sync::Arc;

use super::http::faults::Faults;
use super::rpc::{self, RpcService};
use super::state::State;

/// Everything that serves requests.
pub(super) struct App {
    /// What all requests share.
    pub state: Arc<State>,
    /// The Connect, gRPC and gRPC-Web face.
    pub rpc: RpcService,
    /// Faults that a test asked for.
    pub faults: Arc<Faults>,
}

impl App {
    pub(super) fn new(state: Arc<State>, faults: Arc<Faults>) -> Arc<Self> {
        Arc::new(Self { rpc: rpc::service(&state), state, faults })
    }
}
