//! A budget of memory for large requests and responses. Each reserves its part before it is read or sent, and releases
//! it at its end. Strangers, clients without a token, have a budget of their own, so they cannot use up that of others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::{Answer, Refusal};

/// The most bytes of a request or response that is not counted: the limit on connections bounds their sum.
const SMALL: u64 = 64 << 10;

/// The bytes of one permit of the semaphore.
const UNIT: u64 = 1 << 10;

/// How long a request waits for memory.
const PATIENCE: Duration = Duration::from_secs(10);

/// The number of responses in the table after which entries of sent responses are removed.
const REMEMBERED: usize = 256;

/// The memory of large requests and responses.
pub(in crate::serve) struct Memory {
    bytes: u64,
    known: Pool,
    strangers: Pool,
    /// Responses that are being sent, by their address in memory: bytes that are sent to many clients count once.
    answers: Mutex<HashMap<(usize, usize), Weak<MemoryPermit>>>,
}

struct Pool {
    room: Arc<Semaphore>,
    all: u32,
}

/// The reserved memory of one request or response.
pub(in crate::serve) struct MemoryPermit(OwnedSemaphorePermit);

/// The reserved memory of a response, which other responses of the same bytes share.
pub(in crate::serve) struct ResponsePermit(#[allow(dead_code, reason = "it is there to be dropped")] Arc<MemoryPermit>);

impl Memory {
    pub(in crate::serve) fn new(bytes: u64) -> Self {
        let strangers = bytes / 8;
        Self { bytes, known: Pool::new(bytes - strangers), strangers: Pool::new(strangers), answers: Mutex::default() }
    }

    /// Reserves memory for a request of this size and its decoded form. Strangers do not wait for memory.
    ///
    /// # Errors
    /// When other requests and responses have reserved it.
    pub(in crate::serve) async fn of_request(&self, bytes: u64, known: bool) -> Answer<Option<MemoryPermit>> {
        if bytes <= SMALL {
            return Ok(None);
        }
        if !known {
            return self.strangers.take(bytes).map(Some).ok_or_else(|| self.full());
        }
        let permits = self.known.permits(bytes);
        let acquired = tokio::time::timeout(PATIENCE, Arc::clone(&self.known.room).acquire_many_owned(permits)).await;
        match acquired {
            Ok(Ok(permit)) => Ok(Some(MemoryPermit(permit))),
            _ => Err(self.full()),
        }
    }

    /// Reserves more memory for a request that turns out to be larger. Does not wait: others may be waiting for the
    /// memory that this request has already.
    ///
    /// # Errors
    /// When other requests and responses have reserved it.
    pub(in crate::serve) fn more(&self, bytes: u64, known: bool) -> Answer<MemoryPermit> {
        self.pool(known).take(bytes).ok_or_else(|| self.full())
    }

    /// Reserves memory for a part of a response until it is sent, unless it is small.
    ///
    /// # Errors
    /// When other requests and responses have reserved it.
    pub(in crate::serve) fn hold(&self, data: &Bytes, known: bool) -> Answer<Option<ResponsePermit>> {
        if data.len() as u64 <= SMALL {
            return Ok(None);
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (data.as_ptr() as usize, data.len());
        if let Some(room) = answers.get(&place).and_then(Weak::upgrade) {
            return Ok(Some(ResponsePermit(room)));
        }
        let room = Arc::new(self.more(data.len() as u64, known)?);
        if answers.len() >= REMEMBERED {
            answers.retain(|_, room| room.strong_count() > 0);
        }
        answers.insert(place, Arc::downgrade(&room));
        Ok(Some(ResponsePermit(room)))
    }

    /// The most bytes of a decoded request.
    pub(in crate::serve) fn of_one(&self) -> usize {
        usize::try_from(self.bytes / 8).unwrap_or(usize::MAX)
    }

    fn pool(&self, known: bool) -> &Pool {
        if known { &self.known } else { &self.strangers }
    }

    fn full(&self) -> Refusal {
        Refusal::busy(format!(
            "other requests and responses use all of the memory for them ({} bytes); try again, or raise the server's \
             --request-memory",
            self.bytes
        ))
    }
}

impl Pool {
    fn new(bytes: u64) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let all = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(most).min(most);
        Self { room: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// The permits for `bytes`; all permits for more bytes than the total.
    fn permits(&self, bytes: u64) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.all)
    }

    fn take(&self, bytes: u64) -> Option<MemoryPermit> {
        Arc::clone(&self.room).try_acquire_many_owned(self.permits(bytes)).ok().map(MemoryPermit)
    }
}

impl MemoryPermit {
    /// Takes over the reserved memory of another.
    pub(in crate::serve) fn add(&mut self, other: Self) {
        self.0.merge(other.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::http::error::Kind;

    const MIB: u64 = 1 << 20;

    #[tokio::test]
    async fn there_is_room_until_there_is_none_and_strangers_have_their_own() {
        let memory = Memory::new(8 * MIB);
        let held = memory.of_request(100 * MIB, true).await.unwrap();
        let refusal = memory.more(SMALL + 1, true).err().unwrap();
        assert_eq!(refusal.kind, Kind::Busy);
        assert!(refusal.message.contains("--request-memory"), "{}", refusal.message);
        let stranger = memory.of_request(MIB, false).await.unwrap();
        assert!(memory.of_request(SMALL + 1, false).await.is_err());
        assert!(memory.of_request(SMALL, false).await.unwrap().is_none(), "small requests are not counted");
        drop((held, stranger));
        let mut room = memory.more(4 * MIB, true).unwrap();
        room.add(memory.more(3 * MIB, true).unwrap());
        assert!(memory.more(UNIT, true).is_err());
    }

    #[test]
    fn what_is_sent_to_many_is_counted_once() {
        let memory = Memory::new(8 * MIB);
        let archive = Bytes::from(vec![0; 5 << 20]);
        let held: Vec<_> = (0..200).map(|_| memory.hold(&archive.clone(), true).unwrap()).collect();
        assert!(memory.hold(&Bytes::from(vec![0; 5 << 20]), true).is_err());
        drop(held);
        assert!(memory.hold(&Bytes::from(vec![0; 5 << 20]), true).is_ok());
    }
}
