//! `registry mirror`: a module of another registry, or of a directory, comes in under its owner and name.

mod report;
mod source;

use std::path::PathBuf;

use clap::Args;

use crate::client::{Client, ClientError, ImportedCommit, Outline};
use crate::config::Environment;
use crate::config::source::find_source;
use crate::model::{CommitId, ForeignCommit, LabelName};
use crate::module::DependencyRef;
use crate::wire::buf::registry::module::v1::ModuleVisibility;

use super::error::CliError;
use super::module::VisibilityArg;
use super::output::Output;
use super::progress::Progress;
use super::push::Push;
use super::push::create::Created;
use super::server_args::{ServerArgs, block_on};
use report::{Report, Taken};
use source::{Wanted, What};

const EXAMPLES: &str = "\
Examples:
  registry mirror buf.build/googleapis/googleapis             the head of its default label
  registry mirror buf.build/googleapis/googleapis:COMMIT      what a buf.lock names
  registry mirror buf.build/COMMIT                            the same, for a commit that a push misses
  registry mirror old.example/acme/pets --from http://127.0.0.1:8780
  registry mirror buf.build/acme/pets --from ./pets           sources from a directory: a push as any other

From a registry, commits keep their ids, digests and times, and all that they depend on comes along, so a
buf.lock that names them holds here too. The server checks the content against the digest. The default label
here follows the newest commit that was mirrored; a label other than the default one is mirrored as that label.
What a module's registry.yaml asks for comes along from another server of this kind.";

/// Take a module of another registry in, with its commit ids and all that it depends on
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Mirror {
    /// The module there, at a label or commit [default: the head of its default label], or a commit alone
    #[arg(value_name = "HOST/OWNER/MODULE[:REF]")]
    wanted: Wanted,
    /// Address of the registry, or a directory of sources [default: https://HOST]
    #[arg(long, value_name = "URL|DIR")]
    from: Option<String>,
    /// Token for the other registry [env: REGISTRY_SOURCE_TOKEN] [default: that of HOST in BUF_TOKEN, else none]
    #[arg(long, value_name = "TOKEN")]
    source_token: Option<String>,
    /// Who may read modules that are created [default: as there; private for a directory]
    #[arg(long, value_enum)]
    visibility: Option<VisibilityArg>,
    #[command(flatten)]
    server: ServerArgs,
}

impl Mirror {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        if let Some(directory) = self.from.as_ref().filter(|from| !from.contains("://")) {
            let directory = PathBuf::from(directory);
            return self.push(directory)?.run(output);
        }
        let (host, token) = (&self.wanted.host, self.source_token.as_deref());
        let address = find_source(host, self.from.as_deref(), token, &Environment::of_process())?;
        let source = Client::new(&address.url, address.token).map_err(CliError::Source)?;
        let target = self.server.client()?;
        let mut progress = Progress::new(output.can_draw());
        let report = block_on(self.mirror(&source, &target, &mut progress))?;
        drop(progress);
        report.print(output)
    }

    /// A directory has no commits to keep the ids of.
    fn push(self, directory: PathBuf) -> Result<Push, CliError> {
        let What::Module(DependencyRef { module, reference, .. }) = self.wanted.what else {
            let message = "a directory holds no commits; name the module that it is, as HOST/OWNER/MODULE";
            return Err(CliError::Refused(message.into()));
        };
        if !directory.is_dir() {
            return Err(CliError::CannotRun(format!(
                "--from {} is neither a directory nor an address; an address begins with https:// or http://",
                directory.display()
            )));
        }
        let label = reference.map(|text| text.parse()).transpose();
        let label = label.map_err(|error: crate::model::LabelError| CliError::Refused(error.to_string()))?;
        let visibility = self.visibility.unwrap_or(VisibilityArg::Private);
        Ok(Push::of_directory(directory, module, label, visibility, self.server))
    }

    async fn mirror(&self, source: &Client, target: &Client, progress: &mut Progress) -> Result<Report, CliError> {
        progress.step(format!("asking {}", source.url()));
        let root = self.root(source).await.map_err(CliError::Source)?;
        let outline = source.outline(root).await.map_err(CliError::Source)?;
        let all = outline.commits.len();
        let mut taken = Vec::with_capacity(all);
        for (at, commit) in outline.commits.iter().enumerate() {
            progress.step(format!("{} of {all}: {}:{}", at + 1, commit.module, commit.id));
            let labels = if commit.id == root { self.labels(&outline, commit)? } else { vec![] };
            taken.push(self.take(source, target, &outline, commit, &labels).await?);
        }
        progress.step("asking for the crates".into());
        let sdks = match outline.commits.last() {
            Some(commit) => target.sdks(&commit.module, &commit.id.to_string(), None).await?,
            None => vec![],
        };
        Ok(Report::new(taken, sdks))
    }

    async fn root(&self, source: &Client) -> Result<CommitId, ClientError> {
        let module = match &self.wanted.what {
            What::Commit(commit) => return Ok(*commit),
            What::Module(module) => module,
        };
        let reference = module.reference.clone().unwrap_or_default();
        let found = source.commits(&[(module.module.clone(), reference)]).await?;
        let missing = || ClientError::Malformed { url: source.url().into(), what: "it holds no commit".into() };
        found.first().map(|commit| commit.id).ok_or_else(missing)
    }

    /// A label other than the default one is mirrored as that; everything else goes to the default label.
    fn labels(&self, outline: &Outline, root: &ForeignCommit) -> Result<Vec<LabelName>, CliError> {
        let What::Module(DependencyRef { reference: Some(reference), .. }) = &self.wanted.what else {
            return Ok(vec![]);
        };
        if reference.parse::<CommitId>().is_ok() {
            return Ok(vec![]);
        }
        let label: LabelName =
            reference.parse().map_err(|error: crate::model::LabelError| CliError::Refused(error.to_string()))?;
        let default = outline.module(root).is_some_and(|module| module.default_label == label);
        Ok(if default { vec![] } else { vec![label] })
    }

    /// Takes one commit in; what it needs is there.
    async fn take(
        &self,
        source: &Client,
        target: &Client,
        outline: &Outline,
        commit: &ForeignCommit,
        labels: &[LabelName],
    ) -> Result<Taken, CliError> {
        let mut created = Created::default();
        if let Some(module) = outline.module(commit) {
            created.ensure(target, &module.name, self.visibility(module.public), Some(&module.default_label)).await?;
        }
        match self.import(source, target, commit, labels).await {
            Ok(imported) => Ok(Taken::new(commit, imported)),
            Err(error) => {
                created.take_back(target).await;
                Err(error)
            }
        }
    }

    async fn import(
        &self,
        source: &Client,
        target: &Client,
        commit: &ForeignCommit,
        labels: &[LabelName],
    ) -> Result<ImportedCommit, CliError> {
        // What is there is not sent again; whether it is the same, the server says.
        let sent = match target.has_commit(commit.id).await? {
            true => commit.clone(),
            false => source.with_files(commit.clone()).await.map_err(CliError::Source)?,
        };
        Ok(target.import_commit(sent, labels).await?)
    }

    fn visibility(&self, public: bool) -> ModuleVisibility {
        let there = if public { VisibilityArg::Public } else { VisibilityArg::Private };
        self.visibility.unwrap_or(there).into()
    }
}
