//! How lists are asked for, and what they come as.

use crate::model::{CrateName, OwnerId, SdkVersion};

/// Part of a longer list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Offset of the next page; `None` on the last.
    pub next: Option<u64>,
}

/// Order of listed modules and labels. Equal times are ordered by id, so pages do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By creation, newest first.
    #[default]
    NewestFirst,
    /// By creation, oldest first.
    OldestFirst,
    /// By last change, latest first.
    UpdatedFirst,
    /// By last change, latest last.
    UpdatedLast,
    /// By name, in byte order.
    Name,
}

/// On whose behalf modules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody in particular: public modules.
    Anonymous,
    /// A user: public modules, the user's own, and those of organizations that the user is a member of.
    User(OwnerId),
}

/// Which modules are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleFilter {
    /// Only modules of this owner.
    pub owner: Option<OwnerId>,
    /// Only modules that this viewer may read; all modules if absent.
    pub visible_to: Option<Viewer>,
    /// Only modules whose `owner/name` or description holds this text, whatever its case.
    pub query: Option<String>,
}

/// Which labels are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelFilter {
    /// Only archived labels, or only the others; all if absent.
    pub archived: Option<bool>,
    /// Only labels whose name holds this text, whatever its case.
    pub query: Option<String>,
    /// In which order.
    pub order: Order,
}

/// What a search for crates found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateMatches {
    /// The first matches by name, each with its newest version that is not yanked (or the newest, if all are).
    pub crates: Vec<(CrateName, SdkVersion)>,
    /// How many crates match in all.
    pub total: u64,
}
