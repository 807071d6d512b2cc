//! A connection whose calls block: as long as the server works on them, but not on one that is silent.
//!
//! A machine that vanished, and a server that stands still, close no connection. So whoever waits long asks the server,
//! over another connection, whether it still has the process that is to answer. As long as it does, the statement goes
//! on: it may be a long one, or wait for a lock.

use std::sync::Arc;
use std::time::Duration;

use postgres_driver::types::{ToSql, Type};
use postgres_driver::{Row, SimpleQueryMessage, Statement};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::connect::{Opened, answer};
use super::failure::Error;
use super::server::Server;

/// How long a farewell to the server may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A parameter of a statement.
type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A connection.
pub(super) struct Client {
    opened: Opened,
    server: Arc<Server>,
    /// Of its own: whoever calls may have none.
    runtime: Runtime,
}

impl Client {
    /// Opens a connection.
    pub(super) fn connect(server: &Arc<Server>) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Unfit(format!("no runtime for a connection: {error}")))?;
        match runtime.block_on(server.open()) {
            Ok(opened) => Ok(Self { opened, server: Arc::clone(server), runtime }),
            Err(error) => {
                // It may still look the server's name up.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Whether it is of no use any more.
    pub(super) fn is_closed(&self) -> bool {
        self.opened.traffic.is_none() || self.opened.client.is_closed()
    }

    pub(super) fn prepare(&mut self, sql: &str, types: &[Type]) -> Result<Statement, Error> {
        self.wait(async |client| client.prepare_typed(sql, types).await)
    }

    pub(super) fn query(&mut self, statement: &Statement, values: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        self.wait(async |client| client.query(statement, values).await)
    }

    pub(super) fn execute(&mut self, statement: &Statement, values: &[Parameter<'_>]) -> Result<u64, Error> {
        self.wait(async |client| client.execute(statement, values).await)
    }

    /// Runs statements without parameters, and returns their rows as texts.
    pub(super) fn simple_query(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        self.wait(async |client| client.simple_query(sql).await)
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.wait(async |client| client.batch_execute(sql).await)
    }

    /// Waits for the answer, as long as the server has a process that may give it.
    fn wait<T>(
        &mut self,
        ask: impl AsyncFnOnce(&postgres_driver::Client) -> Result<T, postgres_driver::Error>,
    ) -> Result<T, Error> {
        let Self { opened: Opened { client, traffic, process }, server, runtime } = self;
        let answered = runtime.block_on(async {
            let mut asking = std::pin::pin!(answer(traffic, ask(client)));
            loop {
                if let Ok(answered) = timeout(server.patience(), asking.as_mut()).await {
                    return answered.map_err(Outcome::Failed);
                }
                match server.has(*process).await {
                    Ok(true) => {}
                    Ok(false) => return Err(Outcome::GivenUp(Error::Forgotten)),
                    // It has no place for one more connection, so it answers.
                    Err(error) if error.is_crowded() => {}
                    Err(error) => return Err(Outcome::GivenUp(error)),
                }
            }
        });
        answered.map_err(|outcome| match outcome {
            Outcome::Failed(error) => error.into(),
            Outcome::GivenUp(error) => {
                // An answer that comes later would be taken for that of the next statement.
                *traffic = None;
                error
            }
        })
    }

    /// Closes it: the server is told, so that it does not wonder.
    pub(super) fn close(self) {
        let Self { opened: Opened { client, traffic, .. }, runtime, .. } = self;
        drop(client);
        if let Some(traffic) = traffic {
            // A server that does not hear it sees the connection end.
            let _ = runtime.block_on(async { timeout(FAREWELL, traffic).await });
        }
        runtime.shutdown_background();
    }
}

/// Why there is no answer.
enum Outcome {
    /// The statement, or the connection, failed.
    Failed(postgres_driver::Error),
    /// Nobody waits for it any more.
    GivenUp(Error),
}
