//! How much one owner may keep.

/// The quotas of one owner; without a number there is no limit. Lowering a quota removes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Modules of one owner.
    pub modules: Option<u64>,
    /// Bytes of the files and crates of all modules of one owner.
    pub bytes: Option<u64>,
    /// Labels of one module, archived ones too.
    pub labels: Option<u64>,
    /// Tokens of one user that are neither revoked nor expired.
    pub tokens: Option<u64>,
    /// Organizations that one user administers.
    pub organizations: Option<u64>,
    /// Webhooks of one owner and its modules.
    pub webhooks: Option<u64>,
}
