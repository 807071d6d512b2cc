//! The visibility of modules, and the SQL condition that checks it.

use crate::model::{ModuleName, OwnerId};
use crate::store::db::engine::{Row, SqlResult};
use crate::store::db::statements::sql_values::keyword_column;

/// The visibility of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everyone with access to the registry may read it.
    Public,
    /// Only its owner, or the members of the organization that owns it, may read it.
    Private,
}

keyword_column!(Visibility { Public = "public", Private = "private" });

/// The reader on whose behalf modules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A caller without a user: reads public modules.
    Anonymous,
    /// A user: reads public modules, the user's own, and the modules of organizations with the user as member.
    User(OwnerId),
}

/// The condition that the viewer of [`viewer_columns`] may see a row of `modules`.
pub(in crate::store) const VISIBLE: &str = "(:everything OR visibility = 'public' OR owner_id = :viewer OR EXISTS
    (SELECT 1 FROM members WHERE organization_id = owner_id AND user_id = :viewer))";

/// The parameters `:everything` and `:viewer` of [`VISIBLE`].
pub(in crate::store) fn viewer_columns(viewer: Option<Viewer>) -> (bool, Option<OwnerId>) {
    match viewer {
        None => (true, None),
        Some(Viewer::Anonymous) => (false, None),
        Some(Viewer::User(user)) => (false, Some(user)),
    }
}

pub(in crate::store) fn read_name(row: &Row<'_>) -> SqlResult<ModuleName> {
    Ok(ModuleName::new(row.get("owner_name")?, row.get("name")?))
}
