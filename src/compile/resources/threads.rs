//! The threads that compilations run on: their stacks are as deep as sources may nest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use crate::compile::error::CompileError;

/// Stack of a compiling thread, in bytes. The parser and the option interpreter recurse as deep as a source nests,
/// and `source::nesting_limit` lets at most 1,000 levels pass; the pages are only taken when they are used.
const STACK: usize = 64 << 20;

/// Which threads a compilation gets: a large one must not keep small ones waiting.
#[derive(Debug, Clone, Copy)]
pub(in crate::compile) enum Size {
    Small,
    Large,
}

/// Does `work` on the threads for its size. The library that holds option values is not ours: a panic in it refuses a
/// source, it does not end a worker.
pub(in crate::compile) fn within<T: Send>(
    size: Size,
    work: impl FnOnce() -> Result<T, CompileError> + Send,
) -> Result<T, CompileError> {
    let panicked = |_| Err(CompileError::Internal("the parser or the option interpreter panicked".into()));
    threads(size)?.install(|| catch_unwind(AssertUnwindSafe(work))).unwrap_or_else(panicked)
}

/// The threads that all compilations of a size share: they exist for their stacks.
fn threads(size: Size) -> Result<&'static rayon::ThreadPool, CompileError> {
    static POOLS: [OnceLock<Result<rayon::ThreadPool, String>>; 2] = [const { OnceLock::new() }; 2];
    let [small, large] = &POOLS;
    let (pool, kind) = match size {
        Size::Small => (small, "small"),
        Size::Large => (large, "large"),
    };
    let build = || {
        let name = move |index| format!("compile-{kind}-{index}");
        rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(name).build().map_err(|e| e.to_string())
    };
    pool.get_or_init(build).as_ref().map_err(|e| CompileError::Threads(e.clone()))
}
