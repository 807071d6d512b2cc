//! Which layer may read the environment, a clock, files or chance, and start programs. Everything else gets what it
//! needs as an argument: the same input gives the same bytes, and a test passes what it likes.

use std::fmt::Write as _;
use std::path::Path;

use crate::source::layering::visit;

/// One thing that a function can do beside computing.
struct Effect {
    name: &'static str,
    spellings: &'static [&'static str],
    layers: &'static [&'static str],
    reason: &'static str,
}

const EFFECTS: &[Effect] = &[
    Effect {
        name: "the environment",
        spellings: &["env::var", "env::vars", "env::var_os", "env::vars_os", "env::current_dir", "env::temp_dir"],
        layers: &["config", "fail_point", "publish", "serve"],
        reason: "settings come from `config`; `publish` passes PATH and HOME on to programs, `serve` names the first user",
    },
    Effect {
        name: "the time of day",
        spellings: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        layers: &["publish", "cli", "trace"],
        reason: "`publish` has the clock that makes times of commits increase; `cli` turns spans into times; spans of \
                 traces begin and end",
    },
    Effect {
        name: "elapsed time",
        spellings: &["Instant::now"],
        layers: &["compile", "publish", "serve"],
        reason: "for limits and deadlines only, never for what is written",
    },
    Effect {
        name: "files",
        spellings: &[
            "fs::read",
            "fs::write",
            "fs::create_dir",
            "fs::remove",
            "fs::rename",
            "File::open",
            "File::create",
        ],
        layers: &["cli", "config", "module", "publish", "serve", "store"],
        reason: "the other layers turn bytes into bytes",
    },
    Effect {
        name: "other programs",
        spellings: &["Command::new"],
        layers: &["publish", "cli"],
        reason: "external plugins and `cargo check` run with limits that `publish` sets; `cli` opens a browser",
    },
    Effect {
        name: "chance",
        spellings: &["getrandom::fill", "Uuid::new_v4", "Uuid::now_v7"],
        layers: &["publish", "trace"],
        reason: "ids and secrets are made in one place each",
    },
];

/// Whether the file holds tests and their helpers only.
fn is_test(place: &Path) -> bool {
    let name = place.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let in_tests = place.components().any(|part| part.as_os_str() == "tests");
    in_tests || name.ends_with("tests") || name == "testing"
}

/// The effects of `text`, a file of `layer`, that the table does not allow, one line each.
fn violations(layer: &str, place: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        let forbidden = EFFECTS.iter().filter(|effect| !effect.layers.contains(&layer));
        for effect in forbidden.filter(|effect| effect.spellings.iter().any(|spelling| calls(line, spelling))) {
            let Effect { name, layers, reason, .. } = effect;
            let may = layers.join(", ");
            found.push(format!("{place}:{}: {name} is for {may}: {reason}", number + 1));
        }
    }
    found
}

/// Whether `line` has the path `spelling`, not as the end of a longer word such as `refs::read`.
fn calls(line: &str, spelling: &str) -> bool {
    line.match_indices(spelling).any(|(start, _)| !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn a_layer_reaches_out_only_where_the_table_says_so() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut report = String::new();
    visit(&root, &mut |path| {
        let place = path.strip_prefix(&root).unwrap();
        let layer = place.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        // Packages of their own: the build script of one reads the schemas, the other starts the program.
        if ["proto", "fixture_client"].contains(&layer) || is_test(place) {
            return;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for violation in violations(layer, &place.display().to_string(), &text) {
            let _ = writeln!(report, "src/{violation}");
        }
    });
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn a_call_is_found_and_a_comment_or_a_test_is_not() {
    let found = |text: &str| violations("package", "package/x.rs", text).len();
    assert_eq!(found("let now = SystemTime::now();\n"), 1);
    assert_eq!(found("let text = std::fs::read_to_string(path)?;\n"), 1);
    assert_eq!(found("// As with fs::read.\nrefs::read(&x);\n"), 0);
    assert_eq!(found("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    let now = Instant::now();\n}\n"), 0);
}
