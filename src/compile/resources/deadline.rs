//! How long a compilation may take. The deadline is checked between files and between options; after it work is left
//! out, and the next check refuses the whole compilation.

use std::time::{Duration, Instant};

use crate::model::{LimitExceeded, Limits};

/// When a compilation has to be done.
#[derive(Debug, Clone, Copy)]
pub(in crate::compile) struct Deadline {
    limits: Limits,
    begun: Instant,
}

impl Deadline {
    /// Of a compilation that begins now.
    pub(in crate::compile) fn new(limits: &Limits) -> Self {
        Self { limits: *limits, begun: Instant::now() }
    }

    pub(in crate::compile) fn is_over(&self) -> bool {
        self.begun.elapsed() >= Duration::from_secs(self.limits.compile_time)
    }

    /// # Errors
    /// When it is over.
    pub(in crate::compile) fn check(&self) -> Result<(), LimitExceeded> {
        if !self.is_over() {
            return Ok(());
        }
        // Begun seconds count.
        let seconds = self.begun.elapsed().as_secs() + 1;
        self.limits.check_compile_time("the time that compiling these sources takes", seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::compile_limited;
    use super::*;

    #[test]
    fn what_takes_too_long_is_refused_with_the_flag() {
        let limits = Limits { compile_time: 0, ..Limits::default() };
        let refused = compile_limited("syntax = \"proto3\";", &limits).unwrap_err().to_string();
        assert_eq!(
            refused,
            "the time that compiling these sources takes is 1 seconds, more than the limit of 0; the server's \
             --compile-timeout changes the limit"
        );
    }
}
