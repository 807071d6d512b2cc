//! One file or folder per command.

mod answer_task;
mod compare;
mod completions;
mod config;
mod env;
mod ephemeral;
mod exec;
mod export;
mod init;
mod interest;
mod label;
mod login;
mod man;
mod mirror;
mod module;
mod next_steps;
mod organization;
mod plugin;
mod push;
mod sdk;
mod serve;
mod token;
mod upkeep;
mod user;

use clap::Subcommand;

use crate::cli::error::CliError;
use crate::cli::output::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Serve(serve::Serve),
    Exec(exec::Exec),
    Login(login::Login),
    Logout(login::Logout),
    Whoami(login::Whoami),
    Server(login::ServerCommand),
    Init(init::Init),
    Push(push::Push),
    Compare(compare::Compare),
    Mirror(mirror::Mirror),
    Env(env::Env),
    Export(export::Export),
    Sdk(sdk::SdkCommand),
    Interest(interest::InterestCommand),
    Module(module::ModuleCommand),
    Label(label::LabelCommand),
    Organization(organization::OrganizationCommand),
    User(user::UserCommand),
    Plugin(plugin::PluginCommand),
    Token(token::TokenCommand),
    Backup(upkeep::Backup),
    Restore(upkeep::Restore),
    Verify(upkeep::Verify),
    Repair(upkeep::Repair),
    Gc(upkeep::Gc),
    Config(config::Config),
    Completions(completions::Completions),
    Man(man::Man),
    Credential(login::Credential),
    AnswerTask(answer_task::AnswerTask),
}

/// Runs as a credential provider of cargo.
pub(super) fn answer_cargo(output: &mut Output) -> Result<(), CliError> {
    login::answer_cargo(output)
}

/// What to do next, for `registry` alone.
pub(super) fn tell_next_steps(output: &mut Output) -> Result<(), CliError> {
    next_steps::tell(output)
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
            Self::Mirror(command) => command.run(output),
            Self::Env(command) => command.run(output),
            Self::Export(command) => command.run(output),
            Self::Sdk(command) => command.run(output),
            Self::Interest(command) => command.run(output),
            Self::Module(command) => command.run(output),
            Self::Label(command) => command.run(output),
            Self::Organization(command) => command.run(output),
            Self::User(command) => command.run(output),
            Self::Plugin(command) => command.run(output),
            Self::Token(command) => command.run(output),
            Self::Backup(command) => command.run(output),
            Self::Restore(command) => command.run(output),
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
