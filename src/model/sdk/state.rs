//! The states of a requested SDK.

/// The state of a requested SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SdkState {
    /// Waits for a worker, or for the SDKs that it builds on.
    Queued,
    /// A worker is making it.
    Running,
    /// It is in the index.
    Served,
    /// It could not be made.
    Failed {
        /// Why, for people.
        message: String,
    },
}

impl SdkState {
    /// Whether it is still to be made.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}
