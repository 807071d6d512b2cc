//! A plain HTTP client: it adds no headers, follows no redirects and decompresses nothing, and it can send malformed
//! requests.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::registry::Registry;

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
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

    /// Expects a status of success.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.is(200)
    }

    /// Expects this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?} {}", self.headers, self.text());
        self
    }

    /// A header; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The status of a gRPC call, from the headers or from the trailers.
    #[track_caller]
    pub(crate) fn grpc_status(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        let text = format!("{} {}", self.header("grpc-status"), self.text());
        text.split("grpc-status: ").last().unwrap().trim().chars().take_while(char::is_ascii_digit).collect()
    }

    /// The body as an index page: one JSON value in each line.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Reads a response to its end; the request must have the header `connection: close`.
    #[track_caller]
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        Self::try_read(stream).unwrap_or_else(|bytes| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)))
    }

    /// As [`Self::read`], from a server that may close the connection; returns the part that arrived.
    pub(crate) fn try_read(stream: &mut TcpStream) -> Result<Self, Vec<u8>> {
        let mut bytes = Vec::new();
        // A server that refuses a body may close the connection while the test still sends it.
        let _ = stream.read_to_end(&mut bytes);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Err(bytes) };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let body = &bytes[end + 4..];
        let chunked = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
        let Some(body) = (if chunked { unchunk(body) } else { Some(body.to_vec()) }) else { return Err(bytes) };
        Ok(Self { status: status.expect("a status line"), headers, body })
    }
}

/// The body of chunks; none if the last one is missing.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        let start = line + 2;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}

/// A connection to the server at `url`, `http://HOST:PORT`.
pub(crate) fn connect(url: &str) -> std::io::Result<TcpStream> {
    TcpStream::connect(url.trim_start_matches("http://"))
}

/// The head of a request; headers are lines without their ends.
pub(crate) fn head(method: &str, path: &str, headers: &[String]) -> String {
    let names_host = headers.iter().any(|header| header.starts_with("host:"));
    let host = if names_host { "" } else { "host: localhost\r\n" };
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\n{host}connection: close\r\n{headers}\r\n")
}

/// Sends one request and reads the response.
pub(crate) fn send(url: &str, method: &str, path: &str, mut headers: Vec<String>, body: &[u8]) -> Answer {
    let mut stream = connect(url).unwrap_or_else(|error| panic!("could not connect to {url}: {error}"));
    if !matches!(method, "GET" | "HEAD") {
        headers.push(format!("content-length: {}", body.len()));
    }
    stream.write_all(head(method, path, &headers).as_bytes()).unwrap();
    let _ = stream.write_all(body);
    Answer::read(&mut stream)
}

/// As [`send`], to a server that may end meanwhile; none without a complete response.
pub(crate) fn try_send(url: &str, method: &str, path: &str, headers: Vec<String>, body: &[u8]) -> Option<Answer> {
    try_send_on(connect(url).ok()?, method, path, headers, body)
}

/// As [`try_send`], to a server that may also be silent for longer than `patience`.
pub(crate) fn try_send_within(
    patience: Duration,
    url: &str,
    method: &str,
    path: &str,
    headers: Vec<String>,
    body: &[u8],
) -> Option<Answer> {
    let stream = connect(url).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    try_send_on(stream, method, path, headers, body)
}

fn try_send_on(
    mut stream: TcpStream,
    method: &str,
    path: &str,
    mut headers: Vec<String>,
    body: &[u8],
) -> Option<Answer> {
    headers.push(format!("content-length: {}", body.len()));
    stream.write_all(head(method, path, &headers).as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let answer = Answer::try_read(&mut stream).ok()?;
    let announced = answer.header("content-length");
    (announced.is_empty() || announced == answer.body.len().to_string()).then_some(answer)
}

/// Builds a request without a body.
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<String>,
}

impl Request {
    /// `GET` of a path that starts with a slash.
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new() }
    }

    /// `HEAD` of a path that starts with a slash.
    pub(crate) fn head(path: &str) -> Self {
        Self { method: "HEAD", ..Self::get(path) }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push(format!("{name}: {}", value.as_ref()));
        self
    }

    /// Adds the administrator's token, as cargo sends it.
    pub(crate) fn with_token_of(mut self, registry: &Registry) -> Self {
        self.headers.push(registry.authorization());
        self
    }

    /// Sends it on a connection of its own and reads the response to its end.
    #[track_caller]
    pub(crate) fn send(&self, registry: &Registry) -> Answer {
        let mut headers = self.headers.clone();
        headers.push(format!("host: {}", registry.url.trim_start_matches("http://")));
        send(&registry.url, self.method, &self.path, headers, &[])
    }
}

/// An address of this machine that was free a moment ago.
pub(crate) fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
