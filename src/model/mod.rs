//! The terms of the glossary as checked types, and the data that passes between the stages of a push.
//!
//! Everything here is made by a constructor that checks, so a value that exists is valid. No I/O, no clock,
//! no randomness: those belong to the layers that own them.

mod authority;
mod breaking;
pub(crate) mod fuzzing;
mod id;
mod limits;
mod module;
mod plugin;
mod protobuf;
mod quotas;
mod rust;
mod sdk;
mod store_address;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod time;
mod token;
mod webhook;
pub(crate) mod wire_format;

pub use authority::{Authority, AuthorityError};
pub use breaking::category::{BreakingCategory, BreakingCategoryError};
pub use breaking::config::BreakingConfig;
pub use breaking::gate::{BreakingGate, BreakingGateError, GateAction, GateScope};
pub use breaking::policy::{GatePolicy, GatePolicyError};
pub use id::{CheckPluginId, CommitId, IdError, LabelId, ModuleId, NodeId, OwnerId, ShortCommit, TokenId, WebhookId};
pub use limits::{LimitExceeded, Limits};
pub use module::digest::{DigestError, FilesDigest, ModuleDigest, Sha256Digest, Shake256Digest};
pub use module::label::{LabelError, LabelName};
pub use module::label_pattern::LabelPattern;
pub use module::mirror_part::{MirrorPart, MirrorPartError};
pub use module::module_options::{FeatureMode, Located, ModuleOptions, PluginOptions};
pub use module::name::{ModuleName, NameError, OwnerName, RepositoryName};
pub use module::path::{FilePath, PathError};
pub use module::remote_commit::{ForeignCommit, ForeignDependency, ForeignModule};
pub use module::snapshot::{ModuleFile, Snapshot, SnapshotError};
pub use module::unique_names::{UniqueNames, UniqueNamesError};
pub use plugin::catalogue_entry::{EXTERNAL, Family, Plugin, RuntimeCrate};
pub use plugin::external_plugin::{EXTERNAL_KEYS, ExternalPlugin};
pub use plugin::generated::{Generated, GeneratedFile, Insertion, PluginResponse};
pub use plugin::option_kind::OptionKind;
pub use plugin::plugin_ref::{PluginError, PluginName, PluginRef, PluginVersion, Revision};
pub use protobuf::declaration_id::DeclarationId;
pub use protobuf::declaration_kind::{ChangeCount, ChangeCounts, ChangeWay, DeclarationKind, change_phrases};
pub use protobuf::declared_types::{Declared, DeclaredKind, declared_types, is_map_entry};
pub use protobuf::descriptor::{DescriptorFile, DescriptorSet, FileOrigin, KNOWN_EDITIONS};
pub use protobuf::diagnostic::{Diagnostic, Diagnostics};
pub use protobuf::field::{LARGEST_FIELD_NUMBER, map_entry, type_word, written_oneof};
pub use protobuf::outline::{DeclarationCounts, Outline, OutlinedFile};
pub use protobuf::well_known::{WELL_KNOWN_PACKAGE, is_well_known_package};
pub use quotas::Quotas;
pub use rust::attribute::check_attributes;
pub use rust::numbered_names::{NumberedName, NumberedNames};
pub use rust::rust_ident::{
    rust_module, rust_modules, rust_oneof, rust_oneofs, rust_type, rust_variant, rust_verbatim,
};
pub(crate) use rust::tokens as rust_tokens;
pub use sdk::crate_version::{CrateName, SdkError, SdkVersion};
pub use sdk::index_path::index_path;
pub use sdk::state::SdkState;
pub use store_address::{PasswordSource, StoreAddress, StoreAddressError};
pub use text::hidden::{is_direction_control, is_hidden, is_joiner};
pub use text::suggestion::{did_you_mean, nearest};
pub use time::{ReleaseTime, Timestamp};
pub use token::{Scope, ScopeError, TokenHash, TokenSecret};
pub use webhook::event::{WebhookEvent, WebhookEventError, WebhookEvents};
pub use webhook::news::{BreakingNews, PushNews, SdkNews, WebhookNews};
pub use webhook::receiver::{AddressRefused, WebhookPolicy, WebhookReceivers, WebhookReceiversError};
pub use webhook::secret::WebhookSecret;
pub use webhook::url::{WebhookUrl, WebhookUrlError};
