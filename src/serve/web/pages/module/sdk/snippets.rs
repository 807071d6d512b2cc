//! The lines that a Rust developer copies: cargo's configuration, the login, and the dependency.

use crate::model::{CrateName, SdkVersion};

use super::public_crates::PublicCrate;

/// The name of the registry in cargo's configuration, as in all texts of this project.
const REGISTRY: &str = "buf";

/// One way to depend on the crate, and on what one needs beside it.
pub(super) struct DependencySnippet {
    pub title: &'static str,
    /// Commands, one in a line.
    pub commands: String,
    /// The lines of `Cargo.toml`, which the commands write.
    pub lines: String,
    pub note: &'static str,
}

/// What the lines add.
pub(super) struct Added<'a> {
    /// The crate, and the crates of this registry that programs name beside it, with their versions at the commit.
    pub crates: &'a [(CrateName, SdkVersion)],
    pub public: &'a [PublicCrate],
}

/// The lines for `~/.cargo/config.toml`.
pub(super) fn configuration(url: &str) -> String {
    format!("[registries.{REGISTRY}]\nindex = \"sparse+{url}/gen/cargo/\"\ncredential-provider = \"cargo:token\"")
}

/// The command that logs in.
pub(super) fn login(token: &str) -> String {
    format!("cargo login --registry {REGISTRY} \"Bearer {token}\"")
}

/// The ways to depend on a crate, the usual one first. `label` is whether the page is about a label, and whether that is
/// the default label. A yanked version has none but the newest, because cargo uses it only with existing lock files.
pub(super) fn ways(added: &Added<'_>, label: Option<bool>, yanked: bool) -> Vec<DependencySnippet> {
    let newest = added.way(
        "Newest",
        "Follows every release of the default label; cargo update moves on.",
        |krate| add_newest(&krate.0),
        |version| format!("{}-0", version.plugin.bare()),
    );
    let pinned =
        |title, note| added.way(title, note, |krate| add(&krate.0, &krate.1, "="), |version| format!("={version}"));
    if yanked {
        return vec![newest];
    }
    match label {
        Some(true) => vec![
            newest,
            added.way(
                "From this release on",
                "This release or a later one.",
                |krate| add(&krate.0, &krate.1, ""),
                ToString::to_string,
            ),
            pinned("Exactly this version", "Exactly these bytes, whatever is pushed later."),
        ],
        Some(false) => vec![
            pinned(
                "Where the label is now",
                "Builds of labels sort below releases, so they are pinned; come back for the next one.",
            ),
            newest,
        ],
        None => vec![pinned("Exactly this version", "Exactly these bytes, whatever is pushed later."), newest],
    }
}

impl Added<'_> {
    /// The commands that add the crate with these features alone, and the crates beside it with what these turn on.
    pub(super) fn picked(&self, name: &CrateName, newest: bool, features: &str) -> String {
        let command = |krate: &(CrateName, SdkVersion)| {
            let add = if newest { add_newest(&krate.0) } else { add(&krate.0, &krate.1, "=") };
            let features = if krate.0 == *name { format!(" --features {features}") } else { String::new() };
            format!("{add} --no-default-features{features}")
        };
        let commands = self.crates.iter().map(command).chain(self.public.iter().map(PublicCrate::command));
        commands.collect::<Vec<_>>().join("\n")
    }

    fn way(
        &self,
        title: &'static str,
        note: &'static str,
        command: impl Fn(&(CrateName, SdkVersion)) -> String,
        requirement: impl Fn(&SdkVersion) -> String,
    ) -> DependencySnippet {
        let line_of = |(name, version): &(CrateName, SdkVersion)| line(name, &requirement(version));
        let commands = self.crates.iter().map(command).chain(self.public.iter().map(PublicCrate::command));
        let lines = self.crates.iter().map(line_of).chain(self.public.iter().map(PublicCrate::line));
        let text = |lines: &mut dyn Iterator<Item = String>| lines.collect::<Vec<_>>().join("\n");
        DependencySnippet {
            title,
            note,
            commands: text(&mut commands.into_iter()),
            lines: text(&mut lines.into_iter()),
        }
    }
}

/// The command that adds the newest version.
pub(in crate::serve::web) fn add_newest(name: &CrateName) -> String {
    format!("cargo add --registry {REGISTRY} {name}")
}

/// The command that adds versions that `operator` and `version` allow.
pub(in crate::serve::web) fn add(name: &CrateName, version: &SdkVersion, operator: &str) -> String {
    format!("cargo add --registry {REGISTRY} {name}@{operator}{version}")
}

fn line(name: &CrateName, requirement: &str) -> String {
    format!("{name} = {{ version = \"{requirement}\", registry = \"{REGISTRY}\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "0.5.0-20240523144506-ce529d32d80c.1";

    fn commands(label: Option<bool>, yanked: bool) -> Vec<String> {
        let crates = [("acme_pets_community_neoeinstein-prost".parse().unwrap(), VERSION.parse().unwrap())];
        let added = Added { crates: &crates, public: &[] };
        ways(&added, label, yanked).into_iter().map(|way| way.commands).collect()
    }

    #[test]
    fn labels_other_than_the_default_are_pinned() {
        let found = commands(Some(false), false);
        assert_eq!(found[0], format!("cargo add --registry buf acme_pets_community_neoeinstein-prost@={VERSION}"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn the_default_label_is_followed_and_a_commit_is_not() {
        let found = commands(Some(true), false);
        assert!(found[0].ends_with("neoeinstein-prost"));
        assert!(found[1].ends_with(&format!("prost@{VERSION}")));
        assert!(found[2].ends_with(&format!("prost@={VERSION}")));
        assert!(commands(None, false)[0].contains("@="));
        assert_eq!(commands(Some(true), true), found[..1]);
    }
}
