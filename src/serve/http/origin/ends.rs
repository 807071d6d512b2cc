//! Both ends of a connection, as the listener sees them.

use std::net::SocketAddr;

use http::Request;
use tokio::net::TcpStream;

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

impl Ends {
    /// The ends of a connection that was accepted from `peer`.
    pub(in crate::serve) fn of(stream: &TcpStream, peer: SocketAddr) -> Self {
        Self { peer: PeerAddress(peer), local: stream.local_addr().ok().map(LocalAddress) }
    }

    /// Adds them to a request of the connection.
    pub(in crate::serve) fn note_in<B>(self, request: &mut Request<B>) {
        request.extensions_mut().insert(self.peer);
        if let Some(local) = self.local {
            request.extensions_mut().insert(local);
        }
    }
}
