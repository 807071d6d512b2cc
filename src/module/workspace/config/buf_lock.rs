//! `buf.lock`: the commits that a module's dependencies are pinned to.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use super::buf_yaml::{Located, Version};
use super::error::{ConfigError, ConfigProblem, Place};
use super::reference::QualifiedName;
use super::yaml::Document;
use crate::model::{CommitId, FilesDigest, ModuleDigest, ModuleName};

/// A dependency, direct or transitive, and the commit that a `buf.lock` pins it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedCommit {
    /// `host` or `host:port`.
    pub remote: String,
    /// The module there.
    pub module: ModuleName,
    /// The commit.
    pub commit: CommitId,
    /// `b5:…` in a v2 lock, `shake256:…` in older ones, none where an older lock holds no digest of that kind.
    pub digest: Option<String>,
}

impl LockedCommit {
    /// The module without the commit.
    #[must_use]
    pub fn name(&self) -> QualifiedName {
        QualifiedName { remote: self.remote.clone(), module: self.module.clone() }
    }
}

type Text = Option<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeV1 {
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    deps: Option<Vec<Spanned<DependencyV1>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyV1 {
    remote: Text,
    owner: Text,
    repository: Text,
    commit: Text,
    digest: Text,
    #[serde(rename = "branch")]
    _branch: Option<IgnoredAny>,
    #[serde(rename = "create_time")]
    _create_time: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeV2 {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    deps: Option<Vec<Spanned<DependencyV2>>>,
    #[serde(rename = "plugins")]
    _plugins: Option<IgnoredAny>,
    #[serde(rename = "policies")]
    _policies: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyV2 {
    name: Text,
    commit: Text,
    digest: Text,
}

/// Reads and checks the `buf.lock` beside a `buf.yaml` of version `yaml`.
pub(in crate::module::workspace) fn parse(
    document: &Document,
    yaml: Version,
) -> Result<Vec<Located<LockedCommit>>, ConfigError> {
    // Locks without a version were written before there were versions.
    let version = document.version()?;
    let place = version.as_ref().map_or(document.line(0), |version| document.place(version));
    let lock = match version.as_ref().map(|version| version.value.as_str()) {
        None | Some("v1beta1") => Version::V1Beta1,
        Some("v1") => Version::V1,
        Some("v2") => Version::V2,
        Some(other) => {
            let problem = ConfigProblem::UnsupportedVersion { version: other.into(), supported: "v2, v1, v1beta1" };
            return Err(problem.at(&place));
        }
    };
    if (lock == Version::V2) != (yaml == Version::V2) {
        return Err(ConfigProblem::LockVersion { lock: lock.as_str(), yaml: yaml.as_str() }.at(&place));
    }
    if version.is_none() && document.is_empty() {
        return Ok(Vec::new());
    }
    let entries = if lock == Version::V2 { entries_v2(document)? } else { entries_v1(document)? };
    unique(entries)
}

fn entries_v1(document: &Document) -> Result<Vec<Located<LockedCommit>>, ConfigError> {
    let shape: ShapeV1 = document.parse()?;
    let entry = |entry: Spanned<DependencyV1>| {
        let place = document.place(&entry);
        let entry = entry.value;
        let part = |text, key| required(text, key, &place);
        let (remote, owner) = (part(entry.remote, "remote")?, part(entry.owner, "owner")?);
        let name = format!("{remote}/{owner}/{}", part(entry.repository, "repository")?);
        // Digests of the first kinds (b1, b3) are computed in no way that anyone can still check.
        let digest = entry.digest.map(|digest| digest.value).filter(|digest| digest.parse::<FilesDigest>().is_ok());
        locked(&name, &part(entry.commit, "commit")?, digest, place.clone())
    };
    shape.deps.unwrap_or_default().into_iter().map(entry).collect()
}

fn entries_v2(document: &Document) -> Result<Vec<Located<LockedCommit>>, ConfigError> {
    let shape: ShapeV2 = document.parse()?;
    let entry = |entry: Spanned<DependencyV2>| {
        let place = document.place(&entry);
        let entry = entry.value;
        let part = |text, key| required(text, key, &place);
        let digest = part(entry.digest, "digest")?;
        digest.parse::<ModuleDigest>().map_err(|error| ConfigProblem::from(error).at(&place))?;
        locked(&part(entry.name, "name")?, &part(entry.commit, "commit")?, Some(digest), place.clone())
    };
    shape.deps.unwrap_or_default().into_iter().map(entry).collect()
}

fn required(text: Text, key: &'static str, place: &Place) -> Result<String, ConfigError> {
    let text = text.map(|text| text.value).filter(|text| !text.is_empty());
    text.ok_or_else(|| ConfigProblem::LockEntry(key).at(place))
}

fn locked(
    name: &str,
    commit: &str,
    digest: Option<String>,
    place: Place,
) -> Result<Located<LockedCommit>, ConfigError> {
    let QualifiedName { remote, module } = QualifiedName::parse(name).map_err(|problem| problem.at(&place))?;
    let commit = commit.parse().map_err(|error| ConfigProblem::from(error).at(&place))?;
    Ok((LockedCommit { remote, module, commit, digest }, place))
}

fn unique(entries: Vec<Located<LockedCommit>>) -> Result<Vec<Located<LockedCommit>>, ConfigError> {
    for (index, (entry, place)) in entries.iter().enumerate() {
        if let Some((_, other)) = entries[..index].iter().find(|(other, _)| other.name() == entry.name()) {
            let name = entry.name().to_string();
            return Err(ConfigProblem::DuplicateName { name, other: other.clone() }.at(place));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "12345678901234567890123456789012";

    fn lock(text: &str, yaml: Version) -> Result<Vec<Located<LockedCommit>>, ConfigError> {
        parse(&Document::new("buf.lock".into(), text.replace("COMMIT", COMMIT)), yaml)
    }

    fn error(text: &str, yaml: Version) -> String {
        lock(text, yaml).unwrap_err().to_string()
    }

    #[test]
    fn locks_of_all_versions_are_read() {
        let b5 = format!("b5:{}", "ab".repeat(64));
        let text = format!(
            "version: v2\ndeps:\n  - name: buf.build/acme/pets\n    commit: COMMIT\n    digest: {b5}\nplugins: []\n"
        );
        let v2 = lock(&text, Version::V2).unwrap();
        assert_eq!(
            (v2[0].0.name().to_string(), v2[0].0.commit.to_string()),
            ("buf.build/acme/pets".into(), COMMIT.into())
        );
        assert_eq!(v2[0].0.digest, Some(b5));
        let entry = "deps:\n- remote: buf.build\n  owner: acme\n  repository: pets\n  branch: main\n  commit: COMMIT\n  digest: b1-abc\n  create_time: 2022-01-01T00:00:00Z\n";
        assert_eq!(lock(entry, Version::V1).unwrap()[0].0.digest, None);
        assert_eq!(lock("# Generated by buf. DO NOT EDIT.\n", Version::V1).unwrap(), []);
        assert_eq!(lock("version: v1\n", Version::V1Beta1).unwrap(), []);
    }

    #[test]
    fn a_lock_that_cannot_be_used_says_why() {
        insta::assert_snapshot!(error("version: v1\n", Version::V2), @"buf.lock:1: a lock of version v1 does not fit a buf.yaml of version v2 (none counts as v1); run `buf dep update` to write it again");
        insta::assert_snapshot!(error("version: v2\n", Version::V1), @"buf.lock:1: a lock of version v2 does not fit a buf.yaml of version v1 (none counts as v1); run `buf dep update` to write it again");
        insta::assert_snapshot!(error("version: v9\n", Version::V1), @r#"buf.lock:1: version "v9" is not supported; use one of v2, v1, v1beta1"#);
        insta::assert_snapshot!(error("version: v1\ndeps:\n- remote: buf.build\n  owner: acme\n", Version::V1), @"buf.lock:3: the lock entry has no `repository`; run `buf dep update` to write the lock again");
        insta::assert_snapshot!(error("version: v2\ndeps:\n- {name: buf.build/acme/pets, digest: 'b5:1'}\n", Version::V2), @r#"buf.lock:3: "b5:1" is not a digest of the form b5:<128 hexadecimal digits>"#);
        let entry = "- {remote: buf.build, owner: acme, repository: pets, commit: COMMIT}\n";
        insta::assert_snapshot!(error(&format!("version: v1\ndeps:\n{entry}{entry}"), Version::V1), @"buf.lock:4: module buf.build/acme/pets stands here and at buf.lock:3; name it once");
        insta::assert_snapshot!(error(&entry.replace("COMMIT", "main").replacen("- ", "deps: [", 1).replace("}\n", "}]\n"), Version::V1), @r#"buf.lock:1: "main" is not an id: 32 hexadecimal digits without dashes are expected"#);
    }
}
