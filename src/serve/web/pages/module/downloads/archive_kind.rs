//! The kinds of archives, by their endings.

/// The kind of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::serve::web) enum ArchiveKind {
    /// For everything but Windows.
    TarGz,
    /// For Windows too.
    Zip,
    /// A cargo crate: the same bytes as `.tar.gz`.
    Crate,
}

impl ArchiveKind {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
            Self::Crate => "crate",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        if self == Self::Zip { "application/zip" } else { "application/gzip" }
    }
}
