//! The only SQL, and the only writer of the database, its crates and its backups.
//!
//! A [`Store`] is one SQLite database in the data directory, or one database on a server of PostgreSQL, which several
//! nodes share. Both are behind one interface of connections, rows and values, `db/engine`, and statements have one text
//! for both; what an engine does in its own way is in that folder too. Ids and times come from its callers. Of the rules of the
//! registry it checks those that must hold inside a transaction: integrity, visibility (who may read a module, and that
//! public modules depend on public ones only), quotas, and names that rest. Its interface holds records, and no
//! statement, row or connection.
//!
//! Every call is one transaction. Changes that people make are parts of a [`Transaction`], together with their records
//! in the audit log. A call that changes something returns when the change is on the disk. Every call can fail because
//! the database cannot be read or written; the documentation of a call lists only the errors beyond that.
//!
//! Tables are named by migrations that never change, so some have another name than the code:
//!
//! | table | in the code |
//! |---|---|
//! | `histories`, `declarations` | [`History`]: in which release each declaration of a module came |
//! | `indexed` | [`IndexedModule`]: the digest of the symbols that the search index has of a module |
//! | `job_needs` | dependencies between jobs |
//! | `plugin_answers` | [`PluginOutput`] |
//! | `recipes` | reuse indexes |
//! | `sdk_checks` | [`SdkCheck`], a compile check |

mod audit;
mod blobs;
mod check_plugins;
mod db;
mod jobs;
mod modules;
mod owners;
mod quotas;
mod sdks;
#[cfg(test)]
mod testing;
#[cfg(all(feature = "cluster", unix))]
#[cfg(test)]
mod tests;
mod upkeep;
mod webhooks;

pub use audit::{AuditEvent, AuditFilter, AuditRecord, AuditStart, Author, ChangeSource};
#[cfg(feature = "cluster")]
pub use blobs::address::{BlobAddress, BlobAddressError};
#[cfg(feature = "cluster")]
pub use blobs::blob_store::BlobStore;
#[cfg(feature = "cluster")]
pub use blobs::credentials::CredentialsError;
pub use check_plugins::commit::CheckPluginCommit;
pub use check_plugins::label::CheckPluginLabel;
pub use check_plugins::plugin::CheckPlugin;
pub use db::changes::ForeignChanges;
pub use db::connections::Store;
pub use db::dir_lock::{DataDir, DirLock, temporary_dir};
pub use db::error::{DiskAccess, FullDisk, Result, StoreError};
pub use db::file_identity::FileIdentity;
pub use db::health::{JobCount, Stats};
pub use db::node_beats::{LOST_AFTER, NodeBeat};
#[cfg(feature = "cluster")]
pub use db::postgres::address::{AddressError, DatabaseAddress};
pub use db::sqlite::copy::Copied;
pub use db::sqlite::open::StoreOptions;
pub use db::statements::pagination::{Order, Page};
pub use db::transaction::Transaction;
pub use jobs::job::{Job, JobClaim, JobSize, NewJob};
pub use jobs::node_details::{NodeDetails, NodeStatement, NodeView};
pub use jobs::nodes::Beats;
pub use modules::commit::Dependency;
pub use modules::commit_changes::CommitChanges;
pub use modules::commit_row::{Commit, ListedFile};
pub use modules::detail_search::DetailMatches;
pub use modules::file_search::FileMatch;
pub use modules::history::{Beginnings, DeclarationFact, History, HistoryChange, HistoryStep};
pub use modules::label::{Label, LabelEvent, LabelFilter};
pub use modules::module::{Module, ModuleFilter};
pub use modules::namesakes::OtherModules;
pub use modules::push_turn::PushTurn;
pub use modules::search_index::{IndexedModule, IndexedSymbol, Symbol, SymbolDetail, SymbolKind};
pub use modules::symbol_search::SymbolMatch;
pub use modules::verdict::BreakingVerdict;
pub use modules::visibility::{Viewer, Visibility};
pub use modules::write_set::{LabelMove, NewCommit, WriteSet};
pub use owners::device_login::{DeviceLogin, LoginAsker, LoginDecision, LoginLimits};
pub use owners::owner::{Member, Owner, OwnerKind, Role};
pub use owners::resting_name::{Claim, RestingName};
pub use owners::session::Session;
pub use owners::settings::OwnerSettings;
pub use owners::token::Token;
pub use sdks::compile_checks::SdkCheck;
pub use sdks::crates::CrateMatches;
pub use sdks::damaged_rows::{CrateRows, DamagedSdk};
pub use sdks::downloads::{CrateUser, Download, VersionDownloads};
pub use sdks::interest::Interest;
pub use sdks::plugin_outputs::PluginOutput;
pub use sdks::plugin_users::{PluginUsage, PluginUser, PluginUsers};
pub use sdks::sdk_key::SdkKey;
pub use sdks::sdk_row::Sdk;
#[cfg(test)]
pub(crate) use testing::open_for_test;
pub use upkeep::backup::CopyCheck;
pub use upkeep::backup_dir::{BackupDir, DatedBackup, may_be_replaced};
pub use upkeep::contents::{BlobRow, ReuseIndexRow};
pub use upkeep::leftovers::{Ended, Leftovers};
pub use upkeep::pieces::{Added as AddedPieces, PieceDir, PieceError, PiecesError, PiecesReader};
pub use upkeep::restore::{RestoreError, Restoring, check_seal};
pub use upkeep::store_copy::{CopiedRows, CopyTarget};
pub use webhooks::delivery::{Delivery, DeliveryState, DeliveryTry, DueDelivery};
pub use webhooks::webhook::{Webhook, WebhookFormat};
