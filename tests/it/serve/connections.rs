//! Clients that do nothing, in every way in which that can be done, and many at once: nobody else notices.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::http::{self, Answer};
use crate::support::{Certificate, Module, Post, Registry, Request, eventually, pets, run, upload};

const UPLOAD: &str = "buf.registry.module.v1.UploadService/Upload";

/// What a client of HTTP/2 says first, with empty settings behind it.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The beginning of a handshake of TLS.
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01";

/// What a client says before it says nothing more.
fn beginnings() -> Vec<(&'static str, Vec<u8>)> {
    let half_a_form = "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\ntoken=";
    let whole = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    vec![
        ("nothing", vec![]),
        ("a byte", b"G".to_vec()),
        ("half a preface of HTTP/2", PREFACE[..10].to_vec()),
        ("the preface of HTTP/2", PREFACE.to_vec()),
        ("half a head", b"GET /healthz HTTP/1.1\r\nhost: local".to_vec()),
        ("half a body", half_a_form.into()),
        ("a whole request", whole.into()),
    ]
}

/// As many connections of each kind; they last as long as they are held.
fn silent(registry: &Registry, of_each: usize) -> Vec<TcpStream> {
    let open = |beginning: &[u8]| {
        let mut stream = http::connect(&registry.url).unwrap();
        // It may have been closed already, to make room.
        let _ = stream.write_all(beginning);
        stream
    };
    let beginnings = beginnings();
    beginnings.iter().flat_map(|(_, beginning)| (0..of_each).map(move |_| open(beginning))).collect()
}

/// A figure of `/metrics`.
fn metric(registry: &Registry, name: &str) -> u64 {
    let text = registry.get("/metrics").ok().text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("registry_{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// A figure of `/proc/PID/status`.
fn status(process: u32, figure: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{figure}:"))).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// A module whose README is as large as that, and does not compress well.
fn large_module(registry: &Registry, bytes: usize) {
    let mut state = 1_u64;
    let digit = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"[(state >> 58) as usize])
    };
    let text: String = (0..bytes).map(digit).collect();
    Module::new("acme/large").file("a.proto", pets("name")).file("README.md", text).push(registry);
}

/// Few descriptors, as on a small machine.
fn with_few_descriptors() -> Registry {
    Registry::with(|options| {
        options.under(&["sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\""]);
    })
}

#[test]
fn whoever_does_nothing_is_closed() {
    let registry = Registry::with(|options| {
        options.flag("client-timeout", "2").flag("keep-alive", "2").flag("eager-plugins", "");
    });
    large_module(&registry, 12 << 20);
    let mut never_reads = http::connect(&registry.url).unwrap();
    let headers = [registry.authorization()];
    never_reads.write_all(http::head("GET", "/acme/large/raw/main/README.md", &headers).as_bytes()).unwrap();
    let clients = silent(&registry, 2);
    eventually("all are open", || metric(&registry, "connections") > clients.len() as u64);
    eventually("only who asks is left", || metric(&registry, "connections") == 1);
    let mut rest = Vec::new();
    let _ = never_reads.read_to_end(&mut rest);
    assert!(rest.len() < 12 << 20, "all was sent to a client that does not read");
    registry.is_well();
}

#[test]
fn a_body_that_does_not_come_on_is_refused_with_the_flag_that_changes_it() {
    let registry = Registry::with(|options| {
        options.flag("client-timeout", "1");
    });
    let announced = |line: &str| {
        let headers = [registry.authorization(), "content-type: application/json".into(), line.into()];
        let mut stream = http::connect(&registry.url).unwrap();
        stream.write_all(http::head("POST", &format!("/{UPLOAD}"), &headers).as_bytes()).unwrap();
        stream
    };
    Answer::read(&mut announced("content-length: 100")).refuses("deadline_exceeded", "--client-timeout");
    Answer::read(&mut announced("transfer-encoding: chunked")).refuses("deadline_exceeded", "--client-timeout");
}

#[test]
fn a_slow_client_that_goes_on_is_served() {
    let registry = Registry::with(|options| {
        options.flag("client-timeout", "2");
    });
    registry.cli(["module", "create", &format!("{}/pets", registry.user)]).ok();
    let source = format!("{}//{}\n", pets("name"), "x".repeat(400 << 10));
    let request = upload(&registry.user, "pets", &[("pets.proto", &source)]).to_string();
    let length = format!("content-length: {}", request.len());
    let headers = [registry.authorization(), "content-type: application/json".into(), length];
    let mut stream = http::connect(&registry.url).unwrap();
    stream.write_all(http::head("POST", &format!("/{UPLOAD}"), &headers).as_bytes()).unwrap();
    let started = Instant::now();
    for piece in request.as_bytes().chunks(70 << 10) {
        stream.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(started.elapsed() > Duration::from_secs(2));
    Answer::read(&mut stream).is(200);
}

#[test]
fn silent_clients_shut_nobody_out() {
    let registry = with_few_descriptors();
    let mut clients = vec![];
    for _ in 0..4 {
        clients.extend(silent(&registry, 30));
        for _ in 0..5 {
            assert_eq!(Request::get("/healthz").send(&registry).status, 200);
            registry.get("/metrics").ok();
        }
    }
    assert!(metric(&registry, "connections") < 64);
    assert!(metric(&registry, "connections_closed_total") > 0);
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    assert!(!registry.log().contains("could not accept"), "it ran out of descriptors");
    registry.is_well();
}

#[test]
fn strangers_with_half_a_request_shut_nobody_out() {
    let registry = with_few_descriptors();
    let half_a_form = beginnings().into_iter().find(|(name, _)| *name == "half a body").unwrap().1;
    let mut clients = vec![];
    for _ in 0..120 {
        let mut stream = http::connect(&registry.url).unwrap();
        let _ = stream.write_all(&half_a_form);
        clients.push(stream);
    }
    assert_eq!(Request::get("/healthz").send(&registry).status, 200);
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.is_well();
}

#[test]
fn a_connection_that_finds_no_place_hears_of_the_flag() {
    let registry = Registry::with(|options| {
        options.flag("max-connections-per-address", "1");
    });
    let headers = [registry.authorization(), "expect: 100-continue".into(), "content-length: 100".into()];
    let mut busy = http::connect(&registry.url).unwrap();
    busy.write_all(http::head("POST", &format!("/{UPLOAD}"), &headers).as_bytes()).unwrap();
    let mut go_on = [0; "HTTP/1.1 100 Continue".len()];
    busy.read_exact(&mut go_on).unwrap();
    let mut refused = String::new();
    let mut stream = http::connect(&registry.url).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.read_to_string(&mut refused);
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("--max-connections-per-address"), "{refused}");
}

#[test]
fn a_stop_waits_for_nobody_who_does_nothing() {
    let mut registry = Registry::start();
    let clients = silent(&registry, 20);
    eventually("all are open", || metric(&registry, "connections") > clients.len() as u64);
    stops_soon(&mut registry);
}

#[test]
fn a_handshake_that_does_not_come_on_holds_up_nothing() {
    let certificate = Certificate::new();
    let mut registry = certificate.registry();
    let port = registry.url.rsplit(':').next().unwrap().to_owned();
    let begun = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    let _clients: Vec<_> = (0..40).map(|n| begun(if n % 2 == 0 { HELLO } else { b"" })).collect();
    run(registry.command().env("SSL_CERT_FILE", certificate.chain()).args(["module", "list"])).ok();
    stops_soon(&mut registry);
}

/// It ends long before it would if it waited for its clients.
fn stops_soon(registry: &mut Registry) {
    let started = Instant::now();
    registry.signal("TERM");
    assert_eq!(registry.process().wait().unwrap().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(15), "it took {:?}", started.elapsed());
}

#[test]
fn what_strangers_send_is_refused_before_it_is_read_or_bounded_in_sum() {
    for anonymous in ["false", "true"] {
        let mut registry = Registry::with(|options| {
            options.flag("anonymous-reads", anonymous).flag("request-memory", "64MiB");
        });
        let before = status(registry.process().id(), "VmHWM");
        let answers: Vec<String> = std::thread::scope(|scope| {
            let send = |number: usize| {
                let megabytes = if number.is_multiple_of(2) { 15 } else { 3 };
                let body = vec![b' '; megabytes << 20];
                let headers = vec!["content-type: application/json".into()];
                let path = "/buf.alpha.registry.v1alpha1.CodeGenerationService/GenerateCode";
                http::send(&registry.url, "POST", path, headers, &body).text()
            };
            let strangers: Vec<_> = (0..60).map(|number| scope.spawn(move || send(number))).collect();
            strangers.into_iter().map(|stranger| stranger.join().unwrap()).collect()
        });
        let refused = answers.iter().filter(|answer| answer.contains("unauthenticated")).count();
        assert!(refused >= if anonymous == "true" { 30 } else { 60 }, "{answers:?}");
        let grown = (status(registry.process().id(), "VmHWM") - before) >> 10;
        assert!(grown < 200, "{grown} MB for strangers");
    }
}

#[test]
fn slow_readers_share_one_archive() {
    let mut registry = Registry::with(|options| {
        options.flag("eager-plugins", "");
    });
    large_module(&registry, 12 << 20);
    let process = registry.process().id();
    let slow: Vec<_> = ["/acme/large/archive/main.tar.gz", "/acme/large/archive/main.zip"].repeat(50);
    let mut clients: Vec<_> = slow
        .into_iter()
        .map(|path| {
            let mut stream = http::connect(&registry.url).unwrap();
            stream.write_all(http::head("GET", path, &[registry.authorization()]).as_bytes()).unwrap();
            stream
        })
        .collect();
    eventually("all are open", || metric(&registry, "connections") > 100);
    let archive = registry.get("/acme/large/archive/main.zip").ok().body.len();
    let held = status(process, "VmRSS") >> 10;
    assert!(held < 250, "{held} MB for 100 readers of archives of {} MB", archive >> 20);
    for client in clients.iter_mut().take(2) {
        let whole = Answer::read(client).is(200);
        assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    }
}

#[test]
fn many_pushes_at_once_wait_for_their_turn() {
    let mut registry = Registry::with(|options| {
        options.flag("eager-plugins", "").flag("workers", "2");
    });
    registry.cli(["module", "create", &format!("{}/pets", registry.user)]).ok();
    let process = registry.process().id();
    let most = std::thread::scope(|scope| {
        let push = |number: usize| {
            let request = upload(&registry.user, "pets", &[("pets.proto", &pets(&format!("name{number}")))]);
            registry.call(UPLOAD, &request).ok();
        };
        let pushes: Vec<_> = (0..80).map(|number| scope.spawn(move || push(number))).collect();
        let mut most = 0;
        while pushes.iter().any(|push| !push.is_finished()) {
            most = most.max(status(process, "Threads"));
            std::thread::sleep(Duration::from_millis(5));
        }
        pushes.into_iter().for_each(|push| push.join().unwrap());
        most
    });
    assert!(most < 80, "{most} threads for 80 pushes");
    registry.is_well();
}

#[test]
fn a_request_of_too_many_parts_hears_of_our_flag() {
    let registry = Registry::with(|options| {
        options.flag("request-memory", "1MiB");
    });
    let answer =
        Post::to(&registry, UPLOAD).header("content-type", "application/proto").body(b"\x0a\x00".repeat(20_000)).send();
    answer.refuses("resource_exhausted", "--request-memory");
    assert!(!answer.text().contains("Limits::"), "{}", answer.text());
}
