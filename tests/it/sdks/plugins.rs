//! Every plugin on every edge case: a crate is made, or the refusal says why not. `make parity` compiles the crates.

use std::collections::BTreeMap;

use crate::sdks::edge_modules::{MODULES, Made, make_all, make_of, plugins, refusal};

/// What is made of each module by each plugin.
fn outcomes() -> BTreeMap<(&'static str, String), Made> {
    plugins().iter().flat_map(|plugin| make_all(&plugin.reference().to_string())).collect()
}

#[test]
fn every_plugin_makes_a_crate_of_every_edge_case_or_says_why_not() {
    let outcomes = outcomes();
    assert_eq!(outcomes.len(), MODULES.len() * plugins().len());
    let mut surprises = Vec::new();
    for ((module, plugin), made) in outcomes {
        match (made, refusal(module, &plugin)) {
            (Ok(_), None) => {}
            (Err(said), Some(expected)) if said.contains(expected) => {}
            (made, expected) => surprises.push(format!("{module} {plugin}: {:?}, not {expected:?}", made.err())),
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn the_bytes_of_every_plugins_crate_never_change() {
    let digests = plugins().into_iter().map(|plugin| {
        let reference = plugin.reference().to_string();
        let package = make_of(&MODULES[..1], &reference).remove(&("money", reference.clone())).unwrap().unwrap();
        format!("{} {reference}", package.checksum)
    });
    insta::assert_snapshot!(digests.collect::<Vec<_>>().join("\n"), @r"
    f4309456d9aeedfaa2bf15cd7becbefb95116ff12b64da9195f16eec3ece3ec0 anthropics/buffa:v0.9.2
    19b68b8528ff8c18e81e5ce3e085c67aa6a34c27151960cc7dff969b88b611b1 anthropics/buffa:v0.8.1
    f6c55e3925d8bcf1ff5e8fef9fe93bed67cd4c4a0e478a7141d1144bb73b4bdf anthropics/buffa:v0.7.1
    48ee72808a9f7570d0673aaaf7fcc45faddc47a3d9019b49700caf88ef21ccff anthropics/buffa:v0.6.0
    5082fae7f957c4823a275c145ac405bd8fed1ef5489e0b0f75e828de2aebc076 anthropics/buffa:v0.5.2
    cf4b06f67d7af78037c3d4a6032dcad8056894a117b365f9c9ceb8095d4000a3 community/neoeinstein-prost:v0.5.0
    d6ce64d8c32c33ebf01eb34a7a4d882bb33971f2ccbdf6e0803032132c9aa435 community/neoeinstein-prost:v0.4.0
    7d004d068964da636c12e6348c2ba370b0908dd7da91a62eaadcb32f01344e48 community/neoeinstein-prost:v0.3.1
    b17f1a54f4d80d17147ba568b3293da18da11262664e8a4a5139fea1326a203d community/neoeinstein-tonic:v0.5.0
    77953af278e6ac3ea9ea68143be2fcc4e8991d7f433ee8a33a10d060d53ccfc9 community/neoeinstein-tonic:v0.4.1
    66d2e38ef9356924f7d90a3105de583101f9065b7d0573650150d8d8f9937968 community/neoeinstein-tonic:v0.4.0
    e7daee1f6e5403b7b33c19739610c5792ebb7b34cd39a955197a3f5ba46c581b connectrpc/rust:v0.9.0
    4e29209865457c2b86c5ec0683920218e8983a63244578eef92558b5cc70237f connectrpc/rust:v0.8.0
    750f13260973567167f8460dcb1763cde3d98a464cd83c9e76d6e709f1000d3a local/prost-serde:v0.2.0
    e7456d84182dad8a5f560bfcca9c6926b7be338afdb164a7d12d612ff53bb086 local/prost-serde:v0.1.0
    67723d620d63530325992fd237730556401b17c42c49d61f5f206f952f07266f local/protovalidate:v0.1.0
    ");
}
