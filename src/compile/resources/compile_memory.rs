//! The memory that all compilations share: a compilation that finds none left waits.

use std::sync::LazyLock;
use std::time::Duration;

use crate::compile::error::CompileError;
use crate::memory_budget::{MemoryBudget, ReservedMemory};
use crate::model::Limits;

/// A compilation that takes no more bytes than this is small: it never waits, and has threads of its own.
pub(in crate::compile) const SMALL: u64 = 64 << 20;

static SHARED: LazyLock<MemoryBudget> = LazyLock::new(MemoryBudget::default);

/// Waits until there are `bytes` of memory to compile in; small compilations need none of the shared memory.
///
/// # Errors
/// When they are more than there can be, or others need theirs for longer than a compilation may take.
pub(in crate::compile) fn reserve(bytes: u64, limits: &Limits) -> Result<Option<ReservedMemory>, CompileError> {
    reserve_from(&SHARED, bytes, limits)
}

fn reserve_from(budget: &MemoryBudget, bytes: u64, limits: &Limits) -> Result<Option<ReservedMemory>, CompileError> {
    limits.check_compile_memory("the memory that compiling these sources may take", bytes)?;
    if bytes <= SMALL {
        return Ok(None);
    }
    let patience = Duration::from_secs(limits.compile_time);
    budget.reserve_within(bytes, limits.compile_memory, patience).map(Some).ok_or(CompileError::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn a_large_compilation_that_waits_too_long_is_refused_and_a_small_one_does_not_wait() {
        let budget = MemoryBudget::default();
        let limits = Limits { compile_memory: GIB, compile_time: 1, ..Limits::default() };
        let held = reserve_from(&budget, GIB, &limits).unwrap();
        assert!(reserve_from(&budget, SMALL, &limits).unwrap().is_none());
        assert!(matches!(reserve_from(&budget, GIB / 2, &limits), Err(CompileError::Busy)));
        drop(held);
        assert!(reserve_from(&budget, GIB / 2, &limits).is_ok());
    }
}
