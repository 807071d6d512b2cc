//! Index pages and downloads, beside servers that only answer the same bytes: hyper from memory, and nginx.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use super::bare::Bare;
use super::load::{Connection, Shot, rate};
use super::nginx::Nginx;
use super::pushing::{address, authorization};
use super::support::{Module, Registry, googleapis, run};
use super::table::{Table, median};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(700);

/// The tag of everything that the bare server serves.
const ETAG: &str = "\"0123456789abcdef0123456789abcdef\"";

/// The page of a crate, fresh and known, and crates of two sizes.
pub(crate) fn index(table: &mut Table) {
    let registry = Registry::start();
    let text = "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Pet { string name = 1; }\n";
    let pets = Module::new("acme/pets").file("pets.proto", text).push(&registry);
    let mut push = registry.command();
    push.arg("push").arg(googleapis()).args(["--module", "googleapis/googleapis", "--create", "--json"]);
    let apis = super::support::Pushed::of(&run(&mut push).ok());

    let name = &pets.sdk("community/neoeinstein-prost").name;
    let page = format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]);
    compare(table, &registry, "index page, 200", &page, false);
    compare(table, &registry, "index page, 304", &page, true);
    for pushed in [&pets, &apis] {
        let sdk = pushed.sdk("community/neoeinstein-prost");
        let path = format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version);
        compare(table, &registry, "crate", &path, false);
    }
}

fn compare(table: &mut Table, registry: &Registry, what: &str, path: &str, known: bool) {
    let ours = address(registry);
    let authorization = authorization(registry);
    let (body, etag) = fetch(ours, path, &authorization);
    let size = body.len();
    let (bare, nginx) = (Bare::start(body.clone(), ETAG), Nginx::start(path, &body));
    let shot = |etag: &str| {
        let condition = if known { format!("if-none-match: {etag}\r\n") } else { String::new() };
        Shot::get(path, &format!("{authorization}{condition}"), if known { 304 } else { 200 })
    };
    let (_, file_etag) = fetch(nginx.address, path, "");
    let servers = [(ours, shot(&etag)), (bare.address, shot(ETAG)), (nginx.address, shot(&file_etag))];
    let mut rates = [vec![], vec![], vec![]];
    for _ in 0..ROUNDS {
        for (rates, (address, shot)) in rates.iter_mut().zip(&servers) {
            rates.push(rate(*address, shot, CONNECTIONS, ROUND));
        }
    }
    for (peer, name) in [(1, "bare hyper"), (2, "nginx")] {
        let ratios = rates[0].iter().zip(&rates[peer]).map(|(ours, theirs)| ours / theirs).collect();
        let (ours, theirs) = (median(rates[0].clone()), median(rates[peer].clone()));
        table.row(
            &format!("{what}, {size} B"),
            format!("{ours:.0}/s"),
            format!("{name} {theirs:.0}/s"),
            median(ratios),
        );
    }
}

/// The body and the tag of a page.
fn fetch(address: SocketAddr, path: &str, headers: &str) -> (Bytes, String) {
    let mut connection = Connection::open(address);
    let (status, body) = connection.send(&Shot::get(path, headers, 200).head);
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(body));
    let body = Bytes::copy_from_slice(body);
    (body, connection.etag().to_owned())
}
