//! What declarations say in options of their own that decides how other options are interpreted: features, and where and
//! when an option may be used.
//!
//! They are read before all other options ([`super::collect_facts`]), which may depend on them, also on those of other
//! files.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message;

use crate::compile::source::edition::features::Written;
use crate::compile::visit::elements::Node;

/// What the declarations of one file say, by path.
#[derive(Debug, Clone, Default)]
pub(in crate::compile) struct Facts {
    /// What elements say of themselves in a file with an edition.
    pub(in crate::compile) features: Written,
    /// Fields and enum values.
    pub(super) usage: HashMap<Vec<i32>, Usage>,
    /// Extension ranges that say which extensions there are.
    pub(in crate::compile) ranges: HashMap<Vec<i32>, RangeFacts>,
}

static NONE: LazyLock<Facts> = LazyLock::new(Facts::default);

/// What an option can be set on; the numbers are those of `FieldOptions.OptionTargetType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum OptionTarget {
    File = 1,
    ExtensionRange = 2,
    Message = 3,
    Field = 4,
    Oneof = 5,
    Enum = 6,
    EnumValue = 7,
    Service = 8,
    Method = 9,
}

/// Where and when an option may be used: a part of `FieldOptions`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Usage {
    #[prost(bool, tag = "15")]
    pub(super) unverified_lazy: bool,
    #[prost(int32, repeated, packed = "false", tag = "19")]
    pub(super) targets: Vec<i32>,
    #[prost(message, optional, tag = "22")]
    pub(super) support: Option<Support>,
}

/// The same part of `EnumValueOptions`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueUsage {
    #[prost(message, optional, tag = "4")]
    pub(super) support: Option<Support>,
}

/// Which extensions there are: a part of `ExtensionRangeOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::compile) struct RangeFacts {
    #[prost(message, repeated, tag = "2")]
    pub(in crate::compile) declarations: Vec<ExtensionDeclaration>,
    /// 0 asks for declarations, 1 does without.
    #[prost(int32, optional, tag = "3")]
    pub(in crate::compile) verification: Option<i32>,
}

/// `ExtensionRangeOptions.Declaration`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::compile) struct ExtensionDeclaration {
    #[prost(int32, optional, tag = "1")]
    pub(in crate::compile) number: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in crate::compile) full_name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in crate::compile) r#type: Option<String>,
    #[prost(bool, tag = "5")]
    pub(in crate::compile) reserved: bool,
    #[prost(bool, tag = "6")]
    pub(in crate::compile) repeated: bool,
}

/// `FieldOptions.FeatureSupport`: editions are numbers of `google.protobuf.Edition`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Support {
    #[prost(int32, optional, tag = "1")]
    introduced: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    deprecated: Option<i32>,
    #[prost(string, optional, tag = "3")]
    deprecation_warning: Option<String>,
    #[prost(int32, optional, tag = "4")]
    removed: Option<i32>,
    #[prost(string, optional, tag = "5")]
    removal_error: Option<String>,
}

impl Facts {
    pub(super) fn none() -> &'static Self {
        &NONE
    }

    /// Whether the field at `path` is read when it is asked for, and not looked at before.
    pub(in crate::compile) fn is_unverified_lazy(&self, path: &[i32]) -> bool {
        self.usage.get(path).is_some_and(|usage| usage.unverified_lazy)
    }

    /// What the declaration at `path` says about its use.
    pub(super) fn usage_at(&self, path: impl Fn() -> Vec<i32>) -> Option<&Usage> {
        if self.usage.is_empty() { None } else { self.usage.get(&path()) }
    }
}

impl Usage {
    /// Whether what is called `name` may be set on `target`.
    pub(super) fn check_target(&self, name: &str, target: OptionTarget) -> Result<(), String> {
        if self.targets.is_empty() || self.targets.contains(&(target as i32)) {
            return Ok(());
        }
        Err(format!("{name} cannot be set on {}", target.words()))
    }

    /// Whether what is called `name` may be used in a file of `edition`.
    pub(super) fn check_edition(&self, name: &str, edition: i32) -> Result<(), String> {
        let Some(support) = &self.support else { return Ok(()) };
        if let Some(introduced) = support.introduced.filter(|introduced| edition < *introduced) {
            return Err(format!("{name} is not there before edition {}", edition_words(introduced)));
        }
        match support.removed.filter(|removed| edition >= *removed) {
            Some(removed) => {
                let why = support.removal_error.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                Err(format!("{name} is gone since edition {}{why}", edition_words(removed)))
            }
            None => Ok(()),
        }
    }

    /// What is wrong with what is said about lifetimes, and the field of `FeatureSupport` that says it.
    pub(super) fn fault(&self) -> Option<(i32, &'static str)> {
        let support = self.support.as_ref()?;
        if support.deprecated.is_some() && support.deprecation_warning.is_none() {
            return Some((2, "edition_deprecated needs a deprecation_warning"));
        }
        // What never was there needs no words.
        let was_there = support.introduced != support.removed;
        if was_there && support.removed.is_some() && support.removal_error.is_none() {
            return Some((4, "edition_removed needs a removal_error"));
        }
        None
    }
}

impl OptionTarget {
    pub(super) fn of(node: &Node<'_>) -> Self {
        match node {
            Node::File(_) => Self::File,
            Node::Message(_) => Self::Message,
            Node::Field(_) => Self::Field,
            Node::Oneof(_) => Self::Oneof,
            Node::Range(_) => Self::ExtensionRange,
            Node::Enum(_) => Self::Enum,
            Node::Value(_) => Self::EnumValue,
            Node::Service(_) => Self::Service,
            Node::Method(_) => Self::Method,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::ExtensionRange => "an extension range",
            Self::Message => "a message",
            Self::Field => "a field",
            Self::Oneof => "a oneof",
            Self::Enum => "an enum",
            Self::EnumValue => "a value of an enum",
            Self::Service => "a service",
            Self::Method => "a method",
        }
    }
}

/// Editions before there were any.
pub(super) const PROTO2: i32 = 998;
pub(super) const PROTO3: i32 = 999;

/// The name of an edition.
fn edition_words(edition: i32) -> String {
    match edition {
        PROTO2 => "proto2".into(),
        PROTO3 => "proto3".into(),
        1000 => "2023".into(),
        1001 => "2024".into(),
        1002 => "2026".into(),
        9999 => "unstable".into(),
        other => format!("number {other}"),
    }
}
