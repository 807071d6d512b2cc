//! One file or folder per command, by what the command is about.

mod crates;
mod modules;
mod operate;
mod owners;
mod serving;
mod setup;

use clap::Subcommand;

use crate::cli::error::CliError;
use crate::cli::output::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Serve(serving::serve::Serve),
    Exec(serving::exec::Exec),
    Login(setup::login::Login),
    Logout(setup::login::Logout),
    Whoami(setup::login::Whoami),
    Server(setup::login::ServerCommand),
    Init(setup::init::Init),
    Push(modules::push::Push),
    Compare(modules::compare::Compare),
    Search(modules::search::Search),
    Open(modules::open::Open),
    Doctor(setup::doctor::Doctor),
    Mirror(modules::mirror::Mirror),
    Env(setup::env::Env),
    Generate(crates::generate::Generate),
    Export(crates::export::Export),
    Sdk(crates::sdk::SdkCommand),
    Interest(crates::interest::InterestCommand),
    Module(modules::module::ModuleCommand),
    Label(modules::label::LabelCommand),
    Webhook(modules::webhook::WebhookCommand),
    Organization(owners::organization::OrganizationCommand),
    User(owners::user::UserCommand),
    Plugin(crates::plugin::PluginCommand),
    Token(owners::token::TokenCommand),
    Status(operate::status::Status),
    Audit(operate::audit::Audit),
    Healthcheck(operate::healthcheck::Healthcheck),
    Backup(operate::upkeep::Backup),
    Restore(operate::upkeep::Restore),
    Migrate(operate::upkeep::Migrate),
    Verify(operate::upkeep::Verify),
    Repair(operate::upkeep::Repair),
    Gc(operate::upkeep::Gc),
    Config(setup::config::Config),
    Completions(setup::completions::Completions),
    Man(setup::man::Man),
    Credential(setup::login::Credential),
    AnswerTask(serving::answer_task::AnswerTask),
}

/// Runs as a credential provider of cargo.
pub(super) fn answer_cargo(output: &mut Output) -> Result<(), CliError> {
    setup::login::answer_cargo(output)
}

/// What to do next, for `registry` alone.
pub(super) fn tell_next_steps(output: &mut Output) -> Result<(), CliError> {
    setup::next_steps::tell(output)
}

impl Command {
    /// Runs the command; `program` is the whole command line, for those that describe it.
    pub(super) fn run(self, program: impl FnOnce() -> clap::Command, output: &mut Output) -> Result<(), CliError> {
        match self {
            Self::Serve(command) => command.run(output),
            Self::Exec(command) => command.run(output),
            Self::Login(command) => command.run(output),
            Self::Logout(command) => command.run(output),
            Self::Whoami(command) => command.run(output),
            Self::Server(command) => command.run(output),
            Self::Init(command) => command.run(output),
            Self::Push(command) => command.run(output),
            Self::Compare(command) => command.run(output),
            Self::Search(command) => command.run(output),
            Self::Open(command) => command.run(output),
            Self::Doctor(command) => command.run(output),
            Self::Mirror(command) => command.run(output),
            Self::Env(command) => command.run(output),
            Self::Generate(command) => command.run(output),
            Self::Export(command) => command.run(output),
            Self::Sdk(command) => command.run(output),
            Self::Interest(command) => command.run(output),
            Self::Module(command) => command.run(output),
            Self::Label(command) => command.run(output),
            Self::Webhook(command) => command.run(output),
            Self::Organization(command) => command.run(output),
            Self::User(command) => command.run(output),
            Self::Plugin(command) => command.run(output),
            Self::Token(command) => command.run(output),
            Self::Status(command) => command.run(output),
            Self::Audit(command) => command.run(output),
            Self::Healthcheck(command) => command.run(output),
            Self::Backup(command) => command.run(output),
            Self::Restore(command) => command.run(output),
            Self::Migrate(command) => command.run(output),
            Self::Verify(command) => command.run(output),
            Self::Repair(command) => command.run(output),
            Self::Gc(command) => command.run(output),
            Self::Config(command) => command.run(output),
            Self::Completions(command) => command.run(program(), output),
            Self::Man(command) => command.run(program(), output),
            Self::Credential(command) => command.run(output),
            Self::AnswerTask(command) => command.run(),
        }
    }
}
