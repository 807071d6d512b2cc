//! Waits for the network wherever the store is called: what talks to a server has an async runtime inside, which must
//! not run inside another one.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs `work`, which waits. A thread of an async runtime lets others do its tasks meanwhile, if it has others.
pub(in crate::store) fn blocking<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Err(_) => work(),
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        Ok(_) => std::thread::scope(|scope| {
            scope.spawn(work).join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_can_wait_on_every_thread() {
        let waiting = || tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async { 7 });
        assert_eq!(blocking(waiting), 7);
        for mut runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()]
        {
            let runtime = runtime.build().unwrap();
            assert_eq!(runtime.block_on(async { blocking(waiting) }), 7);
            let spawned = runtime.spawn(async move { blocking(waiting) });
            assert_eq!(runtime.block_on(spawned).unwrap(), 7);
            let apart = runtime.spawn_blocking(move || blocking(waiting));
            assert_eq!(runtime.block_on(apart).unwrap(), 7);
        }
    }
}
