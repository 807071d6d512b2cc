//! The dashboard for Grafana asks for metrics that there are, with labels that they have.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::{Module, Registry, pets};

/// The names of metrics in an expression of PromQL.
fn metrics(expression: &str) -> BTreeSet<&str> {
    let words = expression.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("registry_") || word.starts_with("process_")).collect()
}

/// The labels that an expression groups by.
fn labels(expression: &str) -> BTreeSet<&str> {
    let groups = expression.split(" by (").skip(1).filter_map(|rest| rest.split(')').next());
    groups.flat_map(|group| group.split(", ")).collect()
}

#[test]
fn every_metric_of_the_dashboard_exists() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let webhook = ["webhook", "create", "acme/pets", "--url", "https://localhost:1/hook", "--json"];
    let webhook = registry.cli(webhook).ok().json()["id"].as_str().unwrap().to_owned();
    registry.cli(["webhook", "test", &webhook]).refused();
    let text = registry.get("/metrics").ok().text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/operate/grafana.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let found = metrics(expression);
            assert!(!found.is_empty(), "{expression}");
            for name in found {
                let family = name.trim_end_matches("_total").trim_end_matches("_bucket");
                assert!(text.contains(&format!("# TYPE {family} ")), "{name} of panel {} in\n{text}", panel["title"]);
                let samples: Vec<_> = text.lines().filter(|line| line.starts_with(name)).collect();
                for label in labels(expression) {
                    let has = |line: &&str| line.contains(&format!("{label}=\""));
                    assert!(samples.iter().any(has), "{name} has no label {label} in\n{text}");
                }
            }
        }
    }
    let asked: BTreeSet<_> = panels.iter().map(|panel| panel["id"].to_string()).collect();
    assert_eq!(asked.len(), panels.len(), "panels share an id");
}
