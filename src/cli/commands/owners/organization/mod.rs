//! `registry organization`: lists, creates, changes and deletes organizations, and manages their members.

mod change;
mod deleted;
mod info;
mod member;
mod view;

use clap::{Args, Subcommand};

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::OwnerName;
use deleted::{Deleted, Free};
use member::MemberCommand;
use view::{row, rows};

const EXAMPLES: &str = "\
Examples:
  registry organization create acme
  registry organization member set acme pat --role writer
  registry organization member list acme
  registry organization update acme --description 'Pets of all kinds'
  registry organization update acme --breaking refuse:wire_json,rust

The name of a deleted organization rests: crates and lock files go by name, so
for a while (the server's setting name-rest) only those who administered it may
take it again.";

/// List, create, change and delete organizations and members
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct OrganizationCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List organizations, the newest first
    List(List),
    /// Show one organization, and its settings if you belong to it
    Info(info::Info),
    /// Create an organization, with you as its admin
    Create(Create),
    /// Change the texts of an organization, or what holds for its modules
    Update(change::Update),
    /// Delete an organization that owns no modules
    Delete(change::Delete),
    /// List the resting names of deleted ones, as an administrator
    Deleted(Deleted),
    /// Let anybody take the name of a deleted one, as an administrator
    Free(Free),
    Member(MemberCommand),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name, the first part of its modules' names
    organization: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

impl OrganizationCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Info(command) => command.run(output),
            Action::Create(command) => command.run(output),
            Action::Update(command) => command.run(output),
            Action::Delete(command) => command.run(output),
            Action::Deleted(command) => command.run(output),
            Action::Free(command) => command.run(output),
            Action::Member(command) => command.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let organizations = block_on(async { Ok(client.organizations().await?) })?;
        let shown: Vec<_> = organizations.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let organization = block_on(async { Ok(client.create_organization(&self.organization).await?) })?;
        let shown = row(organization);
        output.result(&shown, || vec![format!("created {}", shown.organization)])?;
        Ok(())
    }
}
