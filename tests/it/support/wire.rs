//! Requests written by hand, for what no client would send.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::registry::Registry;

/// One request, sent as it is.
pub(crate) struct Post<'a> {
    registry: &'a Registry,
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    announced: Option<usize>,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl<'a> Post<'a> {
    /// To an RPC, `buf.registry.module.v1.ModuleService/GetModules`, by the administrator.
    pub(crate) fn to(registry: &'a Registry, method: &str) -> Self {
        let post =
            Self { registry, method: "POST", path: format!("/{method}"), headers: Vec::new(), body: Vec::new(), announced: None };
        post.header("authorization", &format!("Bearer {}", registry.token))
    }

    /// To the same, with JSON.
    pub(crate) fn json(registry: &'a Registry, method: &str, body: &serde_json::Value) -> Self {
        Self::to(registry, method).header("content-type", "application/json").body(body.to_string())
    }

    /// Sets a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let mut this = self.without(name);
        this.headers.push((name.into(), value.into()));
        this
    }

    /// Takes a header away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// Sets the body.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Says that the body has this many bytes, whatever it has.
    pub(crate) fn announce(mut self, length: usize) -> Self {
        self.announced = Some(length);
        self
    }

    /// Sends it and reads the answer to its end.
    #[track_caller]
    pub(crate) fn send(self) -> Reply {
        Reply::read(&mut self.write())
    }

    /// Sends it as a GET.
    #[track_caller]
    pub(crate) fn get(mut self) -> Reply {
        self.method = "GET";
        self.send()
    }

    /// Sends it and hangs up.
    pub(crate) fn send_and_leave(self) {
        drop(self.write());
    }

    fn write(&self) -> TcpStream {
        let host = self.registry.url.split_once("://").expect("a URL").1;
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let length = self.announced.unwrap_or(self.body.len());
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // The server may have answered and closed before it read everything.
        let _ = stream.write_all(&self.body);
        stream
    }
}

impl Reply {
    #[track_caller]
    fn read(stream: &mut TcpStream) -> Self {
        let mut all = Vec::new();
        let read = stream.read_to_end(&mut all);
        let end = all.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer ({read:?}): {:?}", String::from_utf8_lossy(&all)));
        let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut body = all[end + 4..].to_vec();
        if head.contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        Self { status: status.unwrap_or_else(|| panic!("no status in {head}")), head, body }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {} {:?}", self.head, String::from_utf8_lossy(&self.body)))
    }

    /// The answer is an error of Connect with this code and these words, and with the status that belongs to it.
    #[track_caller]
    pub(crate) fn refuses(&self, code: &str, words: &str) {
        let error = self.json();
        assert_eq!(error["code"], code, "{} {error}", self.head);
        assert!(error["message"].as_str().unwrap_or_default().contains(words), "{words:?} is missing in {error}");
        assert!((400..500).contains(&self.status), "{} for {error}", self.status);
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}
