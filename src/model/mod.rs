//! The words of the design as checked types, and the data that passes between the stages of a push.
//!
//! Everything here is made by a constructor that checks, so a value that exists is valid. No I/O, no clock,
//! no randomness: those belong to the layers that own them.

mod attribute;
mod authority;
mod catalogue;
mod declared;
mod descriptor;
mod diagnostic;
mod digest;
mod external;
mod foreign;
pub(crate) mod fuzzing;
mod generated;
mod hidden;
mod id;
mod ident;
mod label;
mod label_pattern;
mod limits;
mod name;
mod nearest;
mod option_kind;
mod options;
mod path;
mod plugin;
mod quotas;
mod sdk;
mod sdk_state;
mod snapshot;
#[cfg(test)]
pub(crate) mod testing;
mod time;
mod token;

pub use attribute::check_attributes;
pub use authority::{Authority, AuthorityError};
pub use catalogue::{Family, Plugin, RuntimeCrate};
pub use declared::{Declared, DeclaredKind, declared_types, is_map_entry};
pub use descriptor::{DescriptorFile, DescriptorSet, FileOrigin};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use digest::{DigestError, FilesDigest, ModuleDigest, Sha256Digest, Shake256Digest};
pub use external::{EXTERNAL, EXTERNAL_KEYS, ExternalPlugin};
pub use foreign::{ForeignCommit, ForeignDependency, ForeignModule};
pub use generated::{Generated, GeneratedFile, Insertion};
pub use hidden::{is_hidden, is_joiner};
pub use id::{CommitId, IdError, LabelId, ModuleId, OwnerId, ShortCommit, TokenId};
pub use ident::{rust_module, rust_modules, rust_oneof, rust_oneofs, rust_type, rust_variant, rust_verbatim};
pub use label::{LabelError, LabelName};
pub use label_pattern::LabelPattern;
pub use limits::{LimitExceeded, Limits};
pub use name::{ModuleName, NameError, OwnerName, RepositoryName};
pub use nearest::{did_you_mean, nearest};
pub use option_kind::OptionKind;
pub use options::{FeatureMode, Located, ModuleOptions, PluginOptions};
pub use path::{FilePath, PathError};
pub use plugin::{PluginError, PluginName, PluginRef, PluginVersion, Revision};
pub use quotas::Quotas;
pub use sdk::{CrateName, SdkError, SdkVersion};
pub use sdk_state::SdkState;
pub use snapshot::{ModuleFile, Snapshot, SnapshotError};
pub use time::{ReleaseTime, Timestamp};
pub use token::{Scope, ScopeError, TokenHash, TokenSecret};
