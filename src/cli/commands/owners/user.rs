//! `registry user`: lists users; administrators create, disable and enable them.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::gate::{self, GateRow};
use crate::cli::output::wire_text;
use crate::cli::output::{Output, table};
use crate::model::{OwnerName, UniqueNames};
use crate::wire::buf::registry::owner::v1::{User, UserInstanceRole, UserState, UserType};

const EXAMPLES: &str = "\
Examples:
  registry user create pat
  registry token create --user pat --scope write
      what pat logs in with
  registry organization member set acme pat --role writer
  registry user disable pat  no token and no session of pat is accepted
  registry user list";

const UPDATE_EXAMPLES: &str = "\
Examples:
  registry user update pat --breaking refuse:wire_json,rust
  registry user update pat --breaking default  what the server says
  registry user update pat --unique-names warn

A module's own gate comes first; `registry module update --help` names the words
of one.";

/// List, create, change and disable users
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct UserCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List users, the newest first
    List(List),
    /// Create a user, as an administrator
    Create(Create),
    /// Change what holds for a user's own modules
    Update(Update),
    /// Refuse a user's tokens and sessions at once, as an administrator
    Disable(Switch),
    /// Accept a disabled user's tokens again, as an administrator
    Enable(Switch),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
struct Create {
    /// The user's name, which is also the first part of the names of the user's modules
    user: OwnerName,
    /// The user is a program, such as a CI job
    #[arg(long)]
    bot: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Args)]
#[command(after_help = UPDATE_EXAMPLES, override_usage = "registry user update [OPTIONS] <USER>")]
struct Update {
    /// The user; the settings of others take an administrator
    user: OwnerName,
    #[command(flatten)]
    changes: SettingsChanges,
    #[command(flatten)]
    server: ServerArgs,
}

/// What changes; the rest stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct SettingsChanges {
    /// The gate before a release of the user's modules; repeatable, `default` takes it back
    #[arg(long, value_name = "GATE", value_parser = gate::given)]
    breaking: Vec<String>,
    /// What is done with types and files that another module of the user has: off, warn or refuse
    #[arg(long, value_name = "HOW")]
    unique_names: Option<UniqueNames>,
}

#[derive(Debug, Args)]
struct Switch {
    /// The user
    user: OwnerName,
    #[command(flatten)]
    server: ServerArgs,
}

/// What holds for a user's modules that say nothing of their own.
#[derive(Serialize)]
struct SettingsRow {
    user: OwnerName,
    breaking: GateRow,
    unique_names: String,
}

#[derive(Serialize)]
struct UserRow {
    user: String,
    bot: bool,
    administrator: bool,
    disabled: bool,
    created: Option<String>,
}

impl UserCommand {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.action {
            Action::List(command) => command.run(output),
            Action::Create(command) => command.run(output),
            Action::Update(command) => command.run(output),
            Action::Disable(command) => command.run(UserState::USER_STATE_INACTIVE, output),
            Action::Enable(command) => command.run(UserState::USER_STATE_ACTIVE, output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let users = block_on(async { Ok(client.users().await?) })?;
        let shown: Vec<_> = users.into_iter().map(row).collect();
        output.result(&shown, || rows(&shown))?;
        Ok(())
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.admin_client()?;
        let kind = if self.bot { UserType::USER_TYPE_BOT } else { UserType::USER_TYPE_STANDARD };
        let user = row(block_on(async { Ok(client.create_user(&self.user, kind).await?) })?);
        output.result(&user, || {
            let next = format!("next: registry token create --user {} --scope write", user.user);
            vec![format!("created {}", user.user), next]
        })?;
        Ok(())
    }
}

impl Update {
    fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let SettingsChanges { breaking, unique_names } = self.changes;
        let (gate, unique_names) = (gate::words(&breaking), unique_names.map(|word| word.to_string()));
        let settings = block_on(async { Ok(client.update_owner_settings(&self.user, gate, unique_names).await?) })?;
        let shown =
            SettingsRow { user: self.user, breaking: settings.gate.into(), unique_names: settings.unique_names };
        output.result(&shown, || {
            let gate = format!("{:<14}{}", "breaking", shown.breaking.line());
            vec![format!("updated {}", shown.user), gate, format!("{:<14}{}", "unique names", shown.unique_names)]
        })?;
        Ok(())
    }
}

impl Switch {
    fn run(self, state: UserState, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.admin_client()?;
        let user = row(block_on(async { Ok(client.set_user_state(&self.user, state).await?) })?);
        let done = if user.disabled { "disabled" } else { "enabled" };
        output.result(&user, || vec![format!("{done} {}", user.user)])?;
        Ok(())
    }
}

fn row(user: User) -> UserRow {
    UserRow {
        bot: user.r#type == UserType::USER_TYPE_BOT,
        administrator: user.user_instance_role == UserInstanceRole::USER_INSTANCE_ROLE_ADMIN,
        disabled: user.state == UserState::USER_STATE_INACTIVE,
        created: wire_text::time(user.create_time.as_option()),
        user: user.name,
    }
}

fn rows(users: &[UserRow]) -> Vec<String> {
    let note = |user: &UserRow| {
        let kinds = [(user.administrator, "administrator"), (user.bot, "bot"), (user.disabled, "disabled")];
        let kinds: Vec<_> = kinds.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
        kinds.join(", ")
    };
    let cells = users.iter().map(|user| [user.user.clone(), user.created.clone().unwrap_or_default(), note(user)]);
    table(["USER", "CREATED", "NOTE"], cells.collect())
}
