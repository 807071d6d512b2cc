//! A receiver of webhooks or of traces: a server of its own that notes every call.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{eventually, run_with_input};

/// A call as it was received.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// A header; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Expects the signature that `openssl` makes with the secret of the webhook.
    #[track_caller]
    pub(crate) fn is_signed_with(&self, secret: &str) {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix of secrets")).unwrap();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = std::str::from_utf8(&self.body).unwrap();
        let signed = format!("{}.{}.{body}", self.header("webhook-id"), self.header("webhook-timestamp"));
        let mut openssl = Command::new("openssl");
        openssl.args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &format!("hexkey:{hex}")]);
        let expected = run_with_input(&mut openssl, &signed).ok().stdout;
        let signature = STANDARD.decode(self.header("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(expected.trim().rsplit(' ').next().unwrap(), signature, "{self:?}");
    }
}

/// How a receiver answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With a status line and headers.
    Head(String),
    /// Not at all: the connection stays open.
    Never,
}

/// The server.
pub(crate) struct Receiver {
    address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Receiver {
    /// A receiver that takes everything.
    pub(crate) fn start() -> Self {
        Self::answering([])
    }

    /// A receiver that answers the first calls so, and takes all later ones.
    pub(crate) fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), replies)
    }

    pub(crate) fn on(listener: TcpListener, replies: impl IntoIterator<Item = Reply>) -> Self {
        let address = listener.local_addr().unwrap().to_string();
        let calls = Arc::new(Mutex::new(vec![]));
        let (noted, mut replies) = (Arc::clone(&calls), replies.into_iter().collect::<VecDeque<_>>());
        std::thread::spawn(move || {
            let mut open = vec![];
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(call) = read(&stream) else { continue };
                noted.lock().unwrap().push(call);
                let head = match replies.pop_front() {
                    Some(Reply::Never) => {
                        open.push(stream);
                        continue;
                    }
                    Some(Reply::Head(head)) => head,
                    None => "204 No Content".into(),
                };
                let _ = write!(stream, "HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        Self { address, calls }
    }

    /// Its address, with a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its port.
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until there were so many calls, and returns them.
    #[track_caller]
    pub(crate) fn wait(&self, count: usize) -> Vec<Call> {
        eventually("the receiver is called", || self.calls().len() >= count);
        self.calls()
    }
}

fn read(stream: &TcpStream) -> Option<Call> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Call { path, headers, body })
}
