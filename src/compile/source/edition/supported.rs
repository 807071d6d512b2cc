//! The editions that are supported, and the words that they add.

/// An edition that is supported; the number is that of `google.protobuf.Edition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::compile) enum Edition {
    E2023 = 1000,
    E2024 = 1001,
    E2026 = 1002,
}

/// Whether other files may use a type; the number is that of `google.protobuf.SymbolVisibility`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum Visibility {
    Local = 1,
    Export = 2,
}
