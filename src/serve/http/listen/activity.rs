//! The activity of a connection: whether the client or the server has to act next, and since when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::config::ConnectionSettings;

use super::busy_strangers::BusyStranger;

/// How long a stopping server keeps a connection open that has its last response in the send buffer.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// How long a stopping server waits for a client to send the rest of a request, or to read the rest of a response.
const LAST_STALL: Duration = Duration::from_secs(3);

/// Time for the response that tells a client that it was too slow.
const TIME_TO_TELL: Duration = Duration::from_secs(5);

/// The activity of one connection.
pub(super) struct Activity {
    /// Whether it has sent a valid token.
    known: AtomicBool,
    doing: Mutex<Doing>,
    end: Notify,
}

struct Doing {
    opened: Instant,
    /// Whether it has had a request.
    begun: bool,
    /// Since when there is no request, and no part of a response was written.
    idle_since: Instant,
    /// The requests without a complete response, by number: HTTP/2 has several at a time.
    requests: Vec<(u64, Turn)>,
    next: u64,
    /// Held while the connection of a stranger, a client without a token, has requests.
    stranger: Option<BusyStranger>,
}

/// Who has to act next on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Server,
    /// The client has to send more of the request.
    Sending(Instant),
    /// The client has to read more of the response.
    Taking(Instant),
}

impl Turn {
    /// Since when the server waits for the client, if it does.
    fn since(self) -> Option<Instant> {
        match self {
            Self::Server => None,
            Self::Sending(since) | Self::Taking(since) => Some(since),
        }
    }
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        let opened = Instant::now();
        let doing = Doing { opened, begun: false, idle_since: opened, requests: vec![], next: 0, stranger: None };
        Arc::new(Self { known: AtomicBool::new(false), doing: Mutex::new(doing), end: Notify::new() })
    }

    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Acquire)
    }

    pub(super) fn set_known(&self) {
        self.known.store(true, Ordering::Release);
    }

    /// Since when the server waits for the client, if the connection may be closed to make room: it has no request, or
    /// it is a stranger's and the client makes no progress.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        let doing = self.doing();
        if doing.requests.is_empty() {
            return Some(doing.idle_since);
        }
        let since = doing.requests.iter().map(|(_, turn)| turn.since()).min()?;
        since.filter(|_| !self.is_known())
    }

    /// Whether it counts as a busy stranger's.
    pub(super) fn is_busy_stranger(&self) -> bool {
        self.doing().stranger.is_some()
    }

    /// Notes that a part of a response was written.
    pub(super) fn wrote(&self) {
        self.doing().idle_since = Instant::now();
    }

    /// Tells the connection to end, because another one needs its place.
    pub(super) fn end(&self) {
        self.end.notify_one();
    }

    /// Waits until the connection is told to end.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }

    /// When the connection is closed if the client does nothing until then.
    pub(super) fn deadline(&self, settings: &ConnectionSettings) -> Instant {
        let doing = self.doing();
        if doing.requests.is_empty() {
            return match doing.begun {
                true => doing.idle_since + settings.keep_alive,
                false => doing.opened + settings.client_timeout,
            };
        }
        let deadline = |turn: &Turn| match turn {
            Turn::Server => None,
            // The handler that reads the request gives up first, and tells the client.
            Turn::Sending(since) => Some(*since + settings.client_timeout + TIME_TO_TELL),
            Turn::Taking(since) => Some(*since + settings.client_timeout),
        };
        let waits = doing.requests.iter().filter_map(|(_, turn)| deadline(turn));
        waits.min().unwrap_or_else(|| Instant::now() + settings.client_timeout)
    }

    /// As [`Self::deadline`], once the server is stopping.
    pub(super) fn last_deadline(&self, stopping: Instant) -> Instant {
        let doing = self.doing();
        if doing.requests.is_empty() {
            return doing.idle_since.max(stopping) + FLUSH_TIME;
        }
        let waits = doing.requests.iter().filter_map(|(_, turn)| turn.since());
        waits.min().unwrap_or_else(Instant::now).max(stopping) + LAST_STALL
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request of a connection, until the client has read the response.
pub(super) struct Request {
    activity: Arc<Activity>,
    number: u64,
}

impl Request {
    /// A request that has arrived.
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        let mut doing = activity.doing();
        let number = doing.next;
        doing.next += 1;
        doing.begun = true;
        doing.requests.push((number, Turn::Server));
        Self { activity: Arc::clone(activity), number }
    }

    /// Counts the connection as a busy stranger's until it has no request any more, unless it is counted already.
    ///
    /// # Errors
    /// When `count` says that there are too many.
    pub(super) fn count_stranger<E>(&self, count: impl FnOnce() -> Result<BusyStranger, E>) -> Result<(), E> {
        // The state is not locked here: `count` may look at all connections.
        if !self.activity.is_busy_stranger() {
            let busy = count()?;
            self.activity.doing().stranger = Some(busy);
        }
        Ok(())
    }

    /// The server has to act next.
    pub(super) fn is_ours(&self) {
        self.set(Turn::Server);
    }

    /// The client has to send more of the request, since `since`.
    pub(super) fn is_sent(&self, since: Instant) {
        self.set(Turn::Sending(since));
    }

    /// The client has to read more of the response, from now on.
    pub(super) fn is_taken(&self) {
        self.set(Turn::Taking(Instant::now()));
    }

    fn set(&self, turn: Turn) {
        let mut doing = self.activity.doing();
        if let Some(request) = doing.requests.iter_mut().find(|(number, _)| *number == self.number) {
            request.1 = turn;
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut doing = self.activity.doing();
        doing.requests.retain(|(number, _)| *number != self.number);
        doing.idle_since = Instant::now();
        if doing.requests.is_empty() {
            doing.stranger = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: ConnectionSettings = ConnectionSettings {
        most: None,
        per_address: None,
        drain_delay: Duration::ZERO,
        client_timeout: Duration::from_secs(30),
        keep_alive: Duration::from_secs(75),
        request_memory: 1,
        waiting_pushes: 1,
    };

    /// Whole seconds that are left.
    fn left(activity: &Activity) -> u64 {
        let left = activity.deadline(&SETTINGS).saturating_duration_since(Instant::now());
        (left + Duration::from_millis(500)).as_secs()
    }

    #[test]
    fn a_client_is_waited_for_and_the_server_is_not() {
        let activity = Activity::new();
        assert_eq!(left(&activity), 30, "for the first request");
        activity.doing().opened -= Duration::from_secs(10);
        activity.wrote();
        assert_eq!(left(&activity), 20, "pings are no request");
        let request = Request::begin(&activity);
        assert!(activity.waits_since().is_none());
        request.is_taken();
        let other = Request::begin(&activity);
        other.is_sent(Instant::now() - Duration::from_secs(20));
        assert_eq!(left(&activity), 15, "the one that waits longest counts");
        assert!(activity.waits_since().is_some(), "a stranger may be closed");
        activity.set_known();
        assert!(activity.waits_since().is_none(), "who has a token may not");
        other.is_ours();
        assert_eq!(left(&activity), 30);
        drop((request, other));
        assert_eq!(left(&activity), 75, "for the next request");
        assert!(activity.last_deadline(Instant::now()) <= Instant::now() + FLUSH_TIME);
    }
}
