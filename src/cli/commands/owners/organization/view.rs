//! The output of an organization: as JSON, and as a row of a table.

use serde::Serialize;

use crate::cli::output::{table, wire_text};
use crate::wire::buf::registry::owner::v1::Organization;

/// An organization in the output.
#[derive(Serialize)]
pub(super) struct OrganizationRow {
    pub(super) organization: String,
    description: String,
    url: String,
    created: Option<String>,
}

pub(super) fn row(organization: Organization) -> OrganizationRow {
    OrganizationRow {
        created: wire_text::time(organization.create_time.as_option()),
        organization: organization.name,
        description: organization.description,
        url: organization.url,
    }
}

impl OrganizationRow {
    pub(super) fn lines(&self) -> Vec<String> {
        let rows = [
            ("organization", self.organization.clone()),
            ("created", self.created.clone().unwrap_or_default()),
            ("description", self.description.clone()),
            ("url", self.url.clone()),
        ];
        let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("{name:<14}{value}")).collect()
    }
}

pub(super) fn rows(organizations: &[OrganizationRow]) -> Vec<String> {
    let cells = organizations.iter().map(|shown| {
        [shown.organization.clone(), shown.created.clone().unwrap_or_default(), shown.description.clone()]
    });
    table(["ORGANIZATION", "CREATED", "DESCRIPTION"], cells.collect())
}
