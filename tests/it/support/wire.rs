//! Calls of RPCs written by hand, and what they are refused with.

use std::io::Write as _;

use super::http::{self, Answer};
use super::registry::Registry;

/// One POST, sent as it is.
pub(crate) struct Post<'a> {
    registry: &'a Registry,
    method: &'a str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Post<'a> {
    /// To an RPC, `buf.registry.module.v1.ModuleService/GetModules`, by the administrator.
    pub(crate) fn to(registry: &'a Registry, method: &'a str) -> Self {
        let post = Self { registry, method, headers: Vec::new(), body: Vec::new() };
        post.header("authorization", &format!("Bearer {}", registry.token))
    }

    /// To the same, with JSON.
    pub(crate) fn json(registry: &'a Registry, method: &'a str, body: &serde_json::Value) -> Self {
        Self::to(registry, method).header("content-type", "application/json").body(body.to_string())
    }

    /// Sets a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let mut post = self.without(name);
        post.headers.push((name.into(), value.into()));
        post
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

    /// Sends it and reads the answer to its end.
    #[track_caller]
    pub(crate) fn send(&self) -> Answer {
        http::send(&self.registry.url, "POST", &format!("/{}", self.method), self.lines(), &self.body)
    }

    /// Sends it, and leaves the answer on the connection.
    pub(crate) fn send_only(&self) -> std::net::TcpStream {
        let mut stream = http::connect(&self.registry.url).unwrap();
        let mut headers = self.lines();
        headers.push(format!("content-length: {}", self.body.len()));
        stream.write_all(http::head("POST", &format!("/{}", self.method), &headers).as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
        stream
    }

    /// Says that the body has this many bytes, sends what there is of it, and hangs up.
    pub(crate) fn announce_and_leave(&self, length: usize) {
        let mut stream = http::connect(&self.registry.url).unwrap();
        let mut headers = self.lines();
        headers.push(format!("content-length: {length}"));
        stream.write_all(http::head("POST", &format!("/{}", self.method), &headers).as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
    }

    fn lines(&self) -> Vec<String> {
        self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }
}

impl Answer {
    /// It is an error of Connect with this code and these words, and with the status that belongs to it.
    #[track_caller]
    pub(crate) fn refuses(&self, code: &str, words: &str) {
        let error = self.json();
        assert_eq!(error["code"], code, "{} {error}", self.status);
        assert!(error["message"].as_str().unwrap_or_default().contains(words), "{words:?} is missing in {error}");
        let status = match code {
            "invalid_argument" | "failed_precondition" => 400,
            "unauthenticated" => 401,
            "permission_denied" => 403,
            "not_found" => 404,
            "already_exists" => 409,
            "resource_exhausted" => 429,
            "unimplemented" => 501,
            "deadline_exceeded" => 504,
            other => panic!("a client is never to blame for {other}"),
        };
        assert_eq!(self.status, status, "{error}");
    }
}

/// A message as gRPC frames it: whether it is compressed, how long it is, and what there is of it.
pub(crate) fn framed(compressed: bool, length: u32, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![u8::from(compressed)];
    frame.extend(length.to_be_bytes());
    frame.extend(message);
    frame
}
