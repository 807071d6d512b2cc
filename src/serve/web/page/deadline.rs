//! The time limit of pages. Each page is rendered on a blocking thread, and stops when its time is over or the client
//! has disconnected. A bounded number of pages is rendered at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::serve::http::error::{Answer, Refusal};

/// The number of pages that are rendered at the same time. A page that waits for the disk or the compiler counts too.
const PLACES: usize = 16;

/// Renders pages within their time limit.
pub(in crate::serve) struct Pages {
    places: Arc<Semaphore>,
    timeout: Duration,
}

impl Pages {
    /// Each page has `timeout`, including the wait for a place.
    pub(in crate::serve) fn new(timeout: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), timeout }
    }

    /// The deadline of a page that begins now.
    pub(in crate::serve::web) fn deadline(&self) -> Deadline {
        Deadline::new(self.timeout)
    }

    /// Does the work for a page. Long work must check its deadline regularly.
    ///
    /// # Errors
    /// The error of the work, or when the time is over. The place is free again when the work has ended.
    pub(in crate::serve::web) async fn make<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Deadline) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let deadline = self.deadline();
        let _waiting = StopOnDrop(Arc::clone(&deadline.nobody_waits));
        let late = deadline.refusal();
        let done = async {
            let place = Arc::clone(&self.places).acquire_owned().await.map_err(|error| Refusal::internal(&error))?;
            let work = move || {
                let _place = place;
                work(&deadline)
            };
            tokio::task::spawn_blocking(work).await.map_err(|error| Refusal::internal(&error))?
        };
        tokio::time::timeout(self.timeout, done).await.unwrap_or(Err(late))
    }
}

/// Stops the work when dropped: the client has disconnected, or has its response.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The deadline of a page.
#[derive(Debug, Clone)]
pub(in crate::serve::web) struct Deadline {
    end: Instant,
    timeout: Duration,
    nobody_waits: Arc<AtomicBool>,
}

impl Deadline {
    /// Ends after `timeout`.
    fn new(timeout: Duration) -> Self {
        Self { end: Instant::now() + timeout, timeout, nobody_waits: Arc::default() }
    }

    /// Checks whether the work should go on.
    ///
    /// # Errors
    /// When the time is over, or the client has disconnected.
    pub(in crate::serve::web) fn check(&self) -> Answer<()> {
        let over = self.nobody_waits.load(Ordering::Relaxed) || Instant::now() >= self.end;
        if over { Err(self.refusal()) } else { Ok(()) }
    }

    /// The end of half of the remaining time: a limit for work whose result is good enough when it ends early.
    pub(in crate::serve::web) fn halfway(&self) -> Instant {
        let now = Instant::now();
        now + self.end.saturating_duration_since(now) / 2
    }

    fn refusal(&self) -> Refusal {
        let seconds = self.timeout.as_secs();
        Refusal::unavailable(format!(
            "this page takes more than {seconds} s to make, so it was given up; \
             the server's --page-timeout changes the limit"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::serve::http::error::Kind;

    /// Goes on until its deadline says otherwise, and then says so.
    fn endless(ended: mpsc::Sender<()>) -> impl FnOnce(&Deadline) -> Answer<()> + Send + 'static {
        move |deadline| loop {
            std::thread::yield_now();
            if let Err(refusal) = deadline.check() {
                ended.send(()).unwrap();
                return Err(refusal);
            }
        }
    }

    #[tokio::test]
    async fn work_is_answered_and_ends_when_the_time_is_over() {
        let (send, ended) = mpsc::channel();
        let refusal = Pages::new(Duration::from_millis(20)).make(endless(send)).await.unwrap_err();
        assert!(refusal.kind == Kind::Unavailable && refusal.message.contains("--page-timeout"), "{refusal}");
        ended.recv().unwrap();
    }

    #[tokio::test]
    async fn work_ends_when_nobody_waits_any_more() {
        let (send, ended) = mpsc::channel();
        let pages = Pages::new(Duration::from_secs(3600));
        let asked = tokio::time::timeout(Duration::from_millis(20), pages.make(endless(send))).await;
        assert!(asked.is_err());
        ended.recv().unwrap();
    }

    #[tokio::test]
    async fn a_page_without_a_place_is_refused_when_its_time_is_over() {
        let pages = Pages { places: Arc::new(Semaphore::new(0)), timeout: Duration::from_millis(20) };
        let made = pages.make(|_| -> Answer<()> { panic!("there is no place for it") }).await;
        assert_eq!(made.unwrap_err().kind, Kind::Unavailable);
    }
}
