//! The crates of crates.io that a program with an SDK depends on directly.

use crate::model::Plugin;

/// A crate of crates.io.
pub(super) struct PublicCrate {
    name: String,
    /// The requirement, as short as possible: `0.14`.
    requirement: String,
    features: &'static str,
}

/// Runtime crates that programs name, with the features that a program turns on; the SDK itself needs the others.
const NAMED: [(&str, &str); 5] =
    [("tonic", ""), ("connectrpc", "client"), ("prost", ""), ("buffa", ""), ("protovalidate-buffa", "")];

/// What a program names beside the crate of `plugin`; `with_client` if it calls a service.
pub(super) fn public_crates(plugin: &Plugin, with_client: bool) -> Vec<PublicCrate> {
    let named = |(name, features): &(&str, &'static str)| {
        let runtime = plugin.runtime.iter().find(|runtime| runtime.name == *name)?;
        Some(PublicCrate { name: runtime.name.clone(), requirement: short(&runtime.requirement), features })
    };
    let mut crates: Vec<_> = NAMED.iter().filter_map(named).collect();
    if with_client {
        crates.push(PublicCrate { name: "tokio".into(), requirement: "1".into(), features: "macros,rt-multi-thread" });
    }
    crates
}

impl PublicCrate {
    /// The command that adds it.
    pub(super) fn command(&self) -> String {
        let Self { name, requirement, features } = self;
        let more = if features.is_empty() { String::new() } else { format!(" --features {features}") };
        format!("cargo add {name}@{requirement}{more}")
    }

    /// The line of `Cargo.toml`.
    pub(super) fn line(&self) -> String {
        let Self { name, requirement, features } = self;
        if features.is_empty() {
            return format!("{name} = \"{requirement}\"");
        }
        let features: Vec<_> = features.split(',').map(|feature| format!("\"{feature}\"")).collect();
        format!("{name} = {{ version = \"{requirement}\", features = [{}] }}", features.join(", "))
    }
}

/// A caret requirement with the parts that decide what is compatible: `0.14.1` is `0.14`, `1.2.3` is `1`.
fn short(requirement: &str) -> String {
    let parts: Vec<_> = requirement.split('.').collect();
    match parts.as_slice() {
        ["0", minor, _] if *minor != "0" => format!("0.{minor}"),
        [major, _, _] if *major != "0" && major.bytes().all(|byte| byte.is_ascii_digit()) => (*major).to_owned(),
        _ => requirement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_as_short_as_what_they_mean() {
        for (requirement, shown) in
            [("0.14.1", "0.14"), ("1.2.3", "1"), ("0.0.3", "0.0.3"), ("0.8", "0.8"), ("=1.2.3", "=1.2.3")]
        {
            assert_eq!(short(requirement), shown);
        }
    }

    #[test]
    fn features_stand_in_command_and_line() {
        let tokio = PublicCrate { name: "tokio".into(), requirement: "1".into(), features: "macros,rt" };
        assert_eq!(tokio.command(), "cargo add tokio@1 --features macros,rt");
        assert_eq!(tokio.line(), "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }");
    }
}
