//! What the store holds, as plain records: no rule lives here, and no row or connection shows through.

use bytes::Bytes;

use crate::model::{
    CommitId, CrateName, FilesDigest, LabelId, LabelName, ModuleDigest, ModuleId, ModuleName, OwnerId, OwnerName,
    PluginName, PluginVersion, Revision, Scope, SdkVersion, Sha256Digest, Snapshot, Timestamp, TokenId,
};

/// What kind of owner a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// Somebody, or something, that holds tokens.
    User {
        /// May administer the whole registry.
        admin: bool,
        /// A program, not a person.
        bot: bool,
    },
    /// A group of users that owns modules together.
    Organization,
}

/// A user or an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Never changes.
    pub id: OwnerId,
    /// First part of the names of its modules; never changes, because crates are named by it.
    pub name: OwnerName,
    /// User or organization.
    pub kind: OwnerKind,
    /// Free text for people; may be empty.
    pub description: String,
    /// Web page; may be empty.
    pub url: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// What a member of an organization may do; each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read the organization's private modules.
    Reader,
    /// Also push to its modules.
    Writer,
    /// Also create, change and delete modules, and manage members.
    Admin,
}

/// A user's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The organization.
    pub organization: OwnerId,
    /// The user.
    pub user: OwnerId,
    /// What the user may do there.
    pub role: Role,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id by which it is listed and revoked.
    pub id: TokenId,
    /// The user that it stands for.
    pub owner: OwnerId,
    /// What it may do at most.
    pub scope: Scope,
    /// What it is for, in the words of whoever made it.
    pub note: String,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused, if ever.
    pub expires: Option<Timestamp>,
    /// Since when it is refused, if it was revoked.
    pub revoked: Option<Timestamp>,
}

/// Who may read a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everyone who may read at all.
    Public,
    /// Its owner, or the members of the organization that owns it.
    Private,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Never changes.
    pub id: ModuleId,
    /// `owner/name`; never changes, because crates are named by it.
    pub name: ModuleName,
    /// The owner in the name.
    pub owner: OwnerId,
    /// Who may read it.
    pub visibility: Visibility,
    /// Whether its users are told to move away.
    pub deprecated: bool,
    /// Free text for people; may be empty.
    pub description: String,
    /// Web page; may be empty.
    pub url: String,
    /// The label whose commits are released.
    pub default_label: LabelName,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed; pushes do not count.
    pub updated: Timestamp,
}

/// Immutable content of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Never changes.
    pub id: CommitId,
    /// The module it belongs to.
    pub module: ModuleId,
    /// When it was pushed.
    pub created: Timestamp,
    /// Whether it was pushed to the label that was the default label at that moment.
    pub released: bool,
    /// Digest of its files alone.
    pub files_digest: FilesDigest,
    /// Digest of its files and its dependencies.
    pub digest: ModuleDigest,
    /// Who pushed it; that owner may be gone by now.
    pub created_by: OwnerId,
    /// Where the sources came from, as the pusher said; may be empty.
    pub source_control_url: String,
}

impl Commit {
    /// The time that stands in SDK versions: when the commit was created, if it was released.
    #[must_use]
    pub fn released_at(&self) -> Option<Timestamp> {
        self.released.then_some(self.created)
    }
}

/// A movable name of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Never changes.
    pub id: LabelId,
    /// The module it belongs to.
    pub module: ModuleId,
    /// Unique within the module.
    pub name: LabelName,
    /// Where it points now.
    pub commit: CommitId,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last moved.
    pub updated: Timestamp,
    /// Who moved it last.
    pub updated_by: OwnerId,
    /// Since when it is archived, if it is.
    pub archived: Option<Timestamp>,
}

/// One move of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelEvent {
    /// Where it was moved to.
    pub commit: CommitId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: OwnerId,
}

/// A commit that another commit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The needed commit.
    pub commit: CommitId,
    /// Whether it is imported by the module itself, and not only by another dependency.
    pub direct: bool,
}

/// What identifies an SDK before it exists: a commit, generated by one revision of one plugin version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SdkKey {
    /// What is generated from.
    pub commit: CommitId,
    /// What generates.
    pub plugin: PluginName,
    /// The plugin's version.
    pub version: PluginVersion,
    /// The revision of its packaging.
    pub revision: Revision,
}

/// A published SDK: one version of one crate. Its bytes are read by [`super::Store::crate_bytes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdk {
    /// What it was made of.
    pub key: SdkKey,
    /// The module of the commit.
    pub module: ModuleId,
    /// The crate.
    pub crate_name: CrateName,
    /// The crate's version.
    pub version: SdkVersion,
    /// SHA-256 of the `.crate` file.
    pub checksum: Sha256Digest,
    /// Bytes of the `.crate` file.
    pub size: u64,
    /// Bytes of the files in it.
    pub unpacked_size: u64,
    /// The line of the sparse index as it was published, without line end.
    pub index_line: String,
    /// Whether cargo is told not to choose it; this flag holds, not what `index_line` says.
    pub yanked: bool,
    /// When it was published.
    pub created: Timestamp,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waits for a worker, or for the jobs that it needs.
    Queued,
    /// A worker has it.
    Running,
    /// Its SDK is published.
    Done,
    /// It ended without an SDK.
    Failed {
        /// Why, for people.
        message: String,
    },
}

/// Which jobs a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobSize {
    /// Whatever is next.
    Any,
    /// Only what is soon done, so that there is always somebody for that.
    Small,
}

/// The work of making one SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Later jobs have higher numbers.
    pub id: i64,
    /// What is to be made.
    pub key: SdkKey,
    /// The crate that gets a version by it.
    pub crate_name: CrateName,
    /// How far it is.
    pub state: JobState,
    /// How often a worker took it since somebody last asked for it.
    pub attempts: u32,
    /// How often the process ended while it was running, since somebody last asked for it.
    pub deaths: u32,
    /// When it, or the job that it failed with, is tried again without being asked for; nothing if never.
    pub retry_at: Option<Timestamp>,
    /// When it was queued, or queued again.
    pub queued: Timestamp,
    /// Whether it was queued without anybody waiting for it.
    pub background: bool,
    /// Whether there is so little to read that it is soon done.
    pub small: bool,
    /// When a worker last took it.
    pub started: Option<Timestamp>,
    /// When it was done or failed.
    pub finished: Option<Timestamp>,
}

/// The wish that SDKs of a label's commits are made eagerly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The module.
    pub module: ModuleId,
    /// The plugin.
    pub plugin: PluginName,
    /// The plugin's version; the newest if absent.
    pub version: Option<PluginVersion>,
    /// The label whose commits are meant.
    pub label: LabelName,
    /// When it was registered.
    pub created: Timestamp,
    /// By whom, if anyone was logged in.
    pub created_by: Option<OwnerId>,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// Who, if anyone was logged in.
    pub actor: Option<OwnerId>,
    /// What was done, such as `module.delete`.
    pub action: String,
    /// To what, such as `acme/pets`.
    pub subject: String,
}

/// A commit with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// The commit.
    pub commit: Commit,
    /// Its files.
    pub snapshot: &'a Snapshot,
    /// What the module asks of its crates: the text of its `registry.yaml`, whatever the files brought.
    pub options: Option<Bytes>,
    /// All commits that it needs, direct and transitive.
    pub dependencies: Vec<Dependency>,
}

/// A label as it is to be after a push.
#[derive(Debug, Clone)]
pub struct LabelMove {
    /// The label; created if its id is new, else moved.
    pub label: Label,
}

/// A job to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be made.
    pub key: SdkKey,
    /// The crate that gets a version by it.
    pub crate_name: CrateName,
    /// SDKs that must be published first; each has a job already or in the same call.
    pub needs: Vec<SdkKey>,
    /// SDKs that are to be tried first, whatever comes of them; each has a job already or in the same call.
    pub after: Vec<SdkKey>,
    /// The module for whose sake it is made; these take turns.
    pub lane: ModuleId,
    /// Whether it is asked for itself, and not only needed by another one.
    pub asked: bool,
    /// Whether the time that it takes follows from the size of the sources.
    pub predictable: bool,
}

/// What a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A package.
    Package,
    /// A service.
    Service,
    /// A method of a service.
    Method,
    /// A message.
    Message,
    /// An enum.
    Enum,
}

/// Something that a module declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// The package that it belongs to; may be empty.
    pub package: String,
    /// Its full name, `acme.pets.v1.Pet`.
    pub name: String,
}

/// All that a module declares now, for searching.
#[derive(Debug, Clone)]
pub struct IndexedModule {
    /// The module; what it declared before and does not now is forgotten.
    pub module: ModuleId,
    /// What it declares.
    pub symbols: Vec<Symbol>,
}

/// A symbol that was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolMatch {
    /// The module that declares it.
    pub module: ModuleName,
    /// The module's default label, whose commit declares it.
    pub label: LabelName,
    /// The symbol.
    pub symbol: Symbol,
}

/// Everything that one push changes.
#[derive(Debug, Clone)]
pub struct PushRecord<'a> {
    /// New commits; one may depend on those before it.
    pub commits: Vec<NewCommit<'a>>,
    /// Labels that are created or moved, to new commits or to ones that exist.
    pub labels: Vec<LabelMove>,
    /// SDKs that are due now.
    pub jobs: Vec<NewJob>,
    /// Modules whose default label moves, with what they declare from now on.
    pub indexed: Vec<IndexedModule>,
    /// When: stands in the labels' history and the jobs.
    pub at: Timestamp,
    /// Who: stands in the labels' history.
    pub by: OwnerId,
}

/// How much the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Modules.
    pub modules: u64,
    /// Commits.
    pub commits: u64,
    /// Published SDKs.
    pub sdks: u64,
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that a worker has.
    pub running: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Bytes in use in the database file.
    pub bytes: u64,
}
