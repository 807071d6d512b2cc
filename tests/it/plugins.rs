//! Every plugin on every edge case: a crate is made, or the refusal says why not. `make parity` compiles the crates.

use std::collections::BTreeMap;

use crate::sdk::{MODULES, Made, make_all, plugins, refusal};

/// What is made of each module by each plugin.
fn outcomes() -> BTreeMap<(&'static str, String), Made> {
    plugins().iter().flat_map(|plugin| make_all(&plugin.reference().to_string())).collect()
}

#[test]
fn every_plugin_makes_a_crate_of_every_edge_case_or_says_why_not() {
    let outcomes = outcomes();
    assert_eq!(outcomes.len(), MODULES.len() * plugins().len());
    for ((module, plugin), made) in outcomes {
        match (made, refusal(module, &plugin)) {
            (Ok(_), None) => {}
            (Err(said), Some(expected)) if said.contains(expected) => {}
            (Ok(_), Some(expected)) => panic!("{module} {plugin}: a crate was made, expected was {expected:?}"),
            (Err(said), expected) => panic!("{module} {plugin}: {said:?}, expected was {expected:?}"),
        }
    }
}
