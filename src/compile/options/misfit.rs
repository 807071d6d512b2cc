//! An option that does not fit, and where.

/// What is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Where in the source.
    pub(super) offset: usize,
    pub(super) message: String,
}

impl Misfit {
    pub(super) fn at(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}
