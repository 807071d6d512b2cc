//! Reads the database of a running registry, and makes its writes fail.

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::support::{Registry, eventually};

/// What workers write, at any time, and the log itself. All other tables are what people change.
const NOT_BY_PEOPLE: &[&str] = &[
    "audit_events",
    "crates",
    "crate_blobs",
    "crate_users",
    "device_logins",
    "downloads",
    "indexed",
    "job_needs",
    "nodes",
    "plugin_answers",
    "recipes",
    "sdk_checks",
    "sdk_jobs",
    "sdks",
    "symbol_details",
    "symbols",
    "table_checksums",
    "webhook_deliveries",
];

/// The tables that keep the full-text indexes.
const INDEXES: [&str; 2] = ["symbol_words", "detail_words"];

/// The database of a registry.
pub(super) struct Database(Connection);

/// A record of the audit log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) action: String,
    pub(super) has_actor: bool,
}

impl Database {
    pub(super) fn of(registry: &Registry) -> Self {
        let conn = Connection::open(registry.data_dir.join("registry.db")).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
        Self(conn)
    }

    /// The only value of the only row, as text; blobs as hexadecimal digits.
    #[track_caller]
    pub(super) fn text(&self, sql: &str) -> String {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Changes something that no face changes so.
    #[track_caller]
    pub(super) fn execute(&self, sql: &str) {
        self.0.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The bytes in the only column of the only row.
    #[track_caller]
    pub(super) fn blob(&self, sql: &str) -> Vec<u8> {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The records of the audit log that came behind the first `known`.
    pub(super) fn records(&self, known: usize) -> Vec<Record> {
        let mut rows = self.0.prepare("SELECT action, actor IS NOT NULL FROM audit_events ORDER BY id").unwrap();
        let records = rows.query_map([], |row| Ok(Record { action: row.get(0)?, has_actor: row.get(1)? })).unwrap();
        records.map(Result::unwrap).skip(known).collect()
    }

    /// All that people change: the rows of every table but those that workers write, which SDKs are yanked, and
    /// which logins of programs are decided.
    pub(super) fn content(&self) -> Vec<(String, Vec<Vec<Value>>)> {
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let names = self.rows(names).into_iter().filter_map(|row| match row.into_iter().next() {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        });
        let of_people = |name: &String| {
            !NOT_BY_PEOPLE.contains(&name.as_str()) && !INDEXES.iter().any(|index| name.starts_with(index))
        };
        let tables = names.filter(of_people).map(|name| {
            let rows = self.rows(&format!("SELECT *, 0 FROM {name} ORDER BY 1, 2"));
            (name, rows)
        });
        let yanked = ("yanked".to_owned(), self.rows("SELECT id FROM sdks WHERE yanked ORDER BY 1"));
        let decided = "SELECT device_hash, state FROM device_logins WHERE state <> 'pending' ORDER BY 1";
        tables.chain([yanked, ("decided".to_owned(), self.rows(decided))]).collect()
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let mut statement = self.0.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Waits until no SDK is being made any more.
    pub(super) fn wait_for_workers(&self) {
        let busy = "SELECT cast(count(*) AS TEXT) FROM sdk_jobs WHERE state IN ('queued', 'running')";
        eventually("the workers rest", || self.text(busy) == "0");
    }

    /// Does `work` while the audit log takes no record.
    pub(super) fn without_audit_log<T>(&self, work: impl FnOnce() -> T) -> T {
        let trigger = "CREATE TRIGGER no_record BEFORE INSERT ON audit_events
                       BEGIN SELECT RAISE(ABORT, 'the test lets no record in'); END";
        self.execute(trigger);
        let done = work();
        self.execute("DROP TRIGGER no_record");
        done
    }
}
