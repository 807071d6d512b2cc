//! HTTP by hand: requests that no well-behaved client would send.

use std::io::{Read, Write};
use std::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// The request was accepted.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }

    /// Reads the answer to its end; the request must have asked for the connection to be closed.
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A server that refuses a body may close the connection while we still send: what came before counts.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        let body = &bytes[end + 4..];
        let body = if head.contains("transfer-encoding: chunked") { unchunk(body) } else { body.to_vec() };
        Self { status, head, body }
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        let start = line + 2;
        body.extend_from_slice(&rest[start..start + size]);
        rest = &rest[start + size + 2..];
    }
    body
}

/// A connection to the server at `url`, `http://HOST:PORT`.
pub(crate) fn connect(url: &str) -> std::io::Result<TcpStream> {
    TcpStream::connect(url.trim_start_matches("http://"))
}

/// The head of a request; headers are lines without their ends.
pub(crate) fn head(method: &str, path: &str, headers: &[String]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n")
}

/// Sends one request and reads the answer.
pub(crate) fn send(url: &str, method: &str, path: &str, mut headers: Vec<String>, body: &[u8]) -> Answer {
    let mut stream = connect(url).unwrap_or_else(|error| panic!("could not connect to {url}: {error}"));
    if method != "GET" {
        headers.push(format!("content-length: {}", body.len()));
    }
    stream.write_all(head(method, path, &headers).as_bytes()).unwrap();
    let _ = stream.write_all(body);
    Answer::read(&mut stream)
}
