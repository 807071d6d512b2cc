//! Samples for the tests of this layer.

use std::ops::Deref;
use std::path::Path;

use bytes::Bytes;
use tempfile::TempDir;

use super::db::sqlite::open::open_beside;
use super::db::statements::query;
use super::*;
use crate::model::{
    CommitId, CrateName, FilesDigest, LabelId, LabelName, Limits, ModuleDigest, ModuleFile, ModuleId, NodeId, OwnerId,
    OwnerName, PluginName, PluginVersion, Revision, Scope, SdkVersion, Sha256Digest, Shake256Digest, Snapshot,
    Timestamp, TokenHash, TokenId, TokenSecret,
};
use crate::store::db::engine::{Connection, params};

/// A store in a temporary directory, or in a database of its own, which is removed with it.
pub(super) struct Scratch {
    store: Store,
    place: Place,
}

/// The store of a test of another layer: in `dir`, or in a database of its own, if the tests are to run on a server.
pub(crate) fn open_for_test(dir: &Path) -> Store {
    #[cfg(all(feature = "cluster", unix))]
    if let Some(store) = super::tests::database::open_in_place_of(dir) {
        return store;
    }
    Store::open(dir, StoreOptions::default()).unwrap()
}

/// Where a store is.
pub(super) enum Place {
    Dir(TempDir),
    #[cfg(all(feature = "cluster", unix))]
    Database(super::tests::database::Database),
}

impl Place {
    /// A new one, of the engine that is tested.
    fn new() -> Self {
        #[cfg(all(feature = "cluster", unix))]
        if let Some(database) = super::tests::database::Database::if_wanted() {
            return Self::Database(database);
        }
        Self::Dir(tempfile::tempdir().unwrap())
    }

    fn open(self, options: StoreOptions) -> Scratch {
        let store = match &self {
            Self::Dir(dir) => Store::open(dir.path(), options).unwrap(),
            #[cfg(all(feature = "cluster", unix))]
            Self::Database(database) => database.open(options),
        };
        Scratch { store, place: self }
    }

    /// The directory of a store in one.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Dir(dir) => dir.path(),
            #[cfg(all(feature = "cluster", unix))]
            Self::Database(_) => panic!("a test of SQLite alone"),
        }
    }

    fn open_beside(&self) -> Connection {
        match self {
            Self::Dir(dir) => open_beside(dir.path()),
            #[cfg(all(feature = "cluster", unix))]
            Self::Database(database) => database.open_beside(),
        }
    }
}

impl Scratch {
    /// Records a push of the only process there is.
    pub(super) fn push(&self, write_set: &WriteSet<'_>) -> Result<()> {
        self.transaction("test", |tx| tx.push(write_set, PushTurn::ALONE))
    }
}

/// The methods of [`Transaction`], each in a transaction of its own.
macro_rules! changes {
    ($($name:ident($($argument:ident: $type:ty),*) -> $made:ty;)*) => {
        impl Scratch {$(
            pub(super) fn $name(&self, $($argument: $type),*) -> Result<$made> {
                self.transaction("test", |tx| tx.$name($($argument),*))
            }
        )*}
    };
}

changes! {
    claim_owner(owner: &Owner, claim: &Claim) -> Owner;
    create_organization(organization: &Owner, user: OwnerId, claim: &Claim) -> Owner;
    update_owner(owner: &Owner) -> ();
    delete_owner(id: OwnerId, at: Timestamp) -> ();
    set_member(member: &Member) -> ();
    remove_member(organization: OwnerId, user: OwnerId) -> bool;
    free_name(name: &OwnerName) -> bool;
    create_token(token: &Token, hash: TokenHash) -> ();
    revoke_token(id: TokenId, at: Timestamp) -> bool;
    create_session(session: &Session, hash: TokenHash) -> ();
    end_session(hash: TokenHash) -> bool;
    create_module(module: &Module) -> ();
    update_modules(modules: &[Module]) -> ();
    delete_modules(ids: &[ModuleId]) -> ();
    set_label_archived(label: LabelId, archived: Option<Timestamp>, by: OwnerId) -> ();
    enqueue(jobs: &[NewJob], at: Timestamp) -> ();
    set_yanked(key: &SdkKey, yanked: bool) -> bool;
    register_interest(interest: &Interest) -> bool;
    create_webhook(webhook: &Webhook) -> ();
    ping(webhook: &Webhook, at: Timestamp) -> Option<i64>;
    announce(news: &crate::model::WebhookNews, at: Timestamp) -> ();
    remove_interest(module: ModuleId, plugin: &PluginName, version: Option<PluginVersion>, label: &LabelName) -> bool;
}

impl Scratch {
    /// An empty store.
    pub(super) fn empty() -> Self {
        Self::with(StoreOptions::default())
    }

    pub(super) fn with(options: StoreOptions) -> Self {
        Place::new().open(options)
    }

    /// A store with the user `acme` (1) and its modules `acme/pets` (1) and `acme/shop` (2).
    pub(super) fn with_modules() -> Self {
        let scratch = Self::empty();
        scratch.fill();
        scratch
    }

    pub(super) fn fill(&self) {
        self.create_owner(&owner(1, "acme")).unwrap();
        self.create_module(&module(1, "acme/pets", 1)).unwrap();
        self.create_module(&module(2, "acme/shop", 1)).unwrap();
    }

    /// Creates an owner under a fresh name.
    pub(super) fn create_owner(&self, owner: &Owner) -> Result<()> {
        self.claim_owner(owner, &Claim::first(owner.created)).map(drop)
    }

    /// Sets the visibility of a module without the checks of the store.
    pub(super) fn set_visibility_unchecked(&self, module: ModuleId, visibility: &str) {
        let sql = "UPDATE modules SET visibility = ?2 WHERE id = ?1";
        self.write("test", |conn| Ok(query::run(conn, sql, params![module, visibility])?)).unwrap();
    }

    /// Changes one bit of a column in all rows of a table, as a failing disk would.
    pub(super) fn flip_a_bit(self, table: &str, column: &str) -> Self {
        let place = self.close();
        let conn = place.open_beside();
        leave_references(&conn);
        match &conn {
            Connection::Sqlite(_) => flip_in_sqlite(&conn, table, column),
            #[cfg(feature = "cluster")]
            Connection::Postgres(_) => flip_in_postgres(&conn, table, column),
        }
        drop(conn);
        place.open(StoreOptions::default())
    }

    /// Runs statements as another program, which keeps none of the rules of a store, and looks at no references.
    pub(super) fn change_beside(&self, sql: &str) {
        let conn = self.place.open_beside();
        leave_references(&conn);
        conn.execute_batch(sql).unwrap();
    }

    /// Closes the store and opens it again, as after a restart.
    pub(super) fn reopen(self) -> Self {
        self.close().open(StoreOptions::default())
    }

    /// The files that a crash at this moment leaves: the files of the open store, with the write-ahead log cut to the
    /// fraction `keep` of its length.
    pub(super) fn crashed(&self, keep: f64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["registry.db", "registry.db-wal"] {
            std::fs::copy(self.dir().join(name), dir.path().join(name)).unwrap();
        }
        let log = std::fs::OpenOptions::new().write(true).open(dir.path().join("registry.db-wal")).unwrap();
        log.set_len((log.metadata().unwrap().len() as f64 * keep) as u64).unwrap();
        Place::Dir(dir).open(StoreOptions::default())
    }

    /// Closes the store and returns its place.
    pub(super) fn close(self) -> Place {
        self.place
    }

    pub(super) fn dir(&self) -> &Path {
        self.place.path()
    }

    /// Says that a node is alive.
    pub(super) fn beat(&self, node: NodeId, at: Timestamp) -> Result<Vec<NodeBeat>> {
        Ok(self.store.beat(node, &details("node", &[]), at)?.nodes)
    }

    /// Starts a node after all others have ended. Where others could be alive, that has to be noticed of each first.
    pub(super) fn start_alone(&self, node: NodeId, at: Timestamp) -> u64 {
        let others = if self.is_shared() { self.beat(node, at).unwrap() } else { vec![] };
        let lost = others.into_iter().filter(|beat| beat.node != node);
        lost.map(|lost| self.take_over(lost).unwrap()).sum::<u64>()
            + self.start_node(node, &details("node", &[]), at).unwrap()
    }

    /// The job that a worker without a size limit takes.
    pub(super) fn claim(&self, at: Timestamp) -> Option<Job> {
        self.claim_job(node(1), JobSize::Any, at).unwrap()
    }

    /// Pushes one commit with one file to the module, on the label `main`.
    pub(super) fn push_one(&self, commit_n: u8, module_n: u8, dependencies: &[Dependency], jobs: Vec<NewJob>) {
        self.try_push_one_with(commit_n, module_n, dependencies, jobs).unwrap();
    }

    /// As [`Self::push_one`] without jobs; the push may be refused.
    pub(super) fn try_push_one(&self, commit_n: u8, module_n: u8, dependencies: &[Dependency]) -> Result<()> {
        self.try_push_one_with(commit_n, module_n, dependencies, vec![])
    }

    /// As [`Self::push_one`] with these files.
    pub(super) fn push_files(&self, commit_n: u8, module_n: u8, files: &Snapshot) {
        self.push_all(commit_n, module_n, files, &[], vec![]).unwrap();
    }

    fn try_push_one_with(&self, commit_n: u8, module_n: u8, needs: &[Dependency], jobs: Vec<NewJob>) -> Result<()> {
        let files = snapshot(&[("a.proto", &format!("// {commit_n}"))]);
        self.push_all(commit_n, module_n, &files, needs, jobs)
    }

    fn push_all(
        &self,
        commit_n: u8,
        module_n: u8,
        files: &Snapshot,
        needs: &[Dependency],
        jobs: Vec<NewJob>,
    ) -> Result<()> {
        let commit = commit(commit_n, module_n);
        let label = label(module_n, module_n, "main", commit_n);
        let commits =
            vec![NewCommit { commit, snapshot: files, options: None, services: true, dependencies: needs.to_vec() }];
        let labels = vec![LabelMove { label, is_new: false }];
        self.push(&WriteSet { commits, labels, jobs, indexed: vec![], at: at(commit_n.into()), by: owner_id(1) })
    }
}

impl Deref for Scratch {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// From now on a statement may break references.
fn leave_references(conn: &Connection) {
    let sql = match conn {
        Connection::Sqlite(_) => "PRAGMA foreign_keys = OFF",
        #[cfg(feature = "cluster")]
        Connection::Postgres(_) => "SET session_replication_role = replica",
    };
    conn.execute_batch(sql).unwrap();
}

fn flip_in_sqlite(conn: &Connection, table: &str, column: &str) {
    type Row = (String, Vec<u8>);
    let read = format!("SELECT DISTINCT typeof({column}), CAST({column} AS BLOB) FROM {table}");
    let rows: Vec<Row> = query::all(conn, &read, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert!(!rows.is_empty(), "{table} is empty");
    for (kind, before) in rows {
        let mut after = before.clone();
        // In a number this is the last digit, which stays a digit.
        *after.last_mut().unwrap() ^= 1;
        let sql = format!("UPDATE {table} SET {column} = CAST(?2 AS {kind}) WHERE {column} = CAST(?1 AS {kind})");
        assert_ne!(query::run(conn, &sql, params![before, after]).unwrap(), 0);
    }
}

#[cfg(feature = "cluster")]
fn flip_in_postgres(conn: &Connection, table: &str, column: &str) {
    let kind = "SELECT CAST(pg_typeof(VALUE) AS TEXT) FROM TABLE_NAME LIMIT 1"
        .replace("VALUE", column)
        .replace("TABLE_NAME", table);
    let kind: Option<String> = query::one(conn, &kind, [], |row| row.get(0)).unwrap();
    let flipped = match kind.as_deref() {
        Some("bytea") => "set_byte(VALUE, length(VALUE) - 1, get_byte(VALUE, length(VALUE) - 1) # 1)",
        Some("boolean") => "NOT VALUE",
        Some("bigint") => "VALUE # 1",
        Some("text") => "left(VALUE, -1) || chr(ascii(right(VALUE, 1)) # 1)",
        kind => panic!("{table}.{column}: {kind:?}"),
    };
    let sql = format!("UPDATE {table} SET {column} = {}", flipped.replace("VALUE", column));
    assert_ne!(query::run(conn, &sql, []).unwrap(), 0);
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

pub(super) fn node(n: u8) -> NodeId {
    NodeId::from_bytes([n; 16])
}

/// What a node says of itself that has these plugins.
pub(super) fn details(name: &str, plugins: &[(&str, u32)]) -> NodeDetails {
    let plugin = |(name, revision): &(&str, u32)| {
        let SdkKey { plugin, version, .. } = key(1, name);
        (plugin, version, Revision(*revision))
    };
    NodeDetails {
        name: name.into(),
        started: at(0),
        program: "0.1.0".into(),
        public_url: "https://crates.example".into(),
        plugins: plugins.iter().map(plugin).collect(),
    }
}

pub(super) fn owner_id(n: u8) -> OwnerId {
    OwnerId::from_bytes([n; 16])
}

pub(super) fn module_id(n: u8) -> ModuleId {
    ModuleId::from_bytes([n; 16])
}

pub(super) fn commit_id(n: u8) -> CommitId {
    CommitId::from_bytes([n; 16])
}

pub(super) fn label_id(n: u8) -> LabelId {
    LabelId::from_bytes([n; 16])
}

pub(super) fn owner(n: u8, name: &str) -> Owner {
    Owner {
        id: owner_id(n),
        name: name.parse().unwrap(),
        kind: OwnerKind::User { admin: false, bot: false },
        description: String::new(),
        url: String::new(),
        created: at(n.into()),
        updated: at(n.into()),
        disabled: None,
    }
}

pub(super) fn organization(n: u8, name: &str) -> Owner {
    Owner { kind: OwnerKind::Organization, ..owner(n, name) }
}

pub(super) fn module(n: u8, name: &str, owner: u8) -> Module {
    Module {
        id: module_id(n),
        name: name.parse().unwrap(),
        owner: owner_id(owner),
        visibility: Visibility::Public,
        deprecated: false,
        description: format!("about {name}"),
        url: String::new(),
        default_label: "main".parse().unwrap(),
        created: at(n.into()),
        updated: at(n.into()),
    }
}

pub(super) fn commit(n: u8, module: u8) -> Commit {
    Commit {
        id: commit_id(n),
        module: module_id(module),
        created: at(n.into()),
        released: true,
        files_digest: FilesDigest(Shake256Digest::from_bytes([n; 64])),
        digest: ModuleDigest(Shake256Digest::from_bytes([n + 1; 64])),
        created_by: owner_id(1),
        source_control_url: "https://example.com/commit".into(),
    }
}

pub(super) fn label(n: u8, module: u8, name: &str, commit: u8) -> Label {
    Label {
        id: label_id(n),
        module: module_id(module),
        name: name.parse().unwrap(),
        commit: commit_id(commit),
        created: at(n.into()),
        updated: at(commit.into()),
        updated_by: owner_id(1),
        archived: None,
    }
}

pub(super) fn snapshot(files: &[(&str, &str)]) -> Snapshot {
    let file = |(path, content): &(&str, &str)| ModuleFile {
        path: path.parse().unwrap(),
        content: Bytes::copy_from_slice(content.as_bytes()),
    };
    Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap()
}

/// The SDK of a commit by `community/{plugin}`.
pub(super) fn key(commit: u8, plugin: &str) -> SdkKey {
    SdkKey {
        commit: commit_id(commit),
        plugin: format!("community/{plugin}").parse().unwrap(),
        version: "v0.5.0".parse().unwrap(),
        revision: Revision(1),
    }
}

/// A job for the crate of `acme/{module}` by `community/{plugin}`. The module's number is taken to be the commit's.
pub(super) fn new_job(commit: u8, module: &str, plugin: &str, needs: &[SdkKey]) -> NewJob {
    NewJob {
        key: key(commit, plugin),
        crate_name: crate_name(module, plugin),
        needs: needs.to_vec(),
        after: vec![],
        lane: module_id(commit),
        asked: true,
        predictable: true,
    }
}

pub(super) fn crate_name(module: &str, plugin: &str) -> CrateName {
    format!("acme_{module}_community_{plugin}").parse().unwrap()
}

/// The SDK that the job makes, of these bytes.
pub(super) fn sdk(job: &Job, module: u8, bytes: &[u8]) -> Sdk {
    let key = &job.key;
    let released = Some(at(key.commit.as_bytes()[0].into()));
    Sdk {
        version: SdkVersion::new(key.version, key.revision, key.commit, released),
        key: key.clone(),
        module: module_id(module),
        crate_name: job.crate_name.clone(),
        checksum: Sha256Digest::of(bytes),
        size: bytes.len() as u64,
        unpacked_size: 10 * bytes.len() as u64,
        index_line: "{\"name\":\"x\"}".into(),
        yanked: false,
        created: at(100),
    }
}

pub(super) fn token(n: u8) -> Token {
    Token {
        id: TokenId::from_bytes([n; 16]),
        owner: owner_id(1),
        scope: Scope::Write,
        note: "laptop".into(),
        created: at(n.into()),
        expires: Some(at(1000)),
        revoked: None,
    }
}

pub(super) fn token_hash(n: u8) -> TokenHash {
    TokenSecret::from_random([n; 24]).hash()
}
