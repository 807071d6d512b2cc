//! Both ends of a connection, as the listener sees them.

use std::net::SocketAddr;

/// Whose connection a request came over. Every request has it among its extensions.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct PeerAddress(pub SocketAddr);

/// The address of ours that the connection of a request went to, likewise.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct LocalAddress(pub SocketAddr);

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Ends {
    /// Whose connection it is.
    pub peer: PeerAddress,
    /// None where the system does not tell.
    pub local: Option<LocalAddress>,
}
