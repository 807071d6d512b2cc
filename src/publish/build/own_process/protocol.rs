//! Tasks and answers as they pass between the two processes: a head in JSON, followed by the long contents as raw
//! bytes. Both ends are the same program, so the format may change with any version.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use serde::{Deserialize, Serialize};

use crate::model::{
    DescriptorFile, DescriptorSet, FeatureMode, FileOrigin, FilePath, Generated, GeneratedFile, Insertion, ModuleFile,
    ModuleName, NumberedName, Plugin, PluginResponse, Snapshot,
};
use crate::package::{DependencyKind, Package, SdkDependency};
use crate::publish::build::make_crate::{CrateInput, Files};
use crate::publish::build::resource_usage::Usage;

/// One piece of work.
#[derive(Debug, PartialEq)]
pub(super) enum Task {
    /// Make a crate.
    Crate(Box<CrateInput>),
    /// Answer an encoded `CodeGeneratorRequest` of a client.
    Generation { plugin: Box<Plugin>, request: Bytes },
}

/// The result of a task.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Crate(Package),
    Generation(PluginResponse),
    /// Why the task failed.
    Failed(String),
}

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The message that goes through the pipe.
#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(string, tag = "1")]
    head: String,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    contents: Vec<Bytes>,
    /// Checked, because the program's file may have been replaced since the server was started.
    #[prost(string, tag = "3")]
    version: String,
}

#[derive(Serialize, Deserialize)]
enum TaskHead {
    Crate(Box<CrateHead>),
    Generation(Box<Plugin>),
}

#[derive(Serialize, Deserialize)]
struct AnswerEnvelope {
    usage: Usage,
    answer: AnswerHead,
}

#[derive(Serialize, Deserialize)]
enum AnswerHead {
    Crate(PackageHead),
    Generation(PluginResponseHead),
    Failed(String),
}

#[derive(Serialize, Deserialize)]
struct CrateHead {
    name: String,
    version: String,
    commit: String,
    plugin: Plugin,
    features: String,
    /// The module of each file; none for well-known types.
    descriptors: Vec<Option<ModuleName>>,
    /// Paths and digests.
    files: Vec<(String, String)>,
    dependencies: Vec<DependencyHead>,
    numbered: BTreeMap<ModuleName, Vec<NumberedName>>,
    has_earlier: bool,
    generated: Option<GeneratedHead>,
    index_url: String,
    module_url: String,
    most_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct DependencyHead {
    crate_name: String,
    version: String,
    of_same_commit: bool,
    features: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct GeneratedHead {
    /// Names, and whether there are descriptors.
    files: Vec<(String, bool)>,
}

#[derive(Serialize, Deserialize)]
struct PluginResponseHead {
    /// Names.
    files: Vec<String>,
    /// Names and points.
    insertions: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct PackageHead {
    checksum: String,
    index_line: String,
    unpacked_size: u64,
    files: Vec<(String, u64)>,
    features: BTreeSet<String>,
    has_reuse_index: bool,
}

impl Task {
    /// Its name, for the log.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Crate(input) => input.name.to_string(),
            Self::Generation { plugin, .. } => plugin.reference().to_string(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Generation { plugin, request } => {
                envelope(&TaskHead::Generation(plugin.clone()), vec![request.clone()])
            }
            Self::Crate(input) => {
                let (head, contents) = crate_head(input);
                envelope(&TaskHead::Crate(Box::new(head)), contents)
            }
        }
    }

    pub(super) fn decode(encoded: Bytes) -> Result<Self, String> {
        let (head, mut contents) = open(encoded)?;
        match head {
            TaskHead::Generation(plugin) => Ok(Self::Generation { plugin, request: contents.next()? }),
            TaskHead::Crate(head) => crate_input(*head, &mut contents).map(|input| Self::Crate(Box::new(input))),
        }
    }
}

impl Answer {
    pub(super) fn encode(&self, usage: Usage) -> Vec<u8> {
        let mut contents = vec![];
        let answer = match self {
            Self::Failed(reason) => AnswerHead::Failed(reason.clone()),
            Self::Generation(answer) => AnswerHead::Generation(plugin_response_head(answer, &mut contents)),
            Self::Crate(package) => {
                contents.push(package.crate_bytes.clone());
                contents.extend(package.reuse_index.clone().map(Bytes::from));
                AnswerHead::Crate(PackageHead {
                    checksum: package.checksum.to_string(),
                    index_line: package.index_line.clone(),
                    unpacked_size: package.unpacked_size,
                    files: package.files.clone(),
                    features: package.features.clone(),
                    has_reuse_index: package.reuse_index.is_some(),
                })
            }
        };
        envelope(&AnswerEnvelope { usage, answer }, contents)
    }

    pub(super) fn decode(encoded: Bytes) -> Result<(Self, Usage), String> {
        let (AnswerEnvelope { usage, answer }, mut contents) = open(encoded)?;
        let answer = match answer {
            AnswerHead::Failed(reason) => Self::Failed(reason),
            AnswerHead::Generation(head) => Self::Generation(plugin_response(head, &mut contents)?),
            AnswerHead::Crate(head) => Self::Crate(Package {
                crate_bytes: contents.next()?,
                checksum: parse(&head.checksum)?,
                index_line: head.index_line,
                unpacked_size: head.unpacked_size,
                files: head.files,
                features: head.features,
                reuse_index: if head.has_reuse_index { Some(contents.next()?.into()) } else { None },
            }),
        };
        Ok((answer, usage))
    }

    /// The error for an answer to another kind of task.
    pub(super) fn unexpected(self) -> String {
        match self {
            Self::Failed(reason) => reason,
            Self::Crate(_) | Self::Generation(_) => "the answer is for another kind of task".to_owned(),
        }
    }
}

fn crate_head(input: &CrateInput) -> (CrateHead, Vec<Bytes>) {
    let files = || input.snapshot.files().iter().zip(input.snapshot.digests());
    let origin = |file: &DescriptorFile| match &file.origin {
        FileOrigin::Module(name) => Some(name.clone()),
        FileOrigin::WellKnown => None,
    };
    let dependency = |sdk: &SdkDependency| DependencyHead {
        crate_name: sdk.crate_name.to_string(),
        version: sdk.version.to_string(),
        of_same_commit: sdk.kind == DependencyKind::SameCommit,
        features: sdk.features.clone(),
    };
    let mut contents: Vec<Bytes> = input.descriptors.0.files.iter().map(|file| file.encoded.clone()).collect();
    contents.extend(files().map(|(file, _)| file.content.clone()));
    if let Some((index, bytes)) = &input.earlier {
        contents.extend([Bytes::copy_from_slice(index), bytes.clone()]);
    }
    let head = CrateHead {
        name: input.name.to_string(),
        version: input.version.to_string(),
        commit: input.commit.to_string(),
        plugin: input.plugin.clone(),
        features: input.features.as_str().to_owned(),
        descriptors: input.descriptors.0.files.iter().map(origin).collect(),
        files: files().map(|(file, digest)| (file.path.to_string(), digest.to_string())).collect(),
        dependencies: input.dependencies.iter().map(dependency).collect(),
        numbered: input.numbered.clone(),
        has_earlier: input.earlier.is_some(),
        generated: input.generated.as_ref().map(|generated| generated_head(generated, &mut contents)),
        index_url: input.index_url.clone(),
        module_url: input.module_url.clone(),
        most_bytes: input.most_bytes,
    };
    (head, contents)
}

fn crate_input(head: CrateHead, contents: &mut Contents) -> Result<CrateInput, String> {
    let mut descriptors = DescriptorSet::default();
    for origin in head.descriptors {
        let encoded = contents.next()?;
        let proto = FileDescriptorProto::decode(encoded.clone()).map_err(|error| error.to_string())?;
        let proto = Arc::new(FileDescriptorProto { source_code_info: None, ..proto });
        let origin = origin.map_or(FileOrigin::WellKnown, FileOrigin::Module);
        descriptors.files.push(DescriptorFile { origin, encoded, proto });
    }
    // The server read these paths from its store, where they may be older than today's rules.
    let file = |(path, digest): &(String, String)| {
        let path = FilePath::from_stored(path.clone());
        Ok((ModuleFile { path, content: contents.next()? }, parse(digest)?))
    };
    let files = head.files.iter().map(file).collect::<Result<_, String>>()?;
    let dependency = |sdk: DependencyHead| {
        let kind = if sdk.of_same_commit { DependencyKind::SameCommit } else { DependencyKind::OtherModule };
        let (crate_name, version) = (parse(&sdk.crate_name)?, parse(&sdk.version)?);
        Ok(SdkDependency { crate_name, version, kind, features: sdk.features })
    };
    let mode = FeatureMode::NAMES.iter().find(|(name, _)| *name == head.features);
    Ok(CrateInput {
        name: parse(&head.name)?,
        version: parse(&head.version)?,
        commit: parse(&head.commit)?,
        plugin: head.plugin,
        features: mode.ok_or_else(|| format!("{} is not a feature mode", head.features))?.1,
        descriptors: Files(Arc::new(descriptors)),
        snapshot: Snapshot::from_stored(files),
        dependencies: head.dependencies.into_iter().map(dependency).collect::<Result<_, String>>()?,
        numbered: head.numbered,
        earlier: if head.has_earlier { Some((contents.next()?.into(), contents.next()?)) } else { None },
        generated: head.generated.map(|head| generated(head, contents)).transpose()?,
        index_url: head.index_url,
        module_url: head.module_url,
        most_bytes: head.most_bytes,
    })
}

fn generated_head(generated: &Generated, contents: &mut Vec<Bytes>) -> GeneratedHead {
    for file in &generated.files {
        contents.push(Bytes::copy_from_slice(file.content.as_bytes()));
        contents.extend(file.descriptors.clone());
    }
    GeneratedHead {
        files: generated.files.iter().map(|file| (file.name.clone(), file.descriptors.is_some())).collect(),
    }
}

fn generated(head: GeneratedHead, contents: &mut Contents) -> Result<Generated, String> {
    let mut generated = Generated::default();
    for (name, has_descriptors) in head.files {
        let content = contents.text()?;
        let descriptors = if has_descriptors { Some(contents.next()?) } else { None };
        // Only embedded plugins rename, and their output is not sent.
        generated.files.push(GeneratedFile { name, content, descriptors, renamed: Vec::new() });
    }
    Ok(generated)
}

fn plugin_response_head(answer: &PluginResponse, contents: &mut Vec<Bytes>) -> PluginResponseHead {
    let texts = answer.files.values().chain(answer.insertions.iter().map(|insertion| &insertion.content));
    contents.extend(texts.map(|text| Bytes::copy_from_slice(text.as_bytes())));
    let insertion = |insertion: &Insertion| (insertion.name.clone(), insertion.point.clone());
    PluginResponseHead {
        files: answer.files.keys().cloned().collect(),
        insertions: answer.insertions.iter().map(insertion).collect(),
    }
}

fn plugin_response(head: PluginResponseHead, contents: &mut Contents) -> Result<PluginResponse, String> {
    let mut answer = PluginResponse::default();
    for name in head.files {
        answer.files.insert(name, contents.text()?);
    }
    for (name, point) in head.insertions {
        answer.insertions.push(Insertion { name, point, content: contents.text()? });
    }
    Ok(answer)
}

fn envelope(head: &impl Serialize, contents: Vec<Bytes>) -> Vec<u8> {
    // The other end reports a head that it cannot read.
    let head = serde_json::to_string(head).unwrap_or_default();
    Envelope { head, contents, version: VERSION.to_owned() }.encode_to_vec()
}

fn open<T: for<'de> Deserialize<'de>>(encoded: Bytes) -> Result<(T, Contents), String> {
    let envelope = Envelope::decode(encoded).map_err(|error| error.to_string())?;
    if envelope.version != VERSION {
        return Err(format!(
            "the program is version {VERSION}, the server is version {}; restart the server",
            envelope.version
        ));
    }
    let head = serde_json::from_str(&envelope.head).map_err(|error| error.to_string())?;
    Ok((head, Contents(envelope.contents.into())))
}

/// The contents that were not read yet.
struct Contents(VecDeque<Bytes>);

impl Contents {
    fn next(&mut self) -> Result<Bytes, String> {
        self.0.pop_front().ok_or_else(|| "a content is missing".to_owned())
    }

    fn text(&mut self) -> Result<String, String> {
        String::from_utf8(self.next()?.into()).map_err(|error| error.to_string())
    }
}

fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
