//! `registry push`: pushes a directory, and prints the commits and crates.

mod directory;
mod dry_run;
mod report;
mod watch;

use std::path::PathBuf;

use crate::client::{Client, PushDirectory, PushOptions, PushStep, PushedDirectory};
use crate::model::{BreakingCategory, LabelName, ModuleName};
use clap::Args;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::commands::crates::sdk::wait::settled;
use crate::cli::commands::modules::module::VisibilityArg;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::cli::output::wire_text;
use crate::wire::buf::registry::module::v1::ModuleVisibility;
use dry_run::DryRun;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  registry push ./proto --module acme/pets --create
      a plain directory of .proto files
  registry push                    a module or workspace with a buf.yaml
  registry push --label next       not released: only for those who ask
  registry push --dry-run --fail-on wire_json,rust
      compile and compare, store nothing
  registry push --fail-on-sdk      in CI: waits for the crates
  registry push --watch --no-wait  each save, to a label of your name
  registry push --json | jq -r '.modules[].sdks[].cargo_add'

A commit that is pushed to the module's default label is a release: cargo finds
its crates without asking for a version. Dependencies are taken from buf.lock if
there is one, else the latest commit of their default labels. All come from this
registry, whatever the host in their names: `registry mirror` takes in those of
others.";

/// Push the modules of a directory, and print their crates
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Push {
    /// A directory of .proto files, a module (buf.yaml), or a workspace (buf.yaml v2, buf.work.yaml)
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Name of the module, as owner/name [default: the name in buf.yaml]
    #[arg(long, value_name = "OWNER/NAME")]
    module: Option<ModuleArg>,
    /// Label to move to the new commit; repeat it for more [default: the module's default label]
    #[arg(long = "label", value_name = "LABEL", value_delimiter = ',')]
    labels: Vec<LabelName>,
    /// Create modules that do not exist, and their organization if you may
    #[arg(long)]
    create: bool,
    /// Who may read modules that --create creates [default: private]
    #[arg(long, value_enum, requires = "create")]
    visibility: Option<VisibilityArg>,
    /// URL of the sources, shown with the commit
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    source_control_url: String,
    /// Compile, compare with the label's head, and store nothing
    #[arg(long, conflicts_with_all = ["create", "wait", "fail_on_sdk"])]
    dry_run: bool,
    /// With --dry-run: exit with code 1 if something breaks in this category: file, package, wire_json, wire, csr, rust
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',', requires = "dry_run")]
    fail_on: Vec<BreakingCategory>,
    /// Push even what the server refuses because it breaks users; for admins of the module, and recorded
    #[arg(long)]
    allow_breaking: bool,
    /// Push each time when a file is saved, to a label of your name unless --label says another
    #[arg(long, conflicts_with_all = ["dry_run", "fail_on_sdk"])]
    watch: bool,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    server: ServerArgs,
}

impl Push {
    /// A push of one directory as this module, which is created if it does not exist.
    pub(in crate::cli) fn of_directory(
        directory: PathBuf,
        module: ModuleName,
        label: Option<LabelName>,
        visibility: Option<VisibilityArg>,
        server: ServerArgs,
    ) -> Self {
        let labels = label.into_iter().collect();
        let (module, source_control_url) = (Some(module.into()), String::new());
        Self {
            directory,
            module,
            labels,
            create: true,
            visibility,
            source_control_url,
            dry_run: false,
            fail_on: vec![],
            allow_breaking: false,
            watch: false,
            waiting: Waiting::default(),
            server,
        }
    }

    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let client = if self.allow_breaking { client.allowing_breaking() } else { client };
        let client = if self.waiting.is_left_to_the_server() { client } else { client.without_waiting() };
        let module = self.module.as_ref().map(|module| module.at(&client)).transpose()?;
        let read = || PushDirectory::read(&self.directory, module.clone());
        if self.watch {
            let labels = self.labels_to_watch(&client)?;
            output.say(format!("watching {}; each save is pushed to {}", self.directory.display(), names(&labels)));
            let push = |directory, output: &mut Output| self.push(&client, directory, labels.clone(), output);
            return watch::watch(&self.directory, read, push, output);
        }
        let mut progress = Progress::new(output.can_draw());
        progress.step(format!("reading {}", self.directory.display()));
        let directory = read()?;
        drop(progress);
        directory::tell(&directory, module.as_ref(), output);
        if self.dry_run {
            return self.try_out(&client, directory, output);
        }
        self.push(&client, directory, self.labels.clone(), output)
    }

    fn try_out(&self, client: &Client, directory: PushDirectory, output: &mut Output) -> Result<(), CliError> {
        let mut progress = Progress::new(output.can_draw());
        progress.step("compiling and comparing".into());
        let dry_run = block_on(DryRun::of(client, directory, &self.labels, self.allow_breaking))?;
        drop(progress);
        dry_run.print(output, &self.fail_on)
    }

    fn push(
        &self,
        client: &Client,
        directory: PushDirectory,
        labels: Vec<LabelName>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let mut progress = Progress::new(output.can_draw());
        let options = PushOptions {
            module: None,
            labels,
            create: self.create.then(|| self.visibility.unwrap_or(VisibilityArg::Private).into()),
            source_control_url: self.source_control_url.clone(),
        };
        let (pushed, unlisted) = block_on(async {
            if let Some(visibility) = self.visibility {
                require_visibility(client, &directory.modules(), visibility.into()).await?;
            }
            let mut on_step = |step| progress.step(describe(step));
            let mut pushed = client.push(directory, &options, &mut on_step).await?;
            let mut unlisted = pushed.unlisted.take().map(CliError::from);
            if self.waiting.is_for_all() && unlisted.is_none() {
                for module in &mut pushed.modules {
                    match settled(client, std::mem::take(&mut module.sdks), &mut progress).await {
                        Ok(sdks) => module.sdks = sdks,
                        Err(error) => unlisted = Some(error),
                    }
                }
            }
            Ok((pushed, unlisted))
        })?;
        drop(progress);
        if let Some(error) = unlisted {
            return self.report_unlisted(pushed, &options.labels, client.url(), &error, output);
        }
        Report::new(pushed, &options.labels, client.url()).print(self.waiting.fail_on_sdk, output)
    }

    /// Tells of a push that is stored, and whose crates could not be listed: that is no failure, unless it is asked
    /// whether they are made.
    fn report_unlisted(
        &self,
        pushed: PushedDirectory,
        labels: &[LabelName],
        server: &str,
        error: &CliError,
        output: &mut Output,
    ) -> Result<(), CliError> {
        Report::new(pushed, labels, server).print(false, output)?;
        let message = format!(
            "the push is stored, but its crates could not be listed: {error}; `registry sdk status MODULE` lists them"
        );
        if self.waiting.is_for_all() {
            return Err(CliError::CannotRun(message));
        }
        output.warn(message);
        Ok(())
    }

    /// The labels of `--watch`: those that were named, else one of the user's name, so that no save is a release.
    fn labels_to_watch(&self, client: &Client) -> Result<Vec<LabelName>, CliError> {
        if !self.labels.is_empty() {
            return Ok(self.labels.clone());
        }
        let user = block_on(async { Ok(client.current_user().await?) })?.name;
        let label = user.parse().map_err(|_| {
            CliError::Refused(format!("the name of user {user} is no label; name the label to push to with --label"))
        })?;
        Ok(vec![label])
    }
}

fn names(labels: &[LabelName]) -> String {
    let names: Vec<_> = labels.iter().map(|label| format!("label {label}")).collect();
    names.join(", ")
}

/// How long the command waits for the crates. Without a word, as long as the server's reply does.
#[derive(Debug, Default, Args)]
struct Waiting {
    /// Wait until every crate is made or has failed [default: as long as the server's --push-wait]
    #[arg(long)]
    wait: bool,
    /// Do not wait for the crates
    #[arg(long, conflicts_with_all = ["wait", "fail_on_sdk"])]
    no_wait: bool,
    /// Wait for the crates, and exit with code 1 if one of them failed; the push itself stays
    #[arg(long)]
    fail_on_sdk: bool,
}

impl Waiting {
    fn is_for_all(&self) -> bool {
        self.wait || self.fail_on_sdk
    }

    fn is_left_to_the_server(&self) -> bool {
        !self.is_for_all() && !self.no_wait
    }
}

/// Refuses to push to modules that others may read than `visibility` says: `--create` leaves them as they are.
async fn require_visibility(
    client: &Client,
    modules: &[ModuleName],
    visibility: ModuleVisibility,
) -> Result<(), CliError> {
    for name in modules {
        if let Some(module) = client.module(name).await?
            && module.visibility != visibility
        {
            let (is, wanted) = (wire_text::visibility(module.visibility), wire_text::visibility(visibility.into()));
            return Err(CliError::Refused(format!(
                "module {name} exists and is {is}; to change that: registry module update {name} --visibility {wanted}"
            )));
        }
    }
    Ok(())
}

fn describe(step: PushStep) -> String {
    match step {
        PushStep::ResolvingDependencies => "resolving dependencies".into(),
        PushStep::Uploading(files) => format!("pushing {files} files, and compiling them"),
        PushStep::ListingSdks => "listing the crates".into(),
    }
}
