//! `registry organization member`: the members of an organization and their roles.

use buffa::EnumValue;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::model::OwnerName;
use crate::wire::registry::v1::{Member, MemberRole};

const EXAMPLES: &str = "\
Examples:
  registry organization member list acme
  registry organization member set acme pat --role writer
  registry organization member remove acme pat

It takes an admin of the organization. The last admin can neither leave nor step
down.";

/// List, add, change and remove the members of an organization
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MemberCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List members and their roles
    List(List),
    /// Add a member, or change a member's role
    #[command(visible_alias = "add")]
    Set(Set),
    /// Remove a member
    Remove(Remove),
}

#[derive(Debug, Args)]
struct List {
    /// The organization
    organization: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
#[command(override_usage = "registry organization member set <ORGANIZATION> <USER> --role <ROLE>")]
struct Set {
    /// The organization
    organization: OwnerName,
    /// The user
    user: OwnerName,
    /// The role of the user; each role includes the ones before it
    #[arg(long, value_enum)]
    role: RoleArg,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Remove {
    /// The organization
    organization: OwnerName,
    /// The user
    user: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

/// A role on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum RoleArg {
    /// Read private modules
    Reader,
    /// Push, and move labels
    Writer,
    /// Create, change and delete modules, and manage members
    Admin,
}

impl RoleArg {
    fn to_wire(self) -> MemberRole {
        match self {
            Self::Reader => MemberRole::MEMBER_ROLE_READER,
            Self::Writer => MemberRole::MEMBER_ROLE_WRITER,
            Self::Admin => MemberRole::MEMBER_ROLE_ADMIN,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Admin => "admin",
        }
    }

    /// The name of a role that a server sent. A newer server may send an unknown one.
    fn word_of(role: EnumValue<MemberRole>) -> &'static str {
        let known = [Self::Reader, Self::Writer, Self::Admin];
        known.into_iter().find(|known| role == known.to_wire()).map_or("unknown", Self::word)
    }
}

#[derive(Serialize)]
struct MemberRow {
    user: String,
    role: &'static str,
}

/// The change of a membership.
#[derive(Serialize)]
struct Changed {
    organization: OwnerName,
    user: OwnerName,
    /// None for a removed member.
    role: Option<RoleArg>,
    /// False if nothing changed.
    changed: bool,
}

impl MemberCommand {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Set(command) => command.run(output),
            Action::Remove(command) => command.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let members = block_on(async { Ok(client.members(&self.organization).await?) })?;
        let shown: Vec<_> = members.into_iter().map(row).collect();
        let cells = || shown.iter().map(|shown| [shown.user.clone(), shown.role.into()]).collect();
        output.result(&shown, || table(["USER", "ROLE"], cells()))?;
        Ok(())
    }
}

impl Set {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let role = self.role.to_wire();
        let changed = block_on(async { Ok(client.set_member(&self.organization, &self.user, role).await?) })?;
        let Self { organization, user, role, .. } = self;
        let state = if changed { "now" } else { "already" };
        let line = format!("{user} is {state} {} of {organization}", role.word());
        output.result(&Changed { organization, user, role: Some(role), changed }, || vec![line])?;
        Ok(())
    }
}

impl Remove {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let changed = block_on(async { Ok(client.remove_member(&self.organization, &self.user).await?) })?;
        let Self { organization, user, .. } = self;
        let line = match changed {
            true => format!("{user} is not a member of {organization} any more"),
            false => format!("{user} was no member of {organization}"),
        };
        output.result(&Changed { organization, user, role: None, changed }, || vec![line])?;
        Ok(())
    }
}

fn row(member: Member) -> MemberRow {
    MemberRow { role: RoleArg::word_of(member.role), user: member.user }
}
