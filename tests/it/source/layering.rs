//! Which layer may use which: the table of `src/lib.rs` as data, checked against the sources.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// One layer, a file or folder of `src/`.
struct Row {
    layer: &'static str,
    may_use: &'static [&'static str],
    reason: &'static str,
}

const fn row(layer: &'static str, may_use: &'static [&'static str], reason: &'static str) -> Row {
    Row { layer, may_use, reason }
}

const TABLE: &[Row] = &[
    row("main", &[], "the program only calls the library's command line"),
    row("lib", &[], "the library's root only declares"),
    row("proto", &[], "a package of its own: generated from the schemas before the registry is compiled"),
    row("fixture_client", &[], "a package of its own: it starts the program, and is built without the registry"),
    row("model", &[], "the words of the design know nothing but each other"),
    row("wire", &["model"], "generated from the schemas; beside that only conversions that both ends need"),
    row("config", &["model"], "settings are read before anything runs"),
    row("module", &["model"], "stages of a push meet only in `publish`; what passes between them is in `model`"),
    row("breaking", &["model"], "a pure function of two versions; who asks, and what follows, is decided elsewhere"),
    row(
        "compile",
        &["model", "memory_budget"],
        "stages of a push meet only in `publish`; what passes between them is in `model`",
    ),
    row("generate", &["model"], "stages of a push meet only in `publish`; what passes between them is in `model`"),
    row("package", &["model"], "stages of a push meet only in `publish`; what passes between them is in `model`"),
    row("fail_point", &[], "a test ends the process there, whatever the layer"),
    row("memory_budget", &[], "work waits for memory in the same way, whatever the layer"),
    row("metrics", &[], "what is counted is counted in the same way, whatever the layer"),
    row("trace", &[], "what is traced is traced in the same way, whatever the layer"),
    row("store", &["model", "fail_point"], "the store knows only the rules that must hold inside a transaction"),
    row(
        "publish",
        &[
            "model",
            "fail_point",
            "memory_budget",
            "metrics",
            "trace",
            "module",
            "breaking",
            "compile",
            "generate",
            "package",
            "store",
        ],
        "the order of a push is here and nowhere else; it does not know who asks",
    ),
    row("actions", &["model", "publish", "store"], "a rule stands once, whichever face a request comes by"),
    row(
        "serve",
        &["model", "metrics", "trace", "wire", "config", "publish", "store", "actions"],
        "the faces call `actions` and `publish`, and read the `store`",
    ),
    row(
        "client",
        &["model", "wire", "module"],
        "a program's way to a server goes over the public RPCs; only reading a directory is done on this side",
    ),
    row(
        "fuzzing",
        &["compile", "generate", "model", "module", "serve"],
        "a list of functions for tests; each layer keeps its readers to itself but for this list",
    ),
    row("fixture", &["model", "wire", "config", "serve", "client"], "the fixture is a server with a client"),
    row(
        "cli",
        &["model", "wire", "config", "module", "store", "publish", "actions", "serve", "client", "fixture", "trace"],
        "a command calls one library function; stages of a push other than reading a directory are the server's",
    ),
];

/// The layers that `text`, a file of `layer`, uses against the table, one line each.
fn violations(layer: &str, place: &str, text: &str) -> Vec<String> {
    let Some(row) = TABLE.iter().find(|row| row.layer == layer) else {
        return vec![format!("{place}: no row for the layer `{layer}`; add it to the table, with its reason")];
    };
    let allowed = |used: &str| used == layer || row.may_use.contains(&used);
    let forbidden = used_layers(text).into_iter().filter(|(_, used)| !allowed(used));
    let line = |(line, used)| {
        let may = if row.may_use.is_empty() { "nothing".into() } else { row.may_use.join(", ") };
        format!("{place}:{line}: `{layer}` uses `{used}`, but may use {may}: {}", row.reason)
    };
    forbidden.map(line).collect()
}

/// Every layer named behind `crate::`, with its line. Braces are taken apart: `use crate::{model, store::Store}`.
fn used_layers(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let preceded = text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '/' | '='));
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let is_comment = text[line_start..start].trim_start().starts_with("//");
        if preceded || is_comment {
            continue;
        }
        let line = text[..start].matches('\n').count() + 1;
        found.extend(heads(&text[start + "crate::".len()..]).into_iter().map(|head| (line, head)));
    }
    found
}

/// The first segments of what follows `crate::`: one identifier, or those directly inside a pair of braces.
fn heads(rest: &str) -> Vec<String> {
    let Some(list) = rest.strip_prefix('{') else { return vec![identifier(rest)] };
    let mut depth = 0;
    let mut heads = vec![identifier(list.trim_start())];
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(identifier(list[at + 1..].trim_start())),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Calls `check` with every Rust file below `directory`.
pub(crate) fn visit(directory: &Path, check: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, check);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            check(&path);
        }
    }
}

#[test]
fn every_layer_uses_only_what_its_row_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut report = String::new();
    visit(&root, &mut |path| {
        let place = path.strip_prefix(&root).unwrap();
        let layer = place.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let text = std::fs::read_to_string(path).unwrap();
        for violation in violations(layer, &place.display().to_string(), &text) {
            let _ = writeln!(report, "src/{violation}");
        }
    });
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_crate_documentation_shows_the_same_table() {
    let root = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let shown: Vec<_> = root.lines().filter_map(|line| line.strip_prefix("//! | [`")).collect();
    for Row { layer, may_use, .. } in TABLE.iter().filter(|row| !["main", "lib", "build"].contains(&row.layer)) {
        let line = shown.iter().find(|line| line.starts_with(&format!("{layer}`]")));
        let column = line.and_then(|line| line.trim_end_matches('|').rsplit('|').next()).unwrap_or_default();
        let listed: Vec<_> = column.split('`').skip(1).step_by(2).collect();
        assert_eq!(&listed, may_use, "the row of `{layer}` in src/lib.rs");
    }
}

#[test]
fn a_violation_is_found_in_every_spelling() {
    let found = |text: &str| violations("compile", "compile/x.rs", text).len();
    assert_eq!(found("use crate::model::Snapshot;\nuse super::y;\nuse crate::compile::z;\n"), 0);
    assert_eq!(found("use crate::store::Store;\n"), 1);
    assert_eq!(found("use crate::{model::{A, B}, store::Store, package};\n"), 2);
    assert_eq!(found("use crate::{\n    generate::{self, X},\n    model::Y,\n};\n"), 1);
    assert_eq!(found("fn f() { let _ = crate::publish::push(); }\n"), 1);
    assert_eq!(found("pub(crate) fn f() {}\n/// See [`crate::store`].\n"), 0);
    assert_eq!(found("let text = \"not mycrate::store\";\n"), 0);
}

#[test]
fn a_violation_names_file_line_row_and_reason() {
    assert_eq!(
        violations("store", "store/jobs.rs", "//! x\nuse crate::publish::Publisher;\n"),
        ["store/jobs.rs:2: `store` uses `publish`, but may use model, fail_point: the store knows only the rules \
             that must hold inside a transaction"]
    );
    assert!(violations("shop", "shop/x.rs", "")[0].contains("no row for the layer `shop`"));
}

#[test]
fn the_table_is_free_of_cycles() {
    let mut settled = BTreeSet::new();
    while settled.len() < TABLE.len() {
        let next = TABLE
            .iter()
            .find(|row| !settled.contains(row.layer) && row.may_use.iter().all(|used| settled.contains(used)));
        let stuck: Vec<_> = TABLE.iter().map(|row| row.layer).filter(|layer| !settled.contains(layer)).collect();
        settled.insert(next.unwrap_or_else(|| panic!("a cycle among {stuck:?}")).layer);
    }
}

/// Names of what tells where a request was sent to, and from where; and other spellings of it.
const OF_ORIGIN: (&[&str], &[&str]) =
    (&["HOST", "FORWARDED", "PeerAddress", "LocalAddress"], &["\"host\"", "x-forwarded", ".authority()"]);

/// The first of them in a line of code.
fn of_origin(line: &str) -> Option<&'static str> {
    let (names, spellings) = OF_ORIGIN;
    let named = |name: &str| line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name);
    let code = !line.trim_start().starts_with("//");
    let found = names.iter().find(|name| named(name)).or_else(|| spellings.iter().find(|text| line.contains(**text)));
    found.copied().filter(|_| code)
}

#[test]
fn one_place_decides_where_a_request_was_sent_to() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve");
    let mut report = String::new();
    let mut found_in_its_place = 0;
    visit(&root, &mut |path| {
        let place = path.strip_prefix(&root).unwrap();
        let its_place = place.starts_with("http/origin");
        for (line, text) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
            let Some(name) = of_origin(text) else { continue };
            if its_place {
                found_in_its_place += 1;
            } else {
                let _ = writeln!(
                    report,
                    "src/serve/{}:{}: {name} is for serve/http/origin alone",
                    place.display(),
                    line + 1
                );
            }
        }
    });
    assert!(report.is_empty(), "\n{report}");
    assert!(found_in_its_place > 0, "the names are not those of the sources any more");
}

/// The crate of each engine of the store, and the only folder that knows it.
const ENGINES: [(&str, &str); 2] = [("rusqlite", "store/db/sqlite"), ("postgres_driver", "store/db/postgres")];

/// The engines that the code of a file names, with their lines.
fn engines_in(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let named = |line: &str, engine: &str| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        !line.trim_start().starts_with("//") && words.any(|word| word == engine)
    };
    let lines = (1..).zip(text.lines());
    lines
        .flat_map(|(at, line)| {
            ENGINES
                .iter()
                .filter(move |(engine, _)| named(line, engine))
                .map(move |(engine, place)| (at, *engine, *place))
        })
        .collect()
}

#[test]
fn each_engine_of_the_store_is_known_in_one_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut report, mut found_in_its_place) = (String::new(), 0);
    visit(&root, &mut |path| {
        let file = path.strip_prefix(&root).unwrap();
        // Tests of other layers damage a database file beside the store.
        if file.components().any(|part| part.as_os_str() == "tests") {
            return;
        }
        for (line, engine, place) in engines_in(&std::fs::read_to_string(path).unwrap()) {
            if file.starts_with(place) {
                found_in_its_place += 1;
            } else {
                let _ = writeln!(report, "src/{}:{line}: {engine} is for {place} alone", file.display());
            }
        }
    });
    assert!(report.is_empty(), "\n{report}");
    assert!(found_in_its_place > 0, "the names are not those of the sources any more");
}
