//! Index pages and downloads, beside servers that only answer the same bytes: hyper from memory, and nginx.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// The length of a round in which pushes go on beside the requests.
const WITH_PUSHES: Duration = Duration::from_secs(3);

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
    beside_pushes(table, &registry, &page);
    for pushed in [&pets, &apis] {
        let sdk = pushed.sdk("community/neoeinstein-prost");
        let path = format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version);
        compare(table, &registry, "crate", &path, false);
    }
}

/// The page of a crate while another module gets a push a second, beside the same page without pushes.
fn beside_pushes(table: &mut Table, registry: &Registry, path: &str) {
    let address = address(registry);
    let shot = Shot::get(path, &authorization(registry), 200);
    let (mut quiet, mut beside) = (vec![], vec![]);
    for round in 0..ROUNDS {
        quiet.push(rate(address, &shot, CONNECTIONS, WITH_PUSHES));
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for push in (0..).take_while(|_| !ended.load(Ordering::Relaxed)) {
                    let text = format!("syntax = \"proto3\";\npackage acme.shop.v{round};\nmessage Item{push} {{}}\n");
                    Module::new("acme/shop").file("shop.proto", &text).push(registry);
                    std::thread::sleep(Duration::from_secs(1));
                }
            });
            beside.push(rate(address, &shot, CONNECTIONS, WITH_PUSHES));
            ended.store(true, Ordering::Relaxed);
        });
    }
    let ratios = beside.iter().zip(&quiet).map(|(beside, quiet)| beside / quiet).collect();
    let (beside, quiet) = (median(beside), median(quiet));
    table.row(
        "index page, 200, a push a second",
        format!("{beside:.0}/s"),
        format!("no pushes {quiet:.0}/s"),
        median(ratios),
    );
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
pub(crate) fn fetch(address: SocketAddr, path: &str, headers: &str) -> (Bytes, String) {
    let mut connection = Connection::open(address);
    let (status, body) = connection.send(&Shot::get(path, headers, 200).head);
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(body));
    let body = Bytes::copy_from_slice(body);
    (body, connection.etag().to_owned())
}
