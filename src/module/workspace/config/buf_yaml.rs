//! `buf.yaml` of the versions v1beta1, v1 and v2.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use super::breaking_section::BreakingShape;
use super::directory::Directory;
use super::error::{ConfigError, ConfigProblem, Place};
use super::reference::{DependencyRef, QualifiedName};
use super::selection::{self, Root};
use super::yaml::Document;
use crate::model::BreakingConfig;

const SUPPORTED: &str = "v2, v1, v1beta1";

/// The version of a `buf.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::module::workspace) enum Version {
    V1Beta1,
    V1,
    V2,
}

impl Version {
    pub(in crate::module::workspace) fn as_str(self) -> &'static str {
        match self {
            Self::V1Beta1 => "v1beta1",
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// A value and where it stands.
pub(in crate::module::workspace) type Located<T> = (T, Place);

/// A checked `buf.yaml`.
#[derive(Debug)]
pub(in crate::module::workspace) struct BufYaml {
    pub(in crate::module::workspace) version: Version,
    /// Exactly one below v2, for the directory of the file.
    pub(in crate::module::workspace) modules: Vec<ModuleConfig>,
    /// No module twice.
    pub(in crate::module::workspace) dependencies: Vec<Located<DependencyRef>>,
    /// The file as a whole.
    pub(in crate::module::workspace) place: Place,
}

/// One module of a `buf.yaml`.
#[derive(Debug, Clone, Default)]
pub(in crate::module::workspace) struct ModuleConfig {
    /// Relative to the directory of the file.
    pub(in crate::module::workspace) directory: Directory,
    pub(in crate::module::workspace) name: Option<Located<QualifiedName>>,
    pub(in crate::module::workspace) roots: Vec<Root>,
    /// With paths relative to the module.
    pub(in crate::module::workspace) breaking: BreakingConfig,
}

impl ModuleConfig {
    /// The configuration of a directory without `buf.yaml`: all of it, without a name.
    pub(in crate::module::workspace) fn unnamed() -> Self {
        Self { roots: vec![Root::default()], ..Self::default() }
    }
}

type Text = Option<Spanned<String>>;
type List = Option<Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeV1 {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    name: Text,
    deps: List,
    build: Option<BuildShape>,
    #[serde(rename = "lint")]
    _lint: Option<IgnoredAny>,
    breaking: Option<BreakingShape>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct BuildShape {
    roots: List,
    excludes: List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeV2 {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    name: Text,
    modules: Option<Vec<ModuleShape>>,
    deps: List,
    #[serde(rename = "lint")]
    _lint: Option<IgnoredAny>,
    breaking: Option<BreakingShape>,
    #[serde(rename = "plugins")]
    _plugins: Option<IgnoredAny>,
    #[serde(rename = "policies")]
    _policies: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModuleShape {
    path: Text,
    name: Text,
    includes: List,
    excludes: List,
    #[serde(rename = "lint")]
    _lint: Option<IgnoredAny>,
    breaking: Option<BreakingShape>,
}

/// Reads and checks a `buf.yaml`.
pub(in crate::module::workspace) fn parse(document: &Document) -> Result<BufYaml, ConfigError> {
    let whole = document.line(0);
    let version = document.version()?.ok_or(ConfigProblem::MissingVersion { supported: SUPPORTED }.at(&whole))?;
    match version.value.as_str() {
        "v1beta1" => parse_v1(document, Version::V1Beta1),
        "v1" => parse_v1(document, Version::V1),
        "v2" => parse_v2(document),
        other => {
            let problem = ConfigProblem::UnsupportedVersion { version: other.into(), supported: SUPPORTED };
            Err(problem.at(&document.place(&version)))
        }
    }
}

fn parse_v1(document: &Document, version: Version) -> Result<BufYaml, ConfigError> {
    let shape: ShapeV1 = document.parse()?;
    let build = shape.build.unwrap_or_default();
    let roots = build.roots.unwrap_or_default();
    if let (Version::V1, Some(first)) = (version, roots.first()) {
        return Err(ConfigProblem::Roots.at(&document.place(first)));
    }
    let module = ModuleConfig {
        directory: Directory::default(),
        name: name(document, shape.name)?,
        roots: selection::of_v1(document, &roots, &build.excludes.unwrap_or_default())?,
        // Paths count from the roots, as those of imports do.
        breaking: shape.breaking.unwrap_or_default().of_module(&Directory::default()),
    };
    let dependencies = dependencies(document, shape.deps.unwrap_or_default())?;
    Ok(BufYaml { version, modules: vec![module], dependencies, place: document.line(0) })
}

fn parse_v2(document: &Document) -> Result<BufYaml, ConfigError> {
    let shape: ShapeV2 = document.parse()?;
    let listed = shape.modules.unwrap_or_default();
    let modules = if listed.is_empty() {
        let breaking = shape.breaking.unwrap_or_default().of_module(&Directory::default());
        vec![ModuleConfig { name: name(document, shape.name)?, breaking, ..ModuleConfig::unnamed() }]
    } else {
        if let Some(name) = shape.name.filter(|name| !name.value.is_empty()) {
            return Err(ConfigProblem::NameWithModules.at(&document.place(&name)));
        }
        let shared = shape.breaking.unwrap_or_default();
        listed.into_iter().map(|shape| module(document, shape, &shared)).collect::<Result<_, _>>()?
    };
    let dependencies = dependencies(document, shape.deps.unwrap_or_default())?;
    Ok(BufYaml { version: Version::V2, modules, dependencies, place: document.line(0) })
}

fn module(document: &Document, shape: ModuleShape, shared: &BreakingShape) -> Result<ModuleConfig, ConfigError> {
    let directory = match &shape.path {
        Some(path) => Directory::parse(&path.value).map_err(|problem| problem.at(&document.place(path)))?,
        None => Directory::default(),
    };
    let (includes, excludes) = (shape.includes.unwrap_or_default(), shape.excludes.unwrap_or_default());
    let root = selection::of_v2(document, &directory, &includes, &excludes)?;
    // A section of the module's own takes the place of the one that all share.
    let breaking = shape.breaking.as_ref().unwrap_or(shared).of_module(&directory);
    Ok(ModuleConfig { directory, name: name(document, shape.name)?, roots: vec![root], breaking })
}

fn name(document: &Document, text: Text) -> Result<Option<Located<QualifiedName>>, ConfigError> {
    let Some(text) = text.filter(|text| !text.value.is_empty()) else {
        return Ok(None);
    };
    let place = document.place(&text);
    let name = QualifiedName::parse_own(&text.value).map_err(|problem| problem.at(&place))?;
    Ok(Some((name, place)))
}

fn dependencies(document: &Document, texts: Vec<Spanned<String>>) -> Result<Vec<Located<DependencyRef>>, ConfigError> {
    let mut dependencies: Vec<Located<DependencyRef>> = Vec::new();
    for text in texts {
        let place = document.place(&text);
        let dependency = DependencyRef::parse(&text.value).map_err(|problem| problem.at(&place))?;
        if let Some((_, other)) = dependencies.iter().find(|(other, _)| other.name() == dependency.name()) {
            let name = dependency.name().to_string();
            return Err(ConfigProblem::DuplicateName { name, other: other.clone() }.at(&place));
        }
        dependencies.push((dependency, place));
    }
    Ok(dependencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Result<BufYaml, ConfigError> {
        parse(&Document::new("buf.yaml".into(), text.into()))
    }

    fn error(text: &str) -> String {
        yaml(text).unwrap_err().to_string()
    }

    #[test]
    fn settings_that_a_push_does_not_need_are_accepted() {
        let file = yaml(
            "version: v2\nname: buf.build/acme/pets\ndeps:\nlint: {use: [STANDARD]}\nbreaking:\n  use: [FILE]\nplugins:\n  - plugin: x\npolicies: []\n",
        )
        .unwrap();
        assert_eq!((file.version, file.modules.len(), file.dependencies.len()), (Version::V2, 1, 0));
        let file = yaml("version: v1\nbuild:\ndeps:\n  - buf.build/a1/b1:main\nlint: {}\nbreaking: {}\n").unwrap();
        assert_eq!(file.dependencies[0].0.to_string(), "buf.build/a1/b1:main");
    }

    #[test]
    fn versions_are_checked() {
        insta::assert_snapshot!(error(""), @"buf.yaml: `version` is missing; add one of v2, v1, v1beta1");
        insta::assert_snapshot!(error("# nothing\n"), @"buf.yaml: `version` is missing; add one of v2, v1, v1beta1");
        insta::assert_snapshot!(error("name: buf.build/acme/pets\n"), @"buf.yaml: `version` is missing; add one of v2, v1, v1beta1");
        insta::assert_snapshot!(error("# first\nversion: v3\n"), @r#"buf.yaml:2: version "v3" is not supported; use one of v2, v1, v1beta1"#);
        insta::assert_snapshot!(error("version: v1\nmodules: []\n"), @r#"buf.yaml:2: key "modules" is not known here; known keys are version, name, deps, build, lint, breaking"#);
        insta::assert_snapshot!(error("version: v1\nbuild:\n  roots: [proto]\n"), @"buf.yaml:3: `build.roots` exists in version v1beta1 only; use `modules` of version v2 for several directories");
    }

    #[test]
    fn names_and_dependencies_are_checked() {
        insta::assert_snapshot!(error("version: v1\nname: buf.build/acme/Pets\n"), @r#"buf.yaml:2: module name "Pets" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen"#);
        insta::assert_snapshot!(error("version: v2\nname: buf.build/acme/pets\nmodules: [{path: a}]\n"), @"buf.yaml:2: `name` at the top cannot be used with `modules`; give each entry of `modules` its own name");
        insta::assert_snapshot!(error("version: v2\ndeps:\n- buf.build/acme/pets:a\n- buf.build/acme/pets\n"), @"buf.yaml:4: module buf.build/acme/pets stands here and at buf.yaml:3; name it once");
        insta::assert_snapshot!(error("version: v2\ndeps: [buf.build/acme]\n"), @r#"buf.yaml:2: "buf.build/acme" is not a module's full name; write HOST/OWNER/MODULE, such as registry.example.com/acme/petapis"#);
    }

    #[test]
    fn unknown_keys_and_wrong_types_name_the_nearest_key_and_the_line() {
        insta::assert_snapshot!(error("version: v2\nmodules:\n- path: a\n  exclude: [b]\n"), @r#"buf.yaml:4: key "exclude" is not known here; did you mean "excludes"?"#);
        insta::assert_snapshot!(error("version: v1\nbuild:\n  roots_: []\n"), @r#"buf.yaml:3: key "roots_" is not known here; did you mean "roots"?"#);
        insta::assert_snapshot!(error("version: v2\ndeps: {a: b}\n"), @"buf.yaml:2: expected a list in `deps: {a: b}`");
        insta::assert_snapshot!(error("version: v2\nmodules:\n- proto\n"), @"buf.yaml:3: expected keys with values in `- proto`");
        insta::assert_snapshot!(error("version: v1\nbuild: [a]\n"), @"buf.yaml:2: expected keys with values in `build: [a]`");
        insta::assert_snapshot!(error("just words\n"), @"buf.yaml:1: expected keys with values in `just words`");
        insta::assert_snapshot!(error("version: v2\nname: [a]\n"), @"buf.yaml:2: expected a text in `name: [a]`");
    }

    #[test]
    fn includes_and_excludes_must_make_sense() {
        let module = |rest: &str| error(&format!("version: v2\nmodules:\n- path: proto\n{rest}\n"));
        insta::assert_snapshot!(module("  excludes: [a]"), @"buf.yaml:4: exclude a does not lie inside the module's path proto; paths are counted from the directory of buf.yaml");
        insta::assert_snapshot!(module("  excludes: [proto]"), @"buf.yaml:4: exclude proto is all of the module's directory; leave it out, or name a directory below");
        insta::assert_snapshot!(module("  includes: [proto/a.proto]"), @"buf.yaml:4: include proto/a.proto names a .proto file; only directories can be listed");
        insta::assert_snapshot!(module("  includes: [proto/a, proto/a/b]"), @"buf.yaml:4: include proto/a/b lies inside include proto/a; keep one of them");
        insta::assert_snapshot!(module("  includes: [proto/a, ./proto/a/]"), @"buf.yaml:4: include proto/a is listed twice");
        insta::assert_snapshot!(module("  includes: [proto/a]\n  excludes: [proto/b]"), @"buf.yaml:5: exclude proto/b does not lie inside any include; leave it out");
        insta::assert_snapshot!(module("  includes: [proto/a/b]\n  excludes: [proto/a]"), @"buf.yaml:4: include proto/a/b lies inside exclude proto/a, so nothing of it would be left");
        insta::assert_snapshot!(module("  includes: [../x]"), @r#"buf.yaml:4: directory "../x" must be relative, with `/` between its parts, and stay inside the directory of this file"#);
        insta::assert_snapshot!(error("version: v1\nbuild: {excludes: [.]}\n"), @"buf.yaml:2: exclude . is all of the module's directory; leave it out, or name a directory below");
        insta::assert_snapshot!(error("version: v1beta1\nbuild: {roots: [a], excludes: [b]}\n"), @"buf.yaml:2: exclude b does not lie inside any root; paths are counted from the directory of buf.yaml, not from a root");
        insta::assert_snapshot!(error("version: v1beta1\nbuild: {roots: [a, a/b]}\n"), @"buf.yaml:2: root a/b lies inside root a; keep one of them");
    }
}
