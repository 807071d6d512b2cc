//! `registry mirror`: imports a module of another registry, or of a directory, under its owner and name.

mod report;

use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::{Client, MirrorOptions, MirrorRef, MirrorStep, MirrorTarget};
use crate::config::Environment;
use crate::config::mirror_source::find_source;
use crate::model::{LabelError, MirrorPart};
use crate::module::DependencyRef;
use crate::wire::buf::registry::module::v1::ModuleVisibility;

use crate::cli::commands::modules::module::VisibilityArg;
use crate::cli::commands::modules::push::Push;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  registry mirror buf.build/googleapis/googleapis
      the head of its default label
  registry mirror buf.build/googleapis/googleapis:COMMIT   what a buf.lock names
  registry mirror buf.build/acme/pets buf.build/acme/shop  one after the other
  registry mirror buf.build/acme/pets --all-labels
      the heads of all its labels
  registry mirror buf.build/COMMIT
      the same, for a commit that a push misses
  registry mirror old.example/acme/pets --from http://127.0.0.1:8780
  registry mirror old.example/acme/pets --with organization,members,interests
  registry mirror buf.build/acme/pets --from ./pets
      sources from a directory: a push as any other

From a registry, commits keep their ids, digests and times, and come with all
their dependencies, so a buf.lock that names them holds here too. The server
checks the content against the digest. The default label here follows the newest
commit that was mirrored; a label other than the default one is mirrored as that
label. Another registry of this kind sends the registry.yaml of the commits too.

Description, address and deprecation of the modules follow, and a module that
became private there becomes private here. More is taken over when asked, of
the named module alone:
  --with visibility     what became public there becomes public here
  --with organization   description and address of the organization
  --with members        users of the same names get the roles that members have
                        there; nobody is created, and nobody else loses a role
  --with interests      what is kept generated there is kept generated here
What cannot be taken over is told. Everything is in the audit log.";

/// Import a module of another registry, with its dependencies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Mirror {
    /// The module, at a label or commit [default: the head of its default label], or a commit alone
    #[arg(value_name = "HOST/OWNER/MODULE[:REF]", required = true)]
    wanted: Vec<MirrorRef>,
    /// Import the heads of all labels that are not archived, for modules without a reference
    #[arg(long)]
    all_labels: bool,
    /// Address of the registry, or a directory of sources [default: https://HOST]
    #[arg(long, value_name = "URL|DIR")]
    from: Option<String>,
    /// Token for the other registry [env: REGISTRY_SOURCE_TOKEN] [default: the token of HOST in BUF_TOKEN, else that of the login for HOST, else none]
    #[arg(long, value_name = "TOKEN")]
    source_token: Option<String>,
    /// Also take over, comma-separated: visibility, organization, members, interests
    #[arg(long = "with", value_name = "PARTS", value_delimiter = ',')]
    parts: Vec<MirrorPart>,
    /// Who may read modules that are created, which stays so [default: as in the other registry; private for a directory]
    #[arg(long, value_enum)]
    visibility: Option<VisibilityArg>,
    #[command(flatten)]
    server: ServerArgs,
}

impl Mirror {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        if let Some(directory) = self.from.as_ref().filter(|from| !from.contains("://")) {
            let directory = PathBuf::from(directory);
            return self.push(directory)?.run(output);
        }
        let target = self.server.client()?;
        let visibility = self.visibility.map(ModuleVisibility::from);
        let options = MirrorOptions { all_labels: self.all_labels, visibility, parts: self.parts };
        let mut progress = Progress::new(output.can_draw());
        let mut report = Report::default();
        for wanted in &self.wanted {
            let (host, token) = (&wanted.host, self.source_token.as_deref());
            let address = find_source(host, self.from.as_deref(), token, &Environment::of_process())?;
            let source = Client::new(&address.url, address.token).map_err(CliError::Source)?;
            let mut on_step = |step| progress.step(describe(&step, source.url()));
            let mirrored =
                block_on(async { Ok(target.mirror(&source, &wanted.target, &options, &mut on_step).await?) })?;
            report.add(mirrored);
        }
        drop(progress);
        report.print(output)
    }

    /// The push that replaces a mirror of a directory, which has no commits with ids to keep.
    fn push(self, directory: PathBuf) -> Result<Push, CliError> {
        let mut wanted = self.wanted.into_iter().map(|wanted| wanted.target);
        let (Some(MirrorTarget::Module(DependencyRef { module, reference, .. })), None) =
            (wanted.next(), wanted.next())
        else {
            let message = "a directory is one module and holds no commits; name the module that it is, as \
                           HOST/OWNER/MODULE";
            return Err(CliError::Refused(message.into()));
        };
        if let Some(part) = self.parts.first() {
            return Err(CliError::Refused(format!("a directory says nothing of {part}; leave --with out")));
        }
        if !directory.is_dir() {
            return Err(CliError::CannotRun(format!(
                "--from {} is neither a directory nor an address; an address begins with https:// or http://",
                directory.display()
            )));
        }
        let label = reference.map(|text| text.parse()).transpose();
        let label = label.map_err(|error: LabelError| CliError::Refused(error.to_string()))?;
        Ok(Push::of_directory(directory, module, label, self.visibility, self.server))
    }
}

fn describe(step: &MirrorStep, source: &str) -> String {
    match step {
        MirrorStep::Outlining => format!("reading commits from {source}"),
        MirrorStep::Importing { number, all, module, commit } => format!("{number} of {all}: {module}:{commit}"),
        MirrorStep::TakingOver { module } => format!("taking over what {source} says of {module}"),
        MirrorStep::ListingSdks => "listing the crates".into(),
    }
}
