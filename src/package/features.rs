//! A cargo feature per package, so that a user of one package compiles one.
//!
//! A crate of a single package has none. Features are listed in the index line of every version, so a module of
//! very many packages has one per directory of packages instead; which directories depends on their names alone.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PackageError;
use super::generated_source::Source;
use super::spec::{CrateSpec, DependencyKind, SdkDependency};
use super::type_references::ReferencedPackage;
use crate::model::{FeatureMode, ModuleName};

/// Most features of a crate, some 30 kB of an index line. Modules with fewer packages have one each. The largest
/// public module, all of googleapis, has 640 packages; with this many features each of its APIs still has its own.
const MOST: usize = 300;

/// The maximum of features for a crate with grouped features, unless first segments alone are more.
const FEW: usize = 20;

/// The feature that turns each package on, by the package's Rust modules.
#[derive(Debug, Default)]
pub(super) struct FeatureGates {
    features: BTreeMap<Vec<String>, String>,
}

impl FeatureGates {
    /// No features at all.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Features for packages with these names.
    #[cfg(test)]
    pub(super) fn of(packages: &[&str]) -> Self {
        let features = packages.iter().map(|name| (crate::model::rust_modules(name), (*name).to_owned()));
        Self { features: features.collect() }
    }

    /// Features for the packages of `sources`, if there is more than one.
    pub(super) fn over(sources: &[&Source], mode: FeatureMode) -> Self {
        let most = match mode {
            FeatureMode::Off => 0,
            FeatureMode::Grouped => FEW,
            FeatureMode::Automatic => MOST,
            FeatureMode::PerPackage => usize::MAX,
        };
        if sources.len() < 2 || most == 0 {
            return Self::default();
        }
        let groups = group(sources.iter().map(|source| source.package.as_str()), most);
        let feature = |source: &&Source| groups.get(source.package.as_str()).map(|prefix| feature_name(prefix));
        let features = sources.iter().filter_map(|source| Some((source.unit.clone(), feature(source)?)));
        Self { features: features.collect() }
    }

    /// The feature that turns a package on; nothing if it is always on.
    pub(super) fn feature(&self, unit: &[String]) -> Option<&str> {
        self.features.get(unit).map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.features.is_empty()
    }
}

/// The name of the feature for packages that start with `prefix`. The empty name and `default` cannot be used.
fn feature_name(prefix: &str) -> String {
    match prefix {
        "" => "_".to_owned(),
        "default" => "default-package".to_owned(),
        _ => prefix.to_owned(),
    }
}

/// The feature among `features`, those of another SDK, that enables `package` there.
fn feature_of<'a>(package: &str, features: &'a BTreeSet<String>) -> Option<&'a str> {
    let mut prefix = package;
    loop {
        if let Some(feature) = features.get(&feature_name(prefix)) {
            return Some(feature);
        }
        prefix = prefix.rsplit_once('.')?.0;
    }
}

/// Divides packages by the start of their names into at most `most` groups, if first segments alone are not more.
/// The largest group is divided first. Returns each package with the start that names its group.
fn group<'a>(packages: impl Iterator<Item = &'a str>, most: usize) -> BTreeMap<&'a str, &'a str> {
    let packages: BTreeSet<&str> = packages.collect();
    if packages.len() <= most {
        return packages.into_iter().map(|package| (package, package)).collect();
    }
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        groups.entry(package.split('.').next().unwrap_or_default()).or_default().push(package);
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    // Splitting a group never lowers the number of groups.
    while groups.len() <= most {
        let open = groups.iter().filter(|(prefix, members)| !done.contains(*prefix) && divides(prefix, members));
        // Of groups of one size the first by name: `max_by_key` takes the last.
        let Some(largest) = open.rev().max_by_key(|(_, members)| members.len()).map(|(prefix, _)| *prefix) else {
            break;
        };
        let parts = divide(largest, &groups[largest]);
        if groups.len() - 1 + parts.len() > most || parts.contains_key(largest) {
            done.insert(largest);
        }
        if groups.len() - 1 + parts.len() <= most {
            groups.remove(largest);
            groups.extend(parts);
        }
    }
    let pairs =
        groups.into_iter().flat_map(|(prefix, members)| members.into_iter().map(move |member| (member, prefix)));
    pairs.collect()
}

fn divides(prefix: &str, members: &[&str]) -> bool {
    members.iter().any(|member| *member != prefix)
}

/// The members of a group by the next segment of their names.
fn divide<'a>(prefix: &str, members: &[&'a str]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for member in members {
        let longer = member
            .get(prefix.len() + 1..)
            .map_or(member.len(), |rest| prefix.len() + 1 + rest.find('.').unwrap_or(rest.len()));
        parts.entry(&member[..longer]).or_default().push(member);
    }
    parts
}

/// The features of a crate.
#[derive(Debug, Default)]
pub(super) struct Features {
    /// Its own features, each with the features that it enables; empty if it has none.
    pub table: BTreeMap<String, BTreeSet<String>>,
    /// The dependencies that its code refers to, with the features that are always on.
    pub dependencies: Vec<(SdkDependency, BTreeSet<String>)>,
}

/// Follows the references of every source to features, its own and those of the SDKs it depends on.
pub(super) fn features(
    spec: &CrateSpec<'_>,
    sources: &[&Source],
    gates: &FeatureGates,
    references: &BTreeMap<Vec<String>, BTreeSet<ReferencedPackage<'_>>>,
) -> Result<Features, PackageError> {
    let by_module: BTreeMap<&ModuleName, &SdkDependency> =
        spec.dependencies.iter().map(|dependency| (dependency.crate_name.module(), dependency)).collect();
    let mut features = Features::default();
    let mut always: BTreeMap<&ModuleName, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let gate = gates.feature(&source.unit);
        if let Some(gate) = gate {
            features.table.entry(gate.to_owned()).or_default();
        }
        for target in references.get(&source.unit).into_iter().flatten() {
            let Some(dependency) = by_module.get(target.module) else {
                require_own(spec, source, target)?;
                features.edge(gate, gates.feature(&crate::model::rust_modules(target.package)));
                continue;
            };
            let needed = always.entry(target.module).or_default();
            let Some(there) = feature_of(target.package, &dependency.features) else { continue };
            match gate {
                Some(gate) => features.forward(gate, dependency, there),
                None => _ = needed.insert(there.to_owned()),
            }
        }
    }
    if !gates.is_empty() {
        let all = features.table.keys().cloned().collect();
        features.table.insert("default".to_owned(), all);
    }
    features.dependencies = needed_dependencies(spec, always);
    Ok(features)
}

/// Without a dependency on the target's module, the target must be in this crate.
fn require_own(spec: &CrateSpec<'_>, source: &Source, target: &ReferencedPackage<'_>) -> Result<(), PackageError> {
    if target.module == spec.name.module() {
        return Ok(());
    }
    Err(PackageError::NoDependency { package: source.package.clone(), module: target.module.clone() })
}

/// The dependencies that the code refers to, and in any case those of the same commit.
fn needed_dependencies(
    spec: &CrateSpec<'_>,
    mut always: BTreeMap<&ModuleName, BTreeSet<String>>,
) -> Vec<(SdkDependency, BTreeSet<String>)> {
    let mut needed = Vec::new();
    for dependency in spec.dependencies {
        let features = always.remove(dependency.crate_name.module());
        if features.is_some() || dependency.kind == DependencyKind::SameCommit {
            needed.push((dependency.clone(), features.unwrap_or_default()));
        }
    }
    needed
}

impl Features {
    /// `from` needs `to` of the same crate.
    fn edge(&mut self, from: Option<&str>, to: Option<&str>) {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            self.table.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
    }

    /// `from` needs the feature `there` of `dependency`.
    fn forward(&mut self, from: &str, dependency: &SdkDependency, there: &str) {
        let forwarded = format!("{}/{there}", dependency.crate_name);
        self.table.entry(from.to_owned()).or_default().insert(forwarded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(packages: &[&str], most: usize) -> Vec<String> {
        let found = group(packages.iter().copied(), most);
        let names: BTreeSet<_> = found.values().map(|prefix| (*prefix).to_owned()).collect();
        for (package, prefix) in found {
            assert!(package == prefix || package.starts_with(&format!("{prefix}.")), "{package} in {prefix}");
        }
        names.into_iter().collect()
    }

    #[test]
    fn few_packages_have_a_feature_each() {
        assert_eq!(groups(&["", "a", "a.b"], 3), ["", "a", "a.b"]);
    }

    #[test]
    fn many_packages_share_features_by_directory() {
        let many =
            ["g.ads.v1", "g.ads.v2", "g.cloud", "g.cloud.a.v1", "g.cloud.a.v2", "g.cloud.b.v1", "g.type", "h.x", "h.y"];
        assert_eq!(groups(&many, 2), ["g", "h"]);
        assert_eq!(groups(&many, 4), ["g.ads", "g.cloud", "g.type", "h"]);
        assert_eq!(groups(&many, 6), ["g.ads", "g.cloud", "g.cloud.a", "g.cloud.b.v1", "g.type", "h"]);
        assert_eq!(groups(&["a.x", "b.x", "c.x"], 2), ["a", "b", "c"]);
    }

    #[test]
    fn a_package_finds_its_feature_in_another_sdk() {
        let features = ["_", "default-package", "g.cloud", "g.type"].map(str::to_owned).into();
        assert_eq!(feature_of("g.cloud.kms.v1", &features), Some("g.cloud"));
        assert_eq!(feature_of("g.type", &features), Some("g.type"));
        assert_eq!(feature_of("", &features), Some("_"));
        assert_eq!(feature_of("default", &features), Some("default-package"));
        assert_eq!(feature_of("g.clouds", &features), None);
        assert_eq!(feature_of("a", &BTreeSet::new()), None);
    }
}
