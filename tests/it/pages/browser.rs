//! The pages in a real browser. Each walk is a script of `tests/browser`, given the address of a registry and its token;
//! it ends well or says what it saw.

use std::path::Path;
use std::process::Command;

use crate::support::{Certificate, Module, Programs, Registry, node_modules, pets, run};

/// What a plugin says that wants to be more than text.
const MARKUP: &str = "\"'><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"></pre><!--";

/// Runs a walk through `registry`.
#[track_caller]
fn walk(registry: &Registry, script: &str, arguments: &[&str]) {
    walk_trusting(registry, None, script, arguments);
}

/// The same with a registry that shows a certificate of its own.
#[track_caller]
fn walk_trusting(registry: &Registry, certificate: Option<&Path>, script: &str, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(script);
    let mut command = Command::new("node");
    // `require` of Node looks here for the libraries that the set-up fetched.
    command.env("NODE_PATH", node_modules()).env("NO_COLOR", "1");
    if let Some(chain) = certificate {
        command.env("NODE_EXTRA_CA_CERTS", chain);
    }
    run(command.arg(script).args([&registry.url, &registry.token]).args(arguments)).ok();
}

#[test]
fn a_newcomer_gets_from_an_empty_registry_to_an_import() {
    walk(&Registry::start(), "journey.mjs", &[]);
}

#[test]
fn over_tls_a_browser_speaks_http2_and_every_form_works() {
    let certificate = Certificate::new();
    let registry = certificate.registry();
    walk_trusting(&registry, Some(&certificate.chain()), "journey.mjs", &[]);
    let form = |line: &str| line.contains("method=POST") && line.contains("version=HTTP/2.0");
    assert!(registry.log().lines().any(|line| form(line) && line.contains("/settings/tokens")), "{}", registry.log());
}

#[test]
fn the_pages_work_without_scripts() {
    walk(&Registry::start(), "journey.mjs", &["--without-scripts"]);
}

#[test]
fn every_page_is_accessible_small_and_asks_nobody_else() {
    walk(&Registry::start(), "pages.mjs", &[]);
}

#[test]
fn nothing_hostile_runs_on_any_page() {
    let script = "cat >/dev/null; cat HERE/said >&2; exit 1";
    let keys = format!("description = '''{MARKUP}'''\nopts = [\"type_attribute\"]\n");
    let programs = Programs::new().script("loud", script, &keys);
    std::fs::write(programs.path("said"), MARKUP).unwrap();
    let config = programs.config();
    let eager = "community/neoeinstein-prost,community/neoeinstein-tonic,acme/loud";
    let registry = Registry::with(|options| _ = options.flag("config", &config).flag("eager-plugins", eager));
    walk(&registry, "hostile.mjs", &[]);
}

#[test]
fn what_goes_wrong_is_a_page_that_helps_and_shows_no_inside() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let store = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    store.execute_batch("ALTER TABLE commit_files RENAME TO lost").unwrap();
    walk(&registry, "failures.mjs", &[]);
}
