//! The clients, each of which does one thing until the time is over.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::load::{Connection, Shot};
use super::record::Record;
use super::support::{Module, Registry, pets, upload};

/// How large what is read slowly is, and the part of it that is read at a time.
const LARGE: usize = 2 << 20;
const PIECE: usize = 64 << 10;

/// How long slow clients rest after each piece.
const REST: Duration = Duration::from_millis(100);

/// Clients that open the idle connections, so that none waits for long.
const OPENERS: usize = 8;

/// What the clients ask for.
pub(crate) struct Target {
    address: SocketAddr,
    authorization: String,
    index: String,
    large: String,
    owner: String,
}

impl Target {
    /// Pushes what is read, and makes the modules that are pushed to.
    pub(crate) fn prepare(registry: &Registry) -> Self {
        let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(registry);
        let name = &pushed.sdk("community/neoeinstein-prost").name;
        let text = "All about pets. ".repeat(LARGE / 16);
        Module::new("acme/large").file("pets.proto", pets("name")).file("README.md", text).push(registry);
        for number in 0..super::PUSHERS.max(super::SLOW) {
            registry.cli(["module", "create", &format!("{}/load-{number}", registry.user)]).ok();
        }
        let port = registry.url.rsplit(':').next().unwrap().parse().unwrap();
        Self {
            address: ([127, 0, 0, 1], port).into(),
            authorization: format!("authorization: Bearer {}\r\n", registry.token),
            index: format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]),
            large: "/acme/large/raw/main/README.md".into(),
            owner: registry.user.clone(),
        }
    }

    fn shot(&self, path: &str) -> Shot {
        Shot::get(path, &self.authorization, 200)
    }

    /// Opens connections that have had a request each.
    pub(crate) fn idle(&self, record: &Record, count: usize) -> Vec<Connection> {
        let open = || {
            let ask = || -> io::Result<Connection> {
                let mut connection = Connection::try_open(self.address)?;
                expect(connection.try_send(self.shot("/healthz").head.as_bytes()))?;
                Ok(connection)
            };
            let connections = (0..count / OPENERS).filter_map(|_| noted(record, "opening", ask()));
            connections.collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let openers: Vec<_> = (0..OPENERS).map(|_| scope.spawn(open)).collect();
            openers.into_iter().flat_map(|opener| opener.join().unwrap()).collect()
        })
    }

    /// Asks over each of the connections that were only there.
    pub(crate) fn ask_again(&self, record: &Record, held: Vec<Connection>) {
        let head = self.shot("/healthz").head;
        for mut connection in held {
            noted(record, "an idle connection", expect(connection.try_send(head.as_bytes())));
        }
    }

    /// Reads an index page over and over again.
    pub(crate) fn read_index(&self, record: &Record) {
        let (head, mut mine) = (self.shot(&self.index).head, record.of("index page"));
        let Some(mut connection) = noted(record, "index page", Connection::try_open(self.address)) else { return };
        while record.goes_on() {
            let asked = Instant::now();
            let answer = expect(connection.try_send(head.as_bytes()));
            if noted(record, "index page", answer).is_none() {
                return;
            }
            mine.answered(asked);
        }
    }

    /// Pushes once a second.
    pub(crate) fn push(&self, record: &Record, number: usize) {
        let mut mine = record.of("push");
        let Some(mut connection) = noted(record, "push", Connection::try_open(self.address)) else { return };
        let (mut next, mut round) = (Instant::now(), 0);
        while record.goes_on() {
            let (head, body) = self.upload(number, &pets(&format!("name{round}")));
            let asked = Instant::now();
            let request = [head.as_bytes(), body.as_bytes()].concat();
            if noted(record, "push", expect(connection.try_send(&request))).is_none() {
                return;
            }
            mine.answered(asked);
            round += 1;
            next += Duration::from_secs(1);
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    /// Reads something large piece by piece.
    pub(crate) fn read_slowly(&self, record: &Record) {
        let mut mine = record.of("slow reader");
        let head = self.shot(&self.large).head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        while record.goes_on() {
            let asked = Instant::now();
            let read = || -> io::Result<usize> {
                let mut stream = TcpStream::connect(self.address)?;
                stream.write_all(head.as_bytes())?;
                let (mut bytes, mut piece) = (0, vec![0; PIECE]);
                loop {
                    match stream.read(&mut piece)? {
                        0 => return Ok(bytes),
                        read => bytes += read,
                    }
                    std::thread::sleep(REST);
                }
            };
            match noted(record, "slow reader", read()) {
                Some(bytes) if bytes > LARGE => mine.answered(asked),
                Some(bytes) => record.fail("slow reader", &format!("{bytes} bytes came")),
                None => return,
            }
        }
    }

    /// Pushes something large piece by piece.
    pub(crate) fn write_slowly(&self, record: &Record, number: usize) {
        let mut mine = record.of("slow writer");
        let mut round = 0;
        while record.goes_on() {
            let source = format!("{}// {}\n", pets(&format!("slow{round}")), "x".repeat(500_000));
            let (head, body) = self.upload(number, &source);
            let asked = Instant::now();
            let write = || -> io::Result<()> {
                let mut connection = Connection::try_open(self.address)?;
                connection.write(head.as_bytes())?;
                let (pieces, last) = body.as_bytes().split_at(body.len() - 1);
                for piece in pieces.chunks(PIECE) {
                    connection.write(piece)?;
                    std::thread::sleep(REST);
                }
                expect(connection.try_send(last))
            };
            if noted(record, "slow writer", write()).is_none() {
                return;
            }
            mine.answered(asked);
            round += 1;
        }
    }

    /// Head and body of a push.
    fn upload(&self, number: usize, source: &str) -> (String, String) {
        let body = upload(&self.owner, &format!("load-{number}"), &[("pets.proto", source)]).to_string();
        let head = format!(
            "POST /buf.registry.module.v1.UploadService/Upload HTTP/1.1\r\nhost: localhost\r\n{}content-type: \
             application/json\r\ncontent-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        );
        (head, body)
    }
}

/// An answer that is as it should be.
fn expect(answer: io::Result<(u16, &[u8])>) -> io::Result<()> {
    match answer? {
        (200, _) => Ok(()),
        (status, body) => Err(io::Error::other(format!("{status} {}", String::from_utf8_lossy(body)))),
    }
}

/// What came, unless that is an error, which is noted.
fn noted<T>(record: &Record, what: &str, came: io::Result<T>) -> Option<T> {
    came.map_err(|error| record.fail(what, &error)).ok()
}
