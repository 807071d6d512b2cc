//! Handwritten RPC requests, and expectations about refusals.

use std::io::Write as _;

use super::http::{self, Answer};
use super::registry::Registry;

/// One POST request.
pub(crate) struct Post<'a> {
    registry: &'a Registry,
    method: &'a str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Post<'a> {
    /// A request to an RPC, for example `buf.registry.module.v1.ModuleService/GetModules`, by the administrator.
    pub(crate) fn to(registry: &'a Registry, method: &'a str) -> Self {
        let post = Self { registry, method, headers: Vec::new(), body: Vec::new() };
        post.header("authorization", &format!("Bearer {}", registry.token))
    }

    /// As [`Self::new`], with a JSON body.
    pub(crate) fn json(registry: &'a Registry, method: &'a str, body: &serde_json::Value) -> Self {
        Self::to(registry, method).header("content-type", "application/json").body(body.to_string())
    }

    /// Sets a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let mut post = self.without(name);
        post.headers.push((name.into(), value.into()));
        post
    }

    /// Removes a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// Sets the body.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it and reads the response to its end.
    #[track_caller]
    pub(crate) fn send(&self) -> Answer {
        http::send(&self.registry.url, "POST", &format!("/{}", self.method), self.lines(), &self.body)
    }

    /// Sends it, and returns the connection with the unread response.
    pub(crate) fn send_only(&self) -> std::net::TcpStream {
        let mut stream = http::connect(&self.registry.url).unwrap();
        let mut headers = self.lines();
        headers.push(format!("content-length: {}", self.body.len()));
        stream.write_all(http::head("POST", &format!("/{}", self.method), &headers).as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
        stream
    }

    /// Announces a body of this many bytes, sends the actual body, and closes the connection.
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
    /// Expects a Connect error with this code and text, and with the HTTP status of the code.
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

/// A gRPC frame: the flag for compression, the length, and the bytes of the message.
pub(crate) fn framed(compressed: bool, length: u32, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![u8::from(compressed)];
    frame.extend(length.to_be_bytes());
    frame.extend(message);
    frame
}
