//! Limits on input. Each knows the flag that changes it, because the error that names a limit names the flag.

/// Limits that protect the server from its input. Sizes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body, and so the largest push.
    pub body: u64,
    /// Most files in one push.
    pub files: u64,
    /// Largest single file.
    pub file: u64,
    /// Deepest nesting of messages, groups and option values in a source file.
    pub nesting: u64,
    /// Most memory of all compilations at the same time.
    pub compile_memory: u64,
    /// Longest that compiling one push may take, in seconds.
    pub compile_time: u64,
    /// Largest unpacked SDK crate; cargo itself refuses above 512 MiB.
    pub sdk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 256 << 20,
            files: 20_000,
            file: 16 << 20,
            nesting: 31,
            compile_memory: 3 << 30,
            compile_time: 60,
            sdk: 400 << 20,
        }
    }
}

/// Something was larger than allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {actual} {unit}, more than the limit of {limit}; the server's {flag} changes the limit")]
pub struct LimitExceeded {
    /// The subject of the message: the thing that was too large.
    pub what: String,
    /// How large it was.
    pub actual: u64,
    /// How large it may be.
    pub limit: u64,
    /// The unit: `bytes`, `files`, `levels`.
    pub unit: &'static str,
    /// The flag of `registry serve` that changes the limit.
    pub flag: &'static str,
}

macro_rules! check {
    ($(#[$doc:meta])* $name:ident, $field:ident, $unit:literal, $flag:literal) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When `actual` is more than the limit.
        pub fn $name(&self, what: impl Into<String>, actual: u64) -> Result<(), LimitExceeded> {
            if actual <= self.$field {
                return Ok(());
            }
            Err(LimitExceeded { what: what.into(), actual, limit: self.$field, unit: $unit, flag: $flag })
        }
    };
}

impl Limits {
    check!(/** Checks the size of a request body. */ check_body, body, "bytes", "--max-body-bytes");
    check!(/** Checks how many files a push holds. */ check_files, files, "files", "--max-files");
    check!(/** Checks the size of one file. */ check_file, file, "bytes", "--max-file-bytes");
    check!(/** Checks how deep a source nests. */ check_nesting, nesting, "levels", "--max-nesting");
    check!(/** Checks the memory of compiling. */ check_compile_memory, compile_memory, "bytes", "--compile-memory");
    check!(/** Checks the time of compiling. */ check_compile_time, compile_time, "seconds", "--compile-timeout");
    check!(/** Checks the unpacked size of a crate. */ check_sdk, sdk, "bytes", "--max-sdk-bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exceeded_limit_names_value_limit_and_flag() {
        let error = Limits::default().check_files("the push", 20_001).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the push is 20001 files, more than the limit of 20000; the server's --max-files changes the limit"
        );
        assert!(Limits::default().check_files("the push", 20_000).is_ok());
    }
}
