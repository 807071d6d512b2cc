//! A server that answers requests as a test says, however wrong that is. Each connection is one request.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::address_at;
use crate::store::blobs::address::BlobAddress;

/// What comes back for a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// These bytes, and the end of the connection.
    Bytes(Vec<u8>),
    /// Nothing, and the connection stays.
    Nothing,
    /// The beginning of a body of 1,000 bytes, and then one byte after the other.
    Drops,
}

impl Reply {
    /// An answer with this status line and this body.
    pub(super) fn of(status: &str, body: &str) -> Self {
        Self::of_length(status, body, body.len())
    }

    /// One that announces a body of another length.
    pub(super) fn of_length(status: &str, body: &str, length: usize) -> Self {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\
             last-modified: Sun, 15 Nov 2026 10:00:00 GMT\r\netag: \"x\"\r\n\r\n"
        );
        Self::Bytes([head.as_bytes(), body.as_bytes()].concat())
    }

    /// The page of an error, as object stores have them.
    pub(super) fn error(status: &str, code: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
             <Message>An error page of an object store.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>"
        );
        Self::of(status, &body)
    }
}

/// A running server, which ends when it is dropped.
pub(super) struct HostileServer {
    port: u16,
    requests: Arc<AtomicU32>,
    is_ending: Arc<AtomicBool>,
}

impl HostileServer {
    /// Answers the request with this number, from 0 on, as `reply` says.
    pub(super) fn start(reply: impl Fn(u32) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, is_ending) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, ending, reply) = (Arc::clone(&requests), Arc::clone(&is_ending), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (counted, ending, reply) = (Arc::clone(&counted), Arc::clone(&ending), Arc::clone(&reply));
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    if read_request(&mut stream) {
                        let _ = answer(&mut stream, reply(counted.fetch_add(1, Ordering::SeqCst)), &ending);
                    }
                });
            }
        });
        Self { port, requests, is_ending }
    }

    pub(super) fn address(&self) -> BlobAddress {
        address_at("acme-crates/registry", self.port, "secret")
    }

    /// How many requests came.
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for HostileServer {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// Reads a whole request; `false` if none comes.
fn read_request(stream: &mut TcpStream) -> bool {
    let mut read = vec![];
    let mut buffer = [0; 4096];
    loop {
        let Ok(length @ 1..) = stream.read(&mut buffer) else { return false };
        read.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let announced = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= announced.unwrap_or(0) {
            return true;
        }
    }
}

fn answer(stream: &mut TcpStream, reply: Reply, ending: &AtomicBool) -> std::io::Result<()> {
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes),
        Reply::Nothing => {
            wait(ending);
            Ok(())
        }
        Reply::Drops => {
            let Reply::Bytes(beginning) = Reply::of_length("200 OK", "beginning", 1000) else { return Ok(()) };
            stream.write_all(&beginning)?;
            while !ending.load(Ordering::SeqCst) {
                stream.write_all(b".")?;
                std::thread::sleep(Duration::from_millis(50));
            }
            Ok(())
        }
    }
}

fn wait(ending: &AtomicBool) {
    while !ending.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(20));
    }
}
