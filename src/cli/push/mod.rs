//! `registry push`: a directory becomes commits, and those crates.

mod contents;
pub(super) mod create;
mod dependencies;
mod report;

use std::path::PathBuf;

use clap::Args;
use connectrpc::ErrorCode;

use crate::client::{Client, ClientError, UploadContent, Uploaded};
use crate::model::{LabelName, Limits, ModuleName};
use crate::module::{self, Workspace};

use super::error::CliError;
use super::module::VisibilityArg;
use super::output::Output;
use super::progress::Progress;
use super::server_args::{ServerArgs, block_on};
use create::Created;
use dependencies::Resolved;
use report::{PushedModule, Report};

const EXAMPLES: &str = "\
Examples:
  registry push ./proto --module acme/pets --create          a plain directory of .proto files
  registry push                                              a module or workspace with a buf.yaml
  registry push --label next                                 not released: only for those who ask
  registry push --json | jq -r '.modules[].sdks[].cargo_add'

A commit that is pushed to the module's default label is a release: cargo finds its crates without
asking for a version. Dependencies are taken from buf.lock if there is one, else the latest commit of
their default labels. All come from this registry, whatever the host in their names: `registry mirror`
takes in those of others.";

/// What can be read of a directory: the limits that count are the server's, whose refusal names the flag.
const LIMITS: Limits = Limits {
    body: u64::MAX,
    files: 1_000_000,
    file: 1 << 30,
    nesting: u64::MAX,
    compile_memory: u64::MAX,
    compile_time: u64::MAX,
    sdk: u64::MAX,
};

/// Push the modules of a directory, and print the crates that come of it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Push {
    /// A directory of .proto files, a module (buf.yaml), or a workspace (buf.yaml v2, buf.work.yaml)
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Name of the module, as owner/name [default: the name in buf.yaml]
    #[arg(long, value_name = "OWNER/NAME")]
    module: Option<ModuleName>,
    /// Label to move to the new commit; repeat it for more [default: the module's default label]
    #[arg(long = "label", value_name = "LABEL", value_delimiter = ',')]
    labels: Vec<LabelName>,
    /// Create modules that do not exist, and their organization if you may
    #[arg(long)]
    create: bool,
    /// Who may read modules that --create makes
    #[arg(long, value_enum, default_value_t = VisibilityArg::Private, requires = "create")]
    visibility: VisibilityArg,
    /// Where the sources are kept, to be shown with the commit
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    source_control_url: String,
    #[command(flatten)]
    server: ServerArgs,
}

impl Push {
    /// A push of one directory as this module, which is created if it is missing.
    pub(super) fn of_directory(
        directory: PathBuf,
        module: ModuleName,
        label: Option<LabelName>,
        visibility: VisibilityArg,
        server: ServerArgs,
    ) -> Self {
        let labels = label.into_iter().collect();
        let (module, source_control_url) = (Some(module), String::new());
        Self { directory, module, labels, create: true, visibility, source_control_url, server }
    }

    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let mut progress = Progress::new(output.can_draw());
        progress.step(format!("reading {}", self.directory.display()));
        let mut workspace = module::read(&self.directory, &LIMITS)?;
        let contents = contents::choose(&mut workspace, self.module.clone())?;
        let report = block_on(self.push(&client, &workspace, contents, &mut progress))?;
        drop(progress);
        report.print(output)
    }

    async fn push(
        &self,
        client: &Client,
        workspace: &Workspace,
        contents: Vec<contents::Content>,
        progress: &mut Progress,
    ) -> Result<Report, CliError> {
        let names: Vec<_> = contents.iter().map(|content| content.module.clone()).collect();
        progress.step("resolving dependencies".into());
        let dependencies = dependencies::resolve(client, workspace, &names).await?;
        let mut created = Created::default();
        for name in names.iter().filter(|_| self.create) {
            created.ensure(client, name, self.visibility.into(), None).await?;
        }
        let files: usize = contents.iter().map(|content| content.snapshot.files().len()).sum();
        progress.step(format!("pushing {files} files; the reply waits for the crates"));
        let uploaded = match self.upload(client, contents, &dependencies).await {
            Ok(uploaded) => uploaded,
            Err(refused) => {
                created.take_back(client).await;
                return Err(refused);
            }
        };
        progress.step("asking for the crates".into());
        self.report(client, names, uploaded, dependencies).await
    }

    async fn upload(
        &self,
        client: &Client,
        contents: Vec<contents::Content>,
        dependencies: &Resolved,
    ) -> Result<Uploaded, CliError> {
        let content = |content: contents::Content| UploadContent {
            module: content.module,
            snapshot: content.snapshot,
            labels: self.labels.clone(),
            source_control_url: self.source_control_url.clone(),
        };
        let contents = contents.into_iter().map(content).collect();
        let uploaded = client.upload(contents, &dependencies.commits()).await;
        uploaded.map_err(|error| dependencies.explain(&error, client).unwrap_or_else(|| self.explain(error)))
    }

    /// A module that does not exist is most often a first push.
    fn explain(&self, error: ClientError) -> CliError {
        if !self.create && error.code() == Some(ErrorCode::NotFound) {
            return CliError::Refused(format!("{error} (--create makes modules that do not exist yet)"));
        }
        error.into()
    }

    async fn report(
        &self,
        client: &Client,
        names: Vec<ModuleName>,
        uploaded: Uploaded,
        dependencies: Resolved,
    ) -> Result<Report, CliError> {
        let mut modules = Vec::with_capacity(names.len());
        for (module, commit) in names.into_iter().zip(uploaded.commits) {
            let sdks = client.sdks(&module, &commit.to_string(), None).await?;
            modules.push(PushedModule::new(&module, commit, &self.labels, sdks));
        }
        modules.sort_by(|a, b| a.module.cmp(&b.module));
        Ok(Report { modules, dependencies: dependencies.chosen, warning: uploaded.warning })
    }
}
