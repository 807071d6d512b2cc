//! What the program is built of: every dependency, on every platform, has a licence that a binary may carry.
//!
//! Unused dependencies fail in `make lint` (`unused_crate_dependencies`); advisories are looked up daily by the CI
//! workflow, because they change without a change here.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Licences under which a dependency may be used, with what they ask for. A new row needs somebody who has read it.
const ALLOWED: &[(&str, &str)] = &[
    ("Apache-2.0", "notice"),
    ("BSD-3-Clause", "notice"),
    ("ISC", "notice"),
    ("MIT", "notice"),
    ("MPL-2.0", "changed files of the dependency stay open; we change none"),
    ("Unicode-3.0", "notice"),
    ("Zlib", "nothing in a binary"),
];

/// Name, version and licence of every package of the lock file.
fn packages() -> Vec<(String, String)> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let package =
        |package: &Value| (format!("{} {}", text(package, "name"), text(package, "version")), text(package, "license"));
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

/// Whether `license` leaves a choice that needs no other licences than `allowed`. Exceptions only give more rights.
fn is_satisfied(license: &str, allowed: &[&str]) -> bool {
    Expression::parse_mode(license, ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|required| required.license.id().is_some_and(|id| allowed.contains(&id.name)))
    })
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let packages = packages();
    let allowed: Vec<&str> = ALLOWED.iter().map(|(license, _)| *license).collect();
    let refused: Vec<_> = packages.iter().filter(|(_, license)| !is_satisfied(license, &allowed)).collect();
    assert!(refused.is_empty(), "the licences of these are not in the table: {refused:#?}");
    for license in &allowed {
        let others: Vec<&str> = allowed.iter().copied().filter(|other| other != license).collect();
        let is_needed = packages.iter().any(|(_, license)| !is_satisfied(license, &others));
        assert!(is_needed, "no dependency needs {license} any more; take its row out");
    }
}

#[test]
fn a_licence_is_judged_by_the_choice_that_it_leaves() {
    assert!(is_satisfied("MIT OR GPL-3.0-only", &["MIT"]));
    assert!(is_satisfied("MIT/Apache-2.0", &["Apache-2.0"]));
    assert!(!is_satisfied("MIT AND Unicode-3.0", &["MIT"]));
    assert!(!is_satisfied("", &["MIT"]));
    assert!(!is_satisfied("Do as you like", &["MIT"]));
}
