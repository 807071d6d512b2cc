//! The turns of pushes: a bounded number runs at a time, and a bounded number waits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::{Answer, Refusal};

/// The fewest pushes that run at the same time: a push that compiles for long should not hold up others.
const FEWEST: usize = 4;

/// The turns of pushes: each push takes a thread, and memory to compile.
pub(in crate::serve) struct PushTurns {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    most_waiting: usize,
}

impl PushTurns {
    pub(in crate::serve) fn new(workers: usize, most_waiting: usize) -> Self {
        let running = Arc::new(Semaphore::new(Self::at_once(workers)));
        Self { running, waiting: Semaphore::new(most_waiting), most_waiting }
    }

    /// The number of pushes that run at the same time.
    pub(in crate::serve) fn at_once(workers: usize) -> usize {
        FEWEST.max(2 * workers)
    }

    /// Waits for a turn, which lasts until the returned permit is dropped.
    ///
    /// # Errors
    /// When too many wait already, or the turn has not come after `patience`.
    pub(in crate::serve) async fn take(&self, patience: Duration) -> Answer<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = self.waiting.try_acquire().map_err(|_| self.too_many())?;
        let turn = tokio::time::timeout(patience, Arc::clone(&self.running).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| slow(patience))
    }

    fn too_many(&self) -> Refusal {
        Refusal::busy(format!(
            "{} pushes wait for their turn already; try again, or let the server's --max-waiting-pushes allow more",
            self.most_waiting
        ))
    }
}

fn slow(waited: Duration) -> Refusal {
    let seconds = waited.as_secs();
    Refusal::busy(format!(
        "other pushes kept this one waiting for {seconds} s; try again, or let the server's --workers allow more at a time"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::http::error::Kind;

    #[tokio::test]
    async fn some_run_some_wait_and_more_are_refused() {
        let turns = Arc::new(PushTurns::new(1, 1));
        let mut running = vec![];
        for _ in 0..PushTurns::at_once(1) {
            running.push(turns.take(Duration::ZERO).await.unwrap());
        }
        let slow = turns.take(Duration::ZERO).await.unwrap_err();
        assert!(slow.message.contains("--workers"), "{}", slow.message);
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(Duration::from_secs(60)).await }
        });
        while turns.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = turns.take(Duration::from_secs(60)).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Busy);
        assert!(refused.message.contains("--max-waiting-pushes"), "{}", refused.message);
        running.pop();
        assert!(waiting.await.unwrap().is_ok());
    }
}
