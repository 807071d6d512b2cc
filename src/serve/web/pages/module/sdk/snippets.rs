//! The lines that a Rust developer copies: cargo's configuration, the login, and the dependency.

use crate::model::{CrateName, SdkVersion};

/// The name of the registry in cargo's configuration, as in all texts of this project.
const REGISTRY: &str = "buf";

/// One way to depend on the crate.
pub(super) struct DependencySnippet {
    pub title: String,
    pub command: String,
    /// The line of `Cargo.toml`, which the command writes.
    pub line: String,
    pub note: String,
}

/// The lines for `~/.cargo/config.toml`.
pub(super) fn configuration(url: &str) -> String {
    format!("[registries.{REGISTRY}]\nindex = \"sparse+{url}/gen/cargo/\"\ncredential-provider = \"cargo:token\"")
}

/// The command that logs in.
pub(super) fn login(token: &str) -> String {
    format!("cargo login --registry {REGISTRY} \"Bearer {token}\"")
}

/// The ways to depend on `version` of the crate `name`. `label` is the name of the label, and whether it is the default
/// label. A yanked version has none, because cargo uses it only with existing lock files.
pub(super) fn ways(
    name: &CrateName,
    version: &SdkVersion,
    label: Option<(&str, bool)>,
    yanked: bool,
) -> Vec<DependencySnippet> {
    let bare = version.plugin.bare();
    let mut ways = vec![DependencySnippet {
        title: "Newest".into(),
        command: add_newest(name),
        line: line(name, &format!("{bare}-0")),
        note: "Follows every release of the default label; cargo update moves on.".into(),
    }];
    if yanked {
        return ways;
    }
    match label {
        Some((label, true)) => ways.push(DependencySnippet {
            title: format!("Label {label}"),
            command: add(name, version, ""),
            line: line(name, &version.to_string()),
            note: "This release or a later one.".into(),
        }),
        Some((label, false)) => ways.push(DependencySnippet {
            title: format!("Label {label}"),
            command: add(name, version, "="),
            line: line(name, &format!("={version}")),
            note: "Where the label is now. Builds of labels sort below releases, so they are pinned; come back for the next one.".into(),
        }),
        None => {}
    }
    if label.is_none_or(|(_, default)| default) {
        ways.push(DependencySnippet {
            title: "This commit".into(),
            command: add(name, version, "="),
            line: line(name, &format!("={version}")),
            note: "Exactly these bytes, whatever is pushed later.".into(),
        });
    }
    ways
}

/// The command that adds the newest version.
pub(super) fn add_newest(name: &CrateName) -> String {
    format!("cargo add --registry {REGISTRY} {name}")
}

fn add(name: &CrateName, version: &SdkVersion, operator: &str) -> String {
    format!("cargo add --registry {REGISTRY} {name}@{operator}{version}")
}

fn line(name: &CrateName, requirement: &str) -> String {
    format!("{name} = {{ version = \"{requirement}\", registry = \"{REGISTRY}\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(label: Option<(&str, bool)>, version: &str) -> Vec<String> {
        let name = "acme_pets_community_neoeinstein-prost".parse().unwrap();
        ways(&name, &version.parse().unwrap(), label, false).into_iter().map(|way| way.command).collect()
    }

    #[test]
    fn labels_other_than_the_default_are_pinned() {
        let found = commands(Some(("dev", false)), "0.5.0-00000000000000-ce529d32d80c.1");
        let pinned =
            "cargo add --registry buf acme_pets_community_neoeinstein-prost@=0.5.0-00000000000000-ce529d32d80c.1";
        assert_eq!(found[1..], [pinned.to_owned()]);
    }

    #[test]
    fn the_default_label_is_followed_and_a_commit_is_not() {
        let version = "0.5.0-20240523144506-ce529d32d80c.1";
        let found = commands(Some(("main", true)), version);
        assert!(found[0].ends_with("neoeinstein-prost"));
        assert!(found[1].ends_with(&format!("prost@{version}")));
        assert!(found[2].ends_with(&format!("prost@={version}")));
        assert_eq!(commands(None, version).len(), 2);
    }
}
