//! Who is served first when several pushes wait for crates.

use crate::support::{Module, Programs, Registry, eventually};

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

/// Notes whose turn it is, and waits for the word to go on.
const SCRIPT: &str = "cat >request
if grep -q acme.giant.v1 request; then module=giant; else module=small; fi
echo $module >>HERE/order
while [ ! -e HERE/go ]; do sleep 0.01; done
cat HERE/$module";

fn push(registry: &Registry, name: &str) {
    let text = format!("syntax = \"proto3\";\npackage acme.{name}.v1;\nmessage M {{}}\n");
    Module::new(&format!("acme/{name}")).file(&format!("{name}.proto"), text).push(registry);
}

#[test]
fn a_push_that_owes_much_does_not_hold_up_another() {
    let mut programs = Programs::new();
    for module in ["giant", "small"] {
        programs = programs.answer(module, &[(&format!("acme.{module}.v1.rs"), "pub struct M;")]);
    }
    for name in NAMES {
        programs = programs.script(name, SCRIPT, "");
    }
    let (config, order, eager) = (programs.config(), programs.path("order"), NAMES.map(|name| format!("acme/{name}")));
    let registry = Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", &eager.join(",")).flag("workers", "1");
        options.flag("push-wait", "0");
    });
    push(&registry, "giant");
    let turns = || std::fs::read_to_string(&order).unwrap_or_default();
    eventually("the first crate of the giant is being made", || turns() == "giant\n");
    push(&registry, "small");
    std::fs::write(programs.path("go"), "").unwrap();
    eventually("all are made", || turns().lines().count() == 2 * NAMES.len());
    assert_eq!(turns(), "giant\nsmall\n".repeat(NAMES.len()));
}
