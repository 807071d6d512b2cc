//! Pages, as a browser asks for them: how many a second beside a bare server with the same bytes, how large, and how
//! long search and the docs of a very large package take.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::bare::Bare;
use super::cost::memory;
use super::load::{Connection, Shot, rate};
use super::modules::all_of_googleapis;
use super::pushing::{address, authorization};
use super::support::{Module, Registry, googleapis, run};
use super::table::{Table, median};

const CONNECTIONS: usize = 8;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(500);

/// The budget of the docs of a package with 2,000 messages, in milliseconds on the server.
const DOCS_BUDGET: f64 = 100.0;

/// The budgets of the first page of all of googleapis after a start: milliseconds on the server, and bytes sent.
const FIRST_BUDGET: f64 = 300.0;
const SENT_BUDGET: f64 = 50_000.0;

/// Every kind of page of googleapis.
const FIRST: [&str; 14] = [
    "",
    "/docs/main",
    "/docs/main/google.api",
    "/docs/main/google.api?symbol=HttpRule",
    "/docs/main/google.cloud.compute.v1",
    "/sdks/main",
    "/sdks/main:community/neoeinstein-prost",
    "/sdks/main:community/neoeinstein-prost/files/src/lib.rs",
    "/files/main",
    "/files/main/google/cloud/compute/v1/compute.proto",
    "/files/main/google/api/http.proto",
    "/commits/main",
    "/dependencies/main",
    "/compare/main/main",
];

/// How often each query is asked.
const ASKED: usize = 50;

/// What people type: a whole name, the beginning of one, two words, and what is nowhere.
const QUERIES: [&str; 5] = ["Message77", "acme.p7", "message 4999", "message", "nothingiscalledso"];

const SMALL: &str = "syntax = \"proto3\";\npackage acme.pets.v1;\n// A pet.\nmessage Pet { string name = 1; Kind kind = 2; }\n\
                     enum Kind { KIND_UNSPECIFIED = 0; }\nservice Pets { rpc Get(Pet) returns (Pet); }\n";

/// All of it.
pub(crate) fn pages(table: &mut Table) {
    rates(table);
    large_package(table);
    search(table);
    first_pages(table);
}

fn rates(table: &mut Table) {
    let registry = Registry::start();
    Module::new("acme/pets").file("README.md", "# Pets\n\nAs sold.\n").file("pets.proto", SMALL).push(&registry);
    let mut push = registry.command();
    run(push.arg("push").arg(googleapis()).args(["--module", "googleapis/googleapis", "--create"])).ok();
    let (small, apis) = ("/acme/pets", "/googleapis/googleapis");
    for (what, path) in [
        ("modules", "/".to_owned()),
        ("docs of a small module", format!("{small}/docs/main/acme.pets.v1")),
        ("SDK of a small module", format!("{small}/sdks/main:community/neoeinstein-prost")),
        ("commits of a small module", format!("{small}/commits/main")),
        ("packages of googleapis", format!("{apis}/docs/main")),
        ("names of google.api", format!("{apis}/docs/main/google.api")),
        ("docs of google.type", format!("{apis}/docs/main/google.type")),
        ("docs of HttpRule", format!("{apis}/docs/main/google.api?symbol=HttpRule")),
        ("SDK of googleapis", format!("{apis}/sdks/main:community/neoeinstein-prost")),
        ("files of googleapis", format!("{apis}/files/main")),
    ] {
        compare(table, &registry, what, &path);
    }
}

/// The header lines that a browser sends.
fn headers(registry: &Registry) -> String {
    format!("{}accept: text/html\r\naccept-encoding: gzip\r\n", authorization(registry))
}

fn compare(table: &mut Table, registry: &Registry, what: &str, path: &str) {
    let ours = address(registry);
    let whole = body(&Shot::get(path, &format!("{}accept: text/html\r\n", authorization(registry)), 200), registry);
    let shot = Shot::get(path, &headers(registry), 200);
    let sent = body(&shot, registry);
    let what = format!("{what}, {} B, {} B sent", whole.len(), sent.len());
    let bare = Bare::start(sent, "\"page\"");
    let rounds = (0..ROUNDS).map(|_| {
        let a = rate(ours, &shot, CONNECTIONS, ROUND);
        (a, rate(bare.address, &shot, CONNECTIONS, ROUND))
    });
    let rounds: Vec<_> = rounds.collect();
    let (a, b) = (median(rounds.iter().map(|r| r.0).collect()), median(rounds.iter().map(|r| r.1).collect()));
    let ratios = rounds.iter().map(|(a, b)| a / b).collect();
    table.row(&what, format!("{a:.0}/s"), format!("bare hyper {b:.0}/s"), median(ratios));
}

fn body(shot: &Shot, registry: &Registry) -> Bytes {
    let mut connection = Connection::open(address(registry));
    let (status, body) = connection.send(&shot.head);
    assert_eq!(status, shot.status, "{}: {}", shot.head, String::from_utf8_lossy(body));
    Bytes::copy_from_slice(body)
}

/// A file with this many messages, each with fields and comments.
fn messages(package: &str, count: usize) -> String {
    let mut text = format!("syntax = \"proto3\";\npackage {package};\n");
    for at in 0..count {
        let fields = "  // Its name.\n  string name = 1;\n  int64 count = 2;\n  repeated string tags = 3;\n";
        writeln!(text, "// Number {at} of many.\nmessage Message{at} {{\n{fields}}}").unwrap();
    }
    text
}

fn large_package(table: &mut Table) {
    let registry = Registry::start();
    Module::new("acme/large").file("large.proto", messages("acme.large.v1", 2000)).push(&registry);
    for (what, query) in [("names", ""), ("one message", "?symbol=Message1234")] {
        let shot = Shot::get(&format!("/acme/large/docs/main/acme.large.v1{query}"), &headers(&registry), 200);
        let bytes = body(&shot, &registry).len();
        let times = latencies(&registry, &[shot]);
        let spent = median(times);
        let what = format!("docs of 2,000 messages, {what}, {bytes} B sent");
        table.row(&what, format!("{spent:.1} ms"), format!("budget {DOCS_BUDGET} ms"), spent / DOCS_BUDGET);
    }
}

/// The first answer of each kind of page after a start, of a server that has nothing in memory yet.
fn first_pages(table: &mut Table) {
    let place = tempfile::tempdir().unwrap();
    let token = {
        let mut registry = Registry::with(|options| _ = options.keep(place.path(), None));
        let mut push = registry.command();
        run(push.arg("push").arg(all_of_googleapis()).args(["--module", "googleapis/googleapis", "--create"])).ok();
        registry.signal("TERM");
        registry.process().wait().unwrap();
        registry.token.clone()
    };
    for path in FIRST {
        let mut registry = Registry::with(|options| _ = options.keep(place.path(), Some(&token)));
        let before = memory(registry.process().id(), "VmHWM");
        let shot = Shot::get(&format!("/googleapis/googleapis{path}"), &headers(&registry), 200);
        let mut connection = Connection::open(address(&registry));
        let spent = timed(&mut connection, &shot);
        let peak = memory(registry.process().id(), "VmHWM");
        let sent = body(&shot, &registry).len();
        let what = format!("first page of googleapis{path}, {before:.0} to {peak:.0} MB");
        table.row(&what, format!("{spent:.0} ms"), format!("budget {FIRST_BUDGET} ms"), spent / FIRST_BUDGET);
        let what = format!("first page of googleapis{path}, sent");
        table.row(&what, format!("{sent} B"), format!("budget {SENT_BUDGET} B"), sent as f64 / SENT_BUDGET);
    }
}

fn search(table: &mut Table) {
    let registry = Registry::with(|options| {
        options.flag("eager-plugins", "");
    });
    for at in 0..20 {
        let package = format!("acme.p{at}.v1");
        Module::new(&format!("acme/p{at}")).file("p.proto", messages(&package, 5000)).push(&registry);
    }
    let shots = QUERIES.map(|query| {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        Shot::get(&format!("/search?q={query}"), &headers(&registry), 200)
    });
    let bare = Bare::start(body(&shots[0], &registry), "\"page\"");
    let mut times = latencies(&registry, &shots);
    times.sort_by(f64::total_cmp);
    let mut beside = Connection::open(bare.address);
    let base = median((0..ASKED).map(|_| timed(&mut beside, &shots[0])).collect());
    for (what, at) in [("p50", 50), ("p99", 99)] {
        let spent = times[(times.len() - 1) * at / 100];
        let what = format!("search over 100,000 symbols, {what}");
        table.row(&what, format!("{spent:.2} ms"), format!("bare hyper {base:.2} ms"), spent / base);
    }
}

/// How long each request took, in milliseconds, all asked in turn on one connection.
fn latencies(registry: &Registry, shots: &[Shot]) -> Vec<f64> {
    let mut connection = Connection::open(address(registry));
    let turns = (0..ASKED).flat_map(|_| shots);
    turns.map(|shot| timed(&mut connection, shot)).collect()
}

fn timed(connection: &mut Connection, shot: &Shot) -> f64 {
    let started = Instant::now();
    let (status, _) = connection.send(&shot.head);
    assert_eq!(status, shot.status, "{}", shot.head);
    started.elapsed().as_secs_f64() * 1000.0
}
