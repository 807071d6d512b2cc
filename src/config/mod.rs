//! Settings with their origin: flag over environment over file over default.
//!
//! [`settings_table`] describes every setting of `registry serve` once; flags, environment names, the keys of the file,
//! `--help` and `registry config` all come from it. [`Settings::load`] turns them into checked values.
//! Plugins that are programs of their own are `[[plugin]]` tables, which only the file can hold.
//! [`client`] is the other side: where the command line finds a server and its token.

pub mod client;
mod dirs;
mod error;
mod file;
mod line_number;
pub mod mirror_source;
mod mirrors;
mod origin;
mod plugins;
mod resolve;
mod settings;
pub mod settings_table;
mod value;

pub use dirs::cargo_home;
pub use error::ConfigError;
pub use mirrors::ConfiguredMirror;
pub use origin::Origin;
pub use plugins::ConfiguredPlugin;
pub use resolve::{Effective, Environment, Flags};
pub use settings::Settings;
pub use settings::backup::BackupSettings;
pub use settings::blobs::{AwsVariables, BlobSettings};
pub use settings::connections::{ConnectionSettings, TlsFiles};
pub use settings::log::{AuditLog, LogFormat, LogLevel, LogSettings};
pub use settings::store::StoreSettings;
pub use settings::upstream::UpstreamSettings;
pub use settings::verify::VerifyWith;
