//! What a release broke for users of the release before, in a few words.

use crate::model::{CommitId, ModuleName};
use crate::store::BreakingVerdict;

/// What a release broke.
pub(in crate::serve::web) struct VerdictView {
    /// `breaks nothing`, `breaks: 2 on the wire, 3 in Rust`.
    pub text: String,
    /// The class of its mark.
    pub class: &'static str,
    /// The short name of the release that it was compared with.
    pub against: String,
    /// The comparison of both.
    pub href: String,
}

impl VerdictView {
    /// The kept verdict on `commit` of `module`.
    pub(super) fn new(module: &ModuleName, commit: CommitId, found: &BreakingVerdict) -> Self {
        let BreakingVerdict { against, file, package, wire_json, wire, rust } = *found;
        // What breaks the wire breaks JSON and generated code too, so the widest is told.
        let elsewhere = match (wire, wire_json, file.max(package)) {
            (0, 0, 0) => None,
            (0, 0, code) => Some(format!("{code} in generated code")),
            (0, json, _) => Some(format!("{json} in JSON")),
            (wire, ..) => Some(format!("{wire} on the wire")),
        };
        let parts: Vec<_> = elsewhere.into_iter().chain((rust > 0).then(|| format!("{rust} in Rust"))).collect();
        Self {
            class: if parts.is_empty() { "good" } else { "bad" },
            text: if parts.is_empty() { "breaks nothing".into() } else { format!("breaks: {}", parts.join(", ")) },
            against: against.short().to_string(),
            href: format!("/{module}/compare/{against}/{commit}"),
        }
    }
}
