//! The server of a database: new connections to it, and whether it answers at all.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use postgres_driver::SimpleQueryMessage;
use tokio::time::timeout;

use super::address::DatabaseAddress;
use super::connect::{Opened, answer, open};
use super::failure::Error;

/// A server, which all connections of a store share.
pub(in crate::store) struct Server {
    address: DatabaseAddress,
    /// Whether the last one who tried to connect got no word.
    is_silent: AtomicBool,
    /// How many try to connect.
    tries: AtomicUsize,
    /// Whether a statement found no room on its disk, and none has found some since.
    is_full: AtomicBool,
}

impl Server {
    /// The server at `address`. Nobody connects yet.
    pub(in crate::store) fn at(address: DatabaseAddress) -> Arc<Self> {
        Arc::new(Self {
            address,
            is_silent: AtomicBool::new(false),
            tries: AtomicUsize::new(0),
            is_full: AtomicBool::new(false),
        })
    }

    /// Its address for people, in the place of the path of a file.
    pub(in crate::store) fn as_path(&self) -> &Path {
        self.address.as_path()
    }

    /// Whether there was no room on its disk the last time that a statement needed some.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Notes whether a statement has found room on its disk.
    pub(super) fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }

    /// For how long it may be silent before it is asked whether it lives, and how long it may take to answer that.
    pub(super) fn patience(&self) -> Duration {
        self.address.patience
    }

    /// Opens a connection. While the server is silent one waits for it, and others are told so at once: what they do
    /// can end, and threads do not fill with those who wait.
    pub(super) async fn open(&self) -> Result<Opened, Error> {
        let attempt = Attempt::begin(&self.tries);
        if attempt.has_company && self.is_silent.load(Ordering::SeqCst) {
            return Err(Error::Silent(self.patience()));
        }
        let opened = timeout(self.patience(), open(&self.address)).await;
        let opened = opened.unwrap_or_else(|_| Err(Error::Silent(self.patience())));
        let opened = opened.map_err(|error| if error.is_time_over() { Error::Silent(self.patience()) } else { error });
        self.is_silent.store(matches!(opened, Err(Error::Silent(_))), Ordering::SeqCst);
        opened
    }

    /// Whether the server has this process, which serves a connection.
    pub(super) async fn has(&self, process: i32) -> Result<bool, Error> {
        let mut opened = self.open().await?;
        let sql = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {process}");
        let looking = answer(&mut opened.traffic, opened.client.simple_query(&sql));
        let rows = timeout(self.patience(), looking).await.map_err(|_| Error::Silent(self.patience()))??;
        Ok(rows.iter().any(|row| matches!(row, SimpleQueryMessage::Row(_))))
    }
}

/// One try to connect.
struct Attempt<'s> {
    tries: &'s AtomicUsize,
    /// Whether others try too.
    has_company: bool,
}

impl<'s> Attempt<'s> {
    fn begin(tries: &'s AtomicUsize) -> Self {
        Self { tries, has_company: tries.fetch_add(1, Ordering::SeqCst) > 0 }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.tries.fetch_sub(1, Ordering::SeqCst);
    }
}
