//! Statements on PostgreSQL. Each is prepared once per connection, with the types of its values.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::Arc;

use postgres_driver::row::RowIndex;
use postgres_driver::types::{ToSql, Type};
use postgres_driver::{SimpleQueryMessage, Statement};

use super::client::Client;
use super::failure::{Error, reason};
use super::placeholders::Translated;
use super::server::Server;
use super::wire_value::{Received, Sent, type_of};
use crate::store::db::blocking::blocking;
use crate::store::db::engine::params::{Parameter, Params};
use crate::store::db::engine::reason::Reason;
use crate::store::db::engine::sql_error::{SqlError, SqlResult};
use crate::store::db::engine::stale::Stale;
use crate::store::db::engine::value::{Value, ValueRef};

pub(in crate::store) use postgres_driver::Row;

/// The most prepared statements of a connection; more than there are different ones.
const STATEMENTS: usize = 512;

/// What `pg_advisory_xact_lock` is called with by whoever writes: `Regd`. So one transaction writes at a time, on
/// whichever node, and sees all that was written before it.
const WRITERS: i64 = 0x5265_6764;

/// Needs room on the disk, as a push does, and gives it back. A row that only changes finds room in its page.
const GROW: &str = "CREATE UNLOGGED TABLE room_for_a_push (content TEXT);
    INSERT INTO room_for_a_push SELECT repeat(md5(CAST(n AS TEXT)), 60) FROM generate_series(1, 128) AS n;
    DROP TABLE room_for_a_push";

/// A connection, which is opened again when it was lost between two transactions.
pub(in crate::store) struct Session {
    server: Arc<Server>,
    /// None while there is none, because it could not be opened again.
    client: RefCell<Option<Client>>,
    statements: RefCell<Statements>,
    /// How a statement of the transaction has failed, if one has: PostgreSQL keeps nothing of it.
    failed: Cell<Option<Failed>>,
}

/// Prepared statements, by their texts.
type Statements = HashMap<String, Arc<Prepared>>;

struct Prepared {
    translated: Translated,
    statement: Statement,
}

/// How a transaction has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// It may succeed when it is tried again, and nothing was kept of it.
    ForNow,
    /// It would fail again, or may have succeeded.
    ForGood,
}

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Access {
    /// It sees one state of the database.
    Read,
    /// Nobody writes beside it.
    Write,
}

impl Session {
    /// Connects.
    pub(in crate::store) fn open(server: &Arc<Server>) -> SqlResult<Self> {
        let client = blocking(|| Client::connect(server))?;
        Ok(Self {
            server: Arc::clone(server),
            client: RefCell::new(Some(client)),
            statements: RefCell::default(),
            failed: Cell::new(None),
        })
    }

    /// Calls `each` with the rows, until it returns `false`.
    pub(in crate::store) fn query(
        &self,
        sql: &str,
        params: impl Params,
        mut each: impl FnMut(&Row) -> SqlResult<bool>,
    ) -> SqlResult<()> {
        for row in &self.rows(sql, &params)? {
            if !each(row)? {
                break;
            }
        }
        Ok(())
    }

    fn rows(&self, sql: &str, params: &impl Params) -> SqlResult<Vec<Row>> {
        self.run(sql, params, |client, statement, values| client.query(statement, values))
    }

    /// Runs a statement without rows. Returns how many it changed.
    pub(in crate::store) fn execute(&self, sql: &str, params: impl Params) -> SqlResult<usize> {
        let changed = self.run(sql, &params, |client, statement, values| client.execute(statement, values))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Runs an `INSERT` of one row, or none. Returns the `id` of the new row.
    pub(in crate::store) fn insert(&self, sql: &str, params: impl Params) -> SqlResult<Option<i64>> {
        let rows = self.rows(&format!("{sql} RETURNING id"), &params)?;
        rows.first().map(|row| row.try_get(0).map_err(|error| Error::from(error).into())).transpose()
    }

    /// Runs statements without parameters.
    pub(in crate::store) fn batch(&self, sql: &str) -> SqlResult<()> {
        self.with_client(|client, _| client.batch(sql))
    }

    /// Writes a row that does not change; after a statement that found no room, also some that need it.
    pub(in crate::store) fn touch(&self) -> SqlResult<()> {
        self.execute("UPDATE registry_format SET format = format", [])?;
        if self.server.is_full() {
            self.batch(GROW)?;
            self.server.set_full(false);
        }
        Ok(())
    }

    fn run<T: Send>(
        &self,
        sql: &str,
        params: &impl Params,
        work: impl FnOnce(&mut Client, &Statement, &[&(dyn ToSql + Sync)]) -> Result<T, Error> + Send,
    ) -> SqlResult<T> {
        let mut values = vec![];
        params.each(&mut |parameter, value| {
            values.push((parameter, value));
            Ok(())
        })?;
        self.with_client(|client, statements| {
            let prepared = prepared(statements, client, sql, &values)?;
            let sent = in_order(&prepared.translated, values)?;
            let sent: Vec<_> = sent.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            work(client, &prepared.statement, &sent)
        })
    }

    /// Calls `work` with the connection, and notes how it failed.
    fn with_client<T: Send>(
        &self,
        work: impl FnOnce(&mut Client, &mut Statements) -> Result<T, Error> + Send,
    ) -> SqlResult<T> {
        let (mut client, mut statements) = (self.client.borrow_mut(), self.statements.borrow_mut());
        let done = match client.as_mut() {
            Some(client) => {
                let statements = &mut *statements;
                blocking(move || work(client, statements))
            }
            None => Err(Error::NotConnected),
        };
        done.map_err(|error| {
            if error.is_stale_statement() {
                statements.clear();
            }
            if reason(&error) == Reason::Full {
                self.server.set_full(true);
            }
            // What follows the first failure fails because of it.
            if self.failed.get().is_none() {
                self.failed.set(Some(if error.is_temporary() { Failed::ForNow } else { Failed::ForGood }));
            }
            SqlError::from(error)
        })
    }

    /// Begins a transaction, over a new connection if the one there is was lost: nothing was done yet.
    pub(in crate::store) fn begin(&self, access: Access) -> SqlResult<Transaction<'_>> {
        let begin = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
            // Each statement sees what was kept before it, so all see what whoever had the lock before has written.
            Access::Write => {
                format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({WRITERS})")
            }
        };
        self.failed.set(None);
        match self.batch(&begin) {
            Err(SqlError::Postgres(error)) if error.is_lost() && !error.is_silence() => {
                self.reconnect()?;
                self.batch(&begin)?;
            }
            Err(error) => {
                self.end();
                return Err(error);
            }
            Ok(()) => {}
        }
        self.failed.set(None);
        Ok(Transaction { session: self, is_open: true })
    }

    /// Prepares for a single statement, which is a transaction by itself.
    pub(in crate::store) fn begin_statement(&self) -> SqlResult<()> {
        self.failed.set(None);
        let is_open = self.client.borrow().as_ref().is_some_and(|client| !client.is_closed());
        if is_open { Ok(()) } else { self.reconnect() }
    }

    /// Whether the last transaction failed in a way that it may not fail in again, and nothing was kept of it.
    pub(in crate::store) fn may_try_again(&self) -> bool {
        self.failed.get() == Some(Failed::ForNow)
    }

    fn reconnect(&self) -> SqlResult<()> {
        self.statements.borrow_mut().clear();
        discard(self.client.borrow_mut().take());
        let server = &self.server;
        let connected = blocking(|| Client::connect(server));
        if matches!(&connected, Err(error) if !error.is_temporary()) {
            self.failed.set(Some(Failed::ForGood));
        }
        *self.client.borrow_mut() = Some(connected?);
        Ok(())
    }

    /// Ends a transaction that is not to be kept. A connection that cannot even do that is closed.
    fn end(&self) {
        if self.batch("ROLLBACK").is_err() {
            discard(self.client.borrow_mut().take());
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        discard(self.client.get_mut().take());
    }
}

/// Closes a connection.
fn discard(client: Option<Client>) {
    if let Some(client) = client {
        blocking(move || client.close());
    }
}

/// The statement as the server has prepared it.
fn prepared(
    statements: &mut Statements,
    client: &mut Client,
    sql: &str,
    values: &[(Parameter<'_>, Value<'_>)],
) -> Result<Arc<Prepared>, Error> {
    if let Some(known) = statements.get(sql) {
        return Ok(Arc::clone(known));
    }
    let translated = Translated::of(sql);
    let mut types = vec![Type::UNKNOWN; values.len()];
    for (parameter, value) in values {
        let place = translated.index(*parameter).and_then(|index| types.get_mut(index));
        *place.ok_or_else(|| Error::Parameters(format!("{parameter:?}")))? = type_of(value);
    }
    let statement = client.prepare(&translated.sql, &types)?;
    let prepared = Arc::new(Prepared { translated, statement });
    if statements.len() >= STATEMENTS {
        statements.clear();
    }
    statements.insert(sql.to_owned(), Arc::clone(&prepared));
    Ok(prepared)
}

/// The values by the numbers of their parameters.
fn in_order<'v>(translated: &Translated, values: Vec<(Parameter<'v>, Value<'v>)>) -> Result<Vec<Sent<'v>>, Error> {
    let mut ordered: Vec<_> = values.into_iter().map(|(at, value)| (translated.index(at), Sent(value))).collect();
    ordered.sort_by_key(|(index, _)| *index);
    let fits = ordered.iter().enumerate().all(|(number, (index, _))| *index == Some(number));
    fits.then(|| ordered.into_iter().map(|(_, value)| value).collect())
        .ok_or_else(|| Error::Parameters(translated.sql.clone()))
}

/// The value of a column.
pub(in crate::store) fn column(row: &Row, column: impl RowIndex + Display) -> SqlResult<ValueRef<'_>> {
    let value = row.try_get::<_, Received<'_>>(column).map_err(Error::from)?;
    Ok(value.0)
}

/// A transaction, which is rolled back when it is dropped.
pub(in crate::store) struct Transaction<'s> {
    session: &'s Session,
    is_open: bool,
}

impl Transaction<'_> {
    /// Makes the changes durable, and visible to others. If something is stale by them, counts them, and returns the count.
    pub(in crate::store) fn commit(mut self, stale: Stale<'_>) -> SqlResult<Option<u64>> {
        if self.session.failed.get().is_some() {
            return Err(Error::Aborted.into());
        }
        let sql = commit_statement(stale);
        let answers = self.session.with_client(|client, _| client.simple_query(&sql).map_err(Error::of_commit))?;
        self.is_open = false;
        let number = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        Ok(number)
    }
}

/// The statement that ends a transaction: it counts the change in the same round trip.
fn commit_statement(stale: Stale<'_>) -> String {
    match stale {
        Stale::Nothing => "COMMIT".into(),
        Stale::Everything => {
            "UPDATE changes SET number = number + 1, of_all = number + 1 RETURNING number; COMMIT".into()
        }
        Stale::Modules([]) => "UPDATE changes SET number = number + 1 RETURNING number; COMMIT".into(),
        Stale::Modules(modules) => {
            // A statement may set a row once.
            let ids: BTreeSet<_> = modules.iter().map(|module| format!("('\\x{module}'::bytea)")).collect();
            let ids = ids.into_iter().collect::<Vec<_>>().join(", ");
            format!(
                "WITH counted AS (UPDATE changes SET number = number + 1 RETURNING number),
                      marked AS (INSERT INTO changed_modules
                                 SELECT id, number FROM counted, (VALUES {ids}) AS changed (id)
                                 ON CONFLICT (module_id) DO UPDATE SET number = excluded.number)
                 SELECT number FROM counted; COMMIT"
            )
        }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.session.end();
        }
    }
}
