//! A load generator: one blocking keep-alive connection per thread, requests one after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// One request, repeated, and the status that it must be answered with.
pub(crate) struct Shot {
    /// The whole head of the request, ready to send.
    pub(crate) head: String,
    /// The status that the answer must have.
    pub(crate) status: u16,
}

impl Shot {
    /// A `GET` with more header lines, each ending in `\r\n`.
    pub(crate) fn get(path: &str, headers: &str, status: u16) -> Self {
        Self { head: format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n"), status }
    }
}

/// Requests per second that `connections` connections get out of `address` within `time`.
pub(crate) fn rate(address: SocketAddr, shot: &Shot, connections: usize, time: Duration) -> f64 {
    let started = Instant::now();
    let answered: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(|| hammer(address, shot, started, time))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    answered as f64 / started.elapsed().as_secs_f64()
}

fn hammer(address: SocketAddr, shot: &Shot, started: Instant, time: Duration) -> u64 {
    let mut connection = Connection::open(address);
    let mut answered = 0;
    while started.elapsed() < time {
        let (status, _) = connection.send(&shot.head);
        assert_eq!(status, shot.status, "unexpected answer to {:?}", shot.head);
        answered += 1;
    }
    answered
}

/// A keep-alive connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
    etag: String,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap()
    }

    /// Connects, to a server that may refuse that.
    pub(crate) fn try_open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 << 10, stream), body: vec![], etag: String::new() })
    }

    /// Sends a request head and reads the whole answer: status and body.
    pub(crate) fn send(&mut self, head: &str) -> (u16, &[u8]) {
        self.try_send(head.as_bytes()).unwrap()
    }

    /// The same of a request with a body, to a server that may go away.
    pub(crate) fn try_send(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.get_mut().write_all(request)?;
        let (mut status, mut length, mut is_chunked, mut line) = (0, 0, false, String::new());
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("etag: ") {
                rest.clone_into(&mut self.etag);
            } else if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = text.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if text == "transfer-encoding: chunked" {
                is_chunked = true;
            }
        }
        self.body.clear();
        if is_chunked {
            while self.read_piece()? > 0 {}
        } else {
            self.read_bytes(length)?;
        }
        Ok((status, &self.body))
    }

    /// Reads a piece of a body whose length nobody knew, and says how long it was; the last one is empty.
    fn read_piece(&mut self) -> io::Result<usize> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
        self.read_bytes(length)?;
        self.stream.read_line(&mut line)?;
        Ok(length)
    }

    fn read_bytes(&mut self, length: usize) -> io::Result<()> {
        let start = self.body.len();
        self.body.resize(start + length, 0);
        self.stream.read_exact(&mut self.body[start..])
    }

    /// Sends a part of a request.
    pub(crate) fn write(&mut self, part: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(part)
    }

    /// The tag of the last answer that had one.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }
}
