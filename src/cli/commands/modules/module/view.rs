//! The output of a module: as JSON, as a row of a table, and as lines.

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::output::gate::GateRow;
use crate::cli::output::{table, wire_text};
use crate::client::Commit;
use crate::wire::buf::registry::module::v1::{Module, ModuleVisibility};
use crate::wire::registry::v1::Gate;

/// The visibility of a new module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum VisibilityArg {
    /// Everybody who may read the registry
    Public,
    /// Only its owner, or the members of the organization that owns it
    Private,
}

impl From<VisibilityArg> for ModuleVisibility {
    fn from(visibility: VisibilityArg) -> Self {
        match visibility {
            VisibilityArg::Public => Self::MODULE_VISIBILITY_PUBLIC,
            VisibilityArg::Private => Self::MODULE_VISIBILITY_PRIVATE,
        }
    }
}

/// A module in the output.
#[derive(Serialize)]
pub(super) struct ModuleRow {
    pub(super) module: String,
    visibility: &'static str,
    default_label: String,
    deprecated: bool,
    description: String,
    url: String,
    created: Option<String>,
    /// When its default label was last pushed to, if ever.
    updated: Option<String>,
    /// What is done with a push that breaks users, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    breaking: Option<GateRow>,
}

impl ModuleRow {
    /// The same with the module's gate.
    pub(super) fn with_gate(self, gate: Gate) -> Self {
        Self { breaking: Some(gate.into()), ..self }
    }
}

/// The row of a module whose default label has this head.
pub(super) fn row(name: String, module: Module, head: Option<&Commit>) -> ModuleRow {
    ModuleRow {
        module: name,
        visibility: wire_text::visibility(module.visibility),
        default_label: module.default_label_name,
        deprecated: wire_text::is_deprecated(module.state),
        description: module.description,
        url: module.url,
        created: wire_text::time(module.create_time.as_option()),
        updated: head.map(|head| head.create_time.to_string()),
        breaking: None,
    }
}

pub(super) fn rows(modules: &[ModuleRow]) -> Vec<String> {
    let cells = modules.iter().map(|module| {
        let note = if module.deprecated { "deprecated" } else { "" };
        let updated = module.updated.clone().unwrap_or_default();
        [module.module.clone(), module.visibility.into(), module.default_label.clone(), updated, note.into()]
    });
    table(["MODULE", "VISIBILITY", "DEFAULT LABEL", "UPDATED", "NOTE"], cells.collect())
}

pub(super) fn lines(module: &ModuleRow) -> Vec<String> {
    let rows = [
        ("module", module.module.clone()),
        ("visibility", module.visibility.to_owned()),
        ("default label", module.default_label.clone()),
        ("created", module.created.clone().unwrap_or_default()),
        ("updated", module.updated.clone().unwrap_or_default()),
        ("description", module.description.clone()),
        ("url", module.url.clone()),
        ("breaking", module.breaking.as_ref().map(GateRow::line).unwrap_or_default()),
        ("deprecated", if module.deprecated { "yes".to_owned() } else { String::new() }),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("{name:<14}{value}")).collect()
}
