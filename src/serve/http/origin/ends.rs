//! Both ends of a connection, as the listener sees them.

use std::net::SocketAddr;

/// The address of the client's end of a connection. Every request has it as an extension.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct PeerAddress(pub SocketAddr);

/// The address of the server's end of a connection. Every request has it as an extension, if the system reports it.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct LocalAddress(pub SocketAddr);

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Ends {
    /// The client's end.
    pub peer: PeerAddress,
    /// The server's end; none if the system does not report it.
    pub local: Option<LocalAddress>,
}
