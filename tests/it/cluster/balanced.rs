//! Nodes behind the load balancer that there is a file for.

use crate::serve::packaging::asset;
use crate::serve::proxies::{Proxy, free_port};
use crate::support::{Consumer, Database, Module, eventually, pets, registry_command, run};

use super::Cluster;

const PROST: &str = "acme_pets_community_neoeinstein-prost";

#[test]
fn cargo_goes_on_behind_our_load_balancer_while_a_node_ends() {
    let url = format!("http://localhost:{}", free_port());
    let mut cluster = Cluster::on(Database::new(), 0);
    let addresses = [0; 2].map(|_| format!("127.0.0.1:{}", free_port()));
    for listen in &addresses {
        cluster.add_node(&[("listen", listen), ("public-url", &url), ("trusted-proxies", "127.0.0.1")]);
    }
    let file: serde_json::Value = serde_saphyr::from_str(&asset("cluster.yaml")).unwrap();
    let site = file["configs"]["caddyfile"]["content"].as_str().unwrap();
    let mut site = site.replace("crates.example {", &format!("{url} {{"));
    for (name, address) in ["registry-1", "registry-2"].iter().zip(&addresses) {
        assert!(file["services"][name]["environment"]["REGISTRY_STORE"].is_string(), "{name}");
        site = site.replace(&format!("{name}:8780"), address);
    }
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let _caddy = Proxy::caddy(&site, port);
    eventually("it has looked at the nodes", || cluster.nodes[0].get("/readyz").status == 200);
    let [first, second] = &mut cluster.nodes[..] else { unreachable!("two nodes") };
    Module::new("acme/pets").file("pets.proto", pets("name")).push(first);
    let consumer = Consumer::new(first);
    consumer.add(PROST);
    for round in 0..4 {
        let pushed = Module::new("acme/pets").file("pets.proto", pets(&format!("round_{round}"))).push(first);
        consumer.cargo(["update"]).ok();
        assert!(consumer.locked(PROST).contains(&pushed.commit[..12]));
        if round == 1 {
            second.signal("TERM");
            eventually("it has ended", || second.process().try_wait().unwrap().is_some());
            // Until then it hands pushes to connections that it has kept, and those of cargo to the other node.
            consumer.cargo(["update"]).ok();
            std::thread::sleep(std::time::Duration::from_secs(3));
        }
    }
    assert!(consumer.read("Cargo.lock").contains(&format!("sparse+{url}/gen/cargo/")));
}

#[test]
fn the_servers_of_the_file_have_settings_that_exist() {
    let file: serde_json::Value = serde_saphyr::from_str(&asset("cluster.yaml")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut config = registry_command(home.path());
    let variables = file["services"]["registry-1"]["environment"].as_object().unwrap();
    config.arg("config").envs(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())));
    let shown = run(&mut config).ok();
    let set = shown.stdout.lines().filter(|line| line.contains("REGISTRY_")).count();
    assert_eq!(set, variables.keys().filter(|name| name.starts_with("REGISTRY_")).count(), "{shown}");
    assert!(shown.stdout.contains("s3://crates?endpoint=http://objects:7070&style=path"), "{shown}");
}
