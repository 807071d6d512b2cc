//! Signatures of the store, until their bodies stand in their own files.
#![allow(unused_variables, clippy::todo, missing_docs)]

use std::path::Path;

use bytes::Bytes;

use super::*;
use crate::model::*;

/// An open store: cheap to clone, callable from any thread. All calls block.
#[derive(Clone)]
pub struct Store {}

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// Most bytes of the database file; unlimited if absent.
    pub max_bytes: Option<u64>,
    /// Most reads at the same time.
    pub readers: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { max_bytes: None, readers: 4 }
    }
}

/// The directory that holds everything.
pub struct DataDir;

/// The right to use a data directory, until dropped.
#[derive(Debug)]
pub struct DirLock {}

impl DataDir {
    pub fn lock(dir: &Path) -> Result<DirLock> {
        todo!()
    }
}

impl Store {
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self> {
        todo!()
    }

    pub fn is_empty(&self) -> Result<bool> {
        todo!()
    }

    pub fn check(&self) -> Result<()> {
        todo!()
    }

    pub fn stats(&self) -> Result<Stats> {
        todo!()
    }

    pub fn backup_to(&self, path: &Path) -> Result<()> {
        todo!()
    }

    pub fn create_owner(&self, owner: &Owner) -> Result<()> {
        todo!()
    }

    pub fn owner(&self, name: &OwnerName) -> Result<Option<Owner>> {
        todo!()
    }

    pub fn owner_by_id(&self, id: OwnerId) -> Result<Option<Owner>> {
        todo!()
    }

    pub fn owners(&self, ids: &[OwnerId]) -> Result<Vec<Option<Owner>>> {
        todo!()
    }

    pub fn list_owners(&self, offset: u64, limit: u64) -> Result<Page<Owner>> {
        todo!()
    }

    pub fn update_owner(&self, owner: &Owner) -> Result<()> {
        todo!()
    }

    pub fn delete_owner(&self, id: OwnerId) -> Result<()> {
        todo!()
    }

    pub fn set_member(&self, member: &Member) -> Result<()> {
        todo!()
    }

    pub fn remove_member(&self, organization: OwnerId, user: OwnerId) -> Result<bool> {
        todo!()
    }

    pub fn role(&self, organization: OwnerId, user: OwnerId) -> Result<Option<Role>> {
        todo!()
    }

    pub fn members(&self, organization: OwnerId) -> Result<Vec<(Owner, Role)>> {
        todo!()
    }

    pub fn organizations_of(&self, user: OwnerId) -> Result<Vec<(Owner, Role)>> {
        todo!()
    }

    pub fn create_token(&self, token: &Token, hash: TokenHash) -> Result<()> {
        todo!()
    }

    pub fn token(&self, hash: TokenHash) -> Result<Option<(Token, Owner)>> {
        todo!()
    }

    pub fn tokens_of(&self, owner: OwnerId) -> Result<Vec<Token>> {
        todo!()
    }

    pub fn list_tokens(&self) -> Result<Vec<Token>> {
        todo!()
    }

    pub fn revoke_token(&self, id: TokenId, at: Timestamp) -> Result<bool> {
        todo!()
    }

    pub fn create_module(&self, module: &Module) -> Result<()> {
        todo!()
    }

    pub fn module(&self, name: &ModuleName) -> Result<Option<Module>> {
        todo!()
    }

    pub fn module_by_id(&self, id: ModuleId) -> Result<Option<Module>> {
        todo!()
    }

    pub fn update_module(&self, module: &Module) -> Result<()> {
        todo!()
    }

    pub fn delete_module(&self, id: ModuleId) -> Result<()> {
        todo!()
    }

    pub fn list_modules(&self, filter: &ModuleFilter, order: Order, offset: u64, limit: u64) -> Result<Page<Module>> {
        todo!()
    }

    pub fn module_names(&self) -> Result<Vec<ModuleName>> {
        todo!()
    }

    pub fn commit(&self, id: CommitId) -> Result<Option<Commit>> {
        todo!()
    }

    pub fn commits(&self, ids: &[CommitId]) -> Result<Vec<Option<Commit>>> {
        todo!()
    }

    pub fn latest_created(&self, module: ModuleId) -> Result<Option<Timestamp>> {
        todo!()
    }

    pub fn commit_by_short(&self, module: ModuleId, short: &ShortCommit) -> Result<Option<Commit>> {
        todo!()
    }

    pub fn list_commits(
        &self,
        module: ModuleId,
        newest_first: bool,
        id_query: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<Page<Commit>> {
        todo!()
    }

    pub fn snapshot(&self, commit: CommitId) -> Result<Snapshot> {
        todo!()
    }

    pub fn dependencies(&self, commit: CommitId) -> Result<Vec<Dependency>> {
        todo!()
    }

    pub fn dependants(&self, module: ModuleId) -> Result<Vec<ModuleId>> {
        todo!()
    }

    pub fn label(&self, module: ModuleId, name: &LabelName) -> Result<Option<Label>> {
        todo!()
    }

    pub fn labels_of_commit(&self, commit: CommitId) -> Result<Vec<Label>> {
        todo!()
    }

    pub fn list_labels(&self, module: ModuleId, filter: &LabelFilter, offset: u64, limit: u64) -> Result<Page<Label>> {
        todo!()
    }

    pub fn label_history(
        &self,
        label: LabelId,
        newest_first: bool,
        offset: u64,
        limit: u64,
    ) -> Result<Page<LabelEvent>> {
        todo!()
    }

    pub fn move_label(&self, label: &Label, event: &LabelEvent) -> Result<()> {
        todo!()
    }

    pub fn set_label_archived(&self, label: LabelId, archived: Option<Timestamp>, by: OwnerId) -> Result<()> {
        todo!()
    }

    pub fn push(&self, push: &PushRecord<'_>) -> Result<()> {
        todo!()
    }

    pub fn enqueue(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        todo!()
    }

    pub fn claim_job(&self, at: Timestamp) -> Result<Option<Job>> {
        todo!()
    }

    pub fn publish_sdk(&self, job: i64, sdk: &Sdk, crate_bytes: &[u8], at: Timestamp) -> Result<()> {
        todo!()
    }

    pub fn fail_job(&self, job: i64, message: &str, at: Timestamp) -> Result<()> {
        todo!()
    }

    pub fn requeue_running(&self) -> Result<u64> {
        todo!()
    }

    pub fn job(&self, key: &SdkKey) -> Result<Option<Job>> {
        todo!()
    }

    pub fn jobs_of_commit(&self, commit: CommitId) -> Result<Vec<Job>> {
        todo!()
    }

    pub fn unfinished_jobs(&self, name: &CrateName) -> Result<Vec<Job>> {
        todo!()
    }

    pub fn failed_jobs(&self, offset: u64, limit: u64) -> Result<Page<Job>> {
        todo!()
    }

    pub fn sdk(&self, key: &SdkKey) -> Result<Option<Sdk>> {
        todo!()
    }

    pub fn sdk_by_version(&self, name: &CrateName, version: &SdkVersion) -> Result<Option<Sdk>> {
        todo!()
    }

    pub fn sdks_of_commit(&self, commit: CommitId) -> Result<Vec<Sdk>> {
        todo!()
    }

    pub fn sdks_of_crate(&self, name: &CrateName) -> Result<Vec<Sdk>> {
        todo!()
    }

    pub fn sdks_of_module(&self, module: ModuleId) -> Result<Vec<Sdk>> {
        todo!()
    }

    pub fn crate_bytes(&self, name: &CrateName, version: &SdkVersion) -> Result<Option<Bytes>> {
        todo!()
    }

    pub fn set_yanked(&self, name: &CrateName, version: &SdkVersion, yanked: bool) -> Result<bool> {
        todo!()
    }

    pub fn search_crates(&self, query: &str, visible_to: Option<Viewer>, limit: u64) -> Result<CrateMatches> {
        todo!()
    }

    pub fn crates_spelled(&self, spelling: &str) -> Result<Vec<CrateName>> {
        todo!()
    }

    pub fn register_interest(&self, interest: &Interest) -> Result<bool> {
        todo!()
    }

    pub fn interests(&self, module: ModuleId) -> Result<Vec<Interest>> {
        todo!()
    }

    pub fn remove_interest(
        &self,
        module: ModuleId,
        plugin: &PluginName,
        version: Option<PluginVersion>,
        label: &LabelName,
    ) -> Result<bool> {
        todo!()
    }

    pub fn has_interest(&self, module: ModuleId, plugin: &PluginName) -> Result<bool> {
        todo!()
    }

    pub fn audit(&self, event: &AuditEvent) -> Result<()> {
        todo!()
    }

    pub fn audit_events(&self, offset: u64, limit: u64) -> Result<Page<AuditEvent>> {
        todo!()
    }
}
