//! Pages of modules that were made to be slow to show, or too large: every page stays within its time and its size.

use std::fmt::Write as _;
use std::time::Duration;

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, eventually};

/// Largest page in bytes, as the program has it.
const LARGEST: usize = 4 << 20;

/// A registry in which pushes make no crates: these tests are about pages.
fn registry() -> Registry {
    Registry::with(|options| {
        options.flag("eager-plugins", "");
    })
}

/// CPU that the server took until now.
fn cpu(registry: &mut Registry) -> Duration {
    let process = registry.process().id();
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // Behind the name, which may hold blanks: the 12th and 13th are ticks in user mode and in the kernel.
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap().split_whitespace().map(|f| f.parse().unwrap_or(0)).collect();
    Duration::from_millis((fields[11] + fields[12]) * 10)
}

/// A page as a browser asks for it.
fn page(registry: &Registry, path: &str) -> Answer {
    http::send(&registry.url, "GET", path, vec![registry.authorization(), "accept: text/html".into()], &[])
}

#[test]
fn a_readme_that_nests_without_end_costs_no_more_than_its_length() {
    let mut registry = registry();
    for (at, line) in [">", "> - 1. ", "- a\n  ", "**a ", "![", "|a", "<div>"].into_iter().enumerate() {
        let name = format!("acme/readme{at}");
        let text = line.repeat((32 << 10) / line.len());
        Module::new(&name).file("a.proto", "syntax = \"proto3\"; package a;").file("README.md", text).push(&registry);
        let before = cpu(&mut registry);
        for _ in 0..5 {
            let shown = page(&registry, &format!("/{name}")).ok().text();
            assert!(shown.contains("README.md") && shown.len() < 1 << 20, "{line}: {} bytes", shown.len());
        }
        // It took 9.6 seconds for one of them in a program that is not a debug build.
        let took = cpu(&mut registry) - before;
        assert!(took < Duration::from_secs(3), "{line}: {took:?} for five");
    }
    registry.is_well();
}

/// Sources whose pages would be as large as themselves, or larger.
fn large_sources() -> Vec<(&'static str, String)> {
    let proto2 = "syntax = \"proto2\"; package big;\n";
    let proto3 = "syntax = \"proto3\"; package big;\n";
    let many = |count: usize, part: &dyn Fn(usize) -> String| (0..count).map(part).collect::<String>();
    vec![
        ("default", format!("{proto2}message M {{ optional string a = 1 [default = \"{}\"]; }}", "x".repeat(6 << 20))),
        ("comment", format!("{proto3}{}message M {{ string a = 1; }}", "// All about it, at length.\n".repeat(45_000))),
        (
            "fields",
            format!(
                "{proto3}message M {{ {} }}",
                many(18_000, &|at| format!("// Of field {at}.\nint32 f{at} = {};", at + 1))
            ),
        ),
        ("values", format!("{proto3}enum E {{ {} }}", many(50_000, &|at| format!("V{at} = {at};\n")))),
        ("lines", format!("{proto3}{}", "\n".repeat(180_000))),
        ("one line", format!("{proto3}message M {{}} // {}", "x".repeat(3 << 20))),
        ("long name", format!("{proto3}message {} {{ string a = 1; }}", "M".repeat(1000))),
        ("nested", format!("{proto3}message M {{ {} }}", many(5_000, &|at| format!("message N{at} {{}}\n")))),
        (
            "option",
            format!(
                "{proto2}import \"google/protobuf/descriptor.proto\"; extend google.protobuf.MessageOptions \
             {{ repeated string note = 50001; }} message M {{ {} }}",
                many(500, &|at| format!("option (note) = \"{at}{}\";", "x".repeat(2000)))
            ),
        ),
    ]
}

#[test]
fn no_page_is_larger_than_a_browser_takes_whatever_was_pushed() {
    let registry = registry();
    for (what, source) in large_sources() {
        let name = format!("acme/{}", what.replace(' ', "-"));
        let first = Module::new(&name).file("a.proto", "syntax = \"proto3\"; package big;").push(&registry).commit;
        Module::new(&name).file("a.proto", source).push(&registry);
        for path in [
            "",
            "/docs/main",
            "/docs/main/big",
            "/docs/main/big?symbol=M",
            "/docs/main/big?symbol=E",
            "/files/main",
            "/files/main/a.proto",
            "/commits/main",
            "/dependencies/main",
            "/sdks/main",
            &format!("/compare/{first}/main"),
            &format!("/compare/main/{first}"),
            "/sdks/main:community/neoeinstein-prost",
        ] {
            let path = format!("/{name}{path}");
            let answer = page(&registry, &path);
            let text = answer.text();
            assert!(text.len() <= LARGEST, "{path}: {} bytes", text.len());
            // Where not even an excerpt helps, the page says so.
            let refused = answer.status == 422 && text.contains("too much for a browser");
            let absent = answer.status == 404 && path.contains("?symbol=");
            assert!(answer.status == 200 || refused || absent, "{path}: {} {text:.300}", answer.status);
        }
        let search = page(&registry, "/search?q=M").ok().text();
        assert!(search.len() <= LARGEST, "{} bytes", search.len());
    }
    registry.is_well();
}

#[test]
fn what_is_left_out_of_a_page_is_said_and_linked() {
    let registry = registry();
    let mut source = String::from("syntax = \"proto2\"; package big;\nmessage M {\n");
    writeln!(source, "optional string a = 1 [default = \"{}\"];", "x".repeat(10_000)).unwrap();
    for at in 2..700 {
        writeln!(source, "optional int32 f{at} = {at};").unwrap();
    }
    source.push('}');
    let readme = "word ".repeat(40_000);
    Module::new("acme/big").file("a.proto", source).file("README.md", readme).push(&registry);

    let message = page(&registry, "/acme/big/docs/main/big?symbol=M").ok().text();
    assert!(message.contains("199 more fields are in the <a href=\"/acme/big/files/main/a.proto#L2\">source</a>"));
    assert!(message.contains("xxx…") && !message.contains(&"x".repeat(1000)));
    let overview = page(&registry, "/acme/big").ok().text();
    assert!(overview.contains("<a href=\"/acme/big/raw/main/README.md\">All of README.md</a>"));
}

#[test]
fn a_page_that_takes_too_long_is_given_up_and_says_which_setting_that_is() {
    let data = tempfile::tempdir().unwrap();
    let lazily = |timeout: &'static str, token: Option<String>| {
        let data = data.path().to_owned();
        Registry::with(move |options| {
            options.flag("eager-plugins", "").flag("page-timeout", timeout).keep(&data, token.as_deref());
        })
    };
    let mut registry = lazily("60", None);
    let mut source = String::from("syntax = \"proto3\"; package big;\n");
    for at in 0..60_000 {
        writeln!(source, "message M{at} {{ string name = 1; M0 first = 2; }}").unwrap();
    }
    Module::new("acme/big").file("a.proto", source).push(&registry);
    registry.stop();

    // Nothing is compiled after a start, and the first page of a commit that an older program stored waits for it.
    let conn = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
    conn.execute_batch("DELETE FROM commit_outlines").unwrap();
    drop(conn);
    let registry = lazily("1", Some(registry.token.clone()));
    let late = page(&registry, "/acme/big/docs/main").is(503);
    assert!(late.text().contains("takes more than 1 s") && late.text().contains("--page-timeout"), "{}", late.text());
    assert_eq!(late.header("retry-after"), "1");
    page(&registry, "/").ok();
    eventually("what was compiled is kept", || page(&registry, "/acme/big/docs/main").status == 200);
}
