//! `registry mirror`: a module of another registry, or of a directory, comes in under its owner and name.

mod report;
mod source;

use std::path::PathBuf;

use clap::Args;

use super::module::VisibilityArg;
use super::push::Push;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::{Client, CreatedModules, ImportedCommit, Outline};
use crate::config::Environment;
use crate::config::source::find_source;
use crate::model::{ForeignCommit, LabelName};
use crate::module::DependencyRef;
use crate::wire::buf::registry::module::v1::ModuleVisibility;
use crate::wire::buf::registry::module::v1::list_labels_request::ArchiveFilter;
use report::{Report, Taken};
use source::{Wanted, What};

const EXAMPLES: &str = "\
Examples:
  registry mirror buf.build/googleapis/googleapis             the head of its default label
  registry mirror buf.build/googleapis/googleapis:COMMIT      what a buf.lock names
  registry mirror buf.build/acme/pets buf.build/acme/shop     one after the other
  registry mirror buf.build/acme/pets --all-labels            the heads of all its labels
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
pub(in crate::cli) struct Mirror {
    /// The module there, at a label or commit [default: the head of its default label], or a commit alone
    #[arg(value_name = "HOST/OWNER/MODULE[:REF]", required = true)]
    wanted: Vec<Wanted>,
    /// Take the heads of all labels, but for archived ones, of the modules that are named without one
    #[arg(long)]
    all_labels: bool,
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
        let target = self.server.client()?;
        let mut progress = Progress::new(output.can_draw());
        let mut report = Report::default();
        for wanted in &self.wanted {
            let (host, token) = (&wanted.host, self.source_token.as_deref());
            let address = find_source(host, self.from.as_deref(), token, &Environment::of_process())?;
            let source = Client::new(&address.url, address.token).map_err(CliError::Source)?;
            block_on(async {
                for wanted in self.expand(&source, wanted).await? {
                    report.add(self.mirror(&source, &target, &wanted, &mut progress).await?);
                }
                Ok(())
            })?;
        }
        drop(progress);
        report.print(output)
    }

    /// All that is wanted with `wanted`. The default label comes first: a commit that it shares with another one is to
    /// be a release here too.
    async fn expand(&self, source: &Client, wanted: &Wanted) -> Result<Vec<Wanted>, CliError> {
        let What::Module(DependencyRef { module, reference: None, .. }) = &wanted.what else {
            return Ok(vec![wanted.clone()]);
        };
        if !self.all_labels {
            return Ok(vec![wanted.clone()]);
        }
        let default = source.known_module(module).await.map_err(CliError::Source)?.default_label_name;
        let filter = ArchiveFilter::ARCHIVE_FILTER_UNARCHIVED_ONLY;
        let mut labels = source.labels(module, filter).await.map_err(CliError::Source)?;
        labels.sort_by_key(|label| (label.name != default, label.name.clone()));
        Ok(labels.into_iter().map(|label| wanted.at_label(label.name)).collect())
    }

    /// A directory has no commits to keep the ids of.
    fn push(self, directory: PathBuf) -> Result<Push, CliError> {
        let mut wanted = self.wanted.into_iter().map(|wanted| wanted.what);
        let (Some(What::Module(DependencyRef { module, reference, .. })), None) = (wanted.next(), wanted.next()) else {
            let message = "a directory is one module and holds no commits; name the module that it is, as \
                           HOST/OWNER/MODULE";
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

    async fn mirror(
        &self,
        source: &Client,
        target: &Client,
        wanted: &Wanted,
        progress: &mut Progress,
    ) -> Result<Report, CliError> {
        progress.step(format!("asking {}", source.url()));
        let root = wanted.root(source).await.map_err(CliError::Source)?;
        let outline = source.outline(root).await.map_err(CliError::Source)?;
        let all = outline.commits.len();
        let mut taken = Vec::with_capacity(all);
        for (at, commit) in outline.commits.iter().enumerate() {
            progress.step(format!("{} of {all}: {}:{}", at + 1, commit.module, commit.id));
            let labels = if commit.id == root { wanted.labels(&outline, commit)? } else { vec![] };
            taken.push(self.take(source, target, &outline, commit, &labels).await?);
        }
        progress.step("asking for the crates".into());
        let sdks = match outline.commits.last() {
            Some(commit) => target.sdks(&commit.module, &commit.id.to_string(), None).await?,
            None => vec![],
        };
        Ok(Report::new(taken, sdks))
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
        let mut created = CreatedModules::default();
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
