//! `registry push --dry-run`: compiles, compares with what the labels hold, and stores nothing.

use serde::Serialize;

use crate::cli::commands::modules::compare::report::{Comparison, fail_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::gate::GateRow;
use crate::client::{Client, PushDependency, PushDirectory, breaking_rules, compared_commit};
use crate::model::{BreakingCategory, LabelName, ModuleName};
use crate::wire::registry::v1::CompareRequest;

/// The result of a dry run. `--json` prints these fields.
#[derive(Debug, Serialize)]
pub(super) struct DryRun {
    modules: Vec<Comparison>,
    dependencies: Vec<PushDependency>,
    /// What the gates of the modules would refuse.
    refused: Vec<String>,
    /// Names that other modules have, if their owner refuses that.
    refused_names: Vec<String>,
    /// Names that other modules have, if their owner warns of that.
    warnings: Vec<String>,
}

impl DryRun {
    /// Compares each module of the directory with the head of the first of `labels`, or of its default label.
    pub(super) async fn of(
        client: &Client,
        directory: PushDirectory,
        labels: &[LabelName],
        allow_breaking: bool,
    ) -> Result<Self, CliError> {
        let compared = client.compared_directory(directory).await?;
        let reference = labels.first().map(ToString::to_string).unwrap_or_default();
        let references: Vec<_> =
            compared.modules.iter().map(|(module, ..)| (module.clone(), reference.clone())).collect();
        let heads = client.each_commit(&references).await?;
        let (mut modules, mut refused) = (vec![], vec![]);
        let (mut refused_names, mut warnings) = (vec![], vec![]);
        for ((module, new, config), head) in compared.modules.into_iter().zip(heads) {
            let old = head.is_ok().then(|| compared_commit(&module, &reference));
            let old_name = match (&old, reference.as_str()) {
                (None, _) => "nothing".into(),
                (Some(_), "") => module.to_string(),
                (Some(_), label) => format!("{module}:{label}"),
            };
            let rules = breaking_rules(&config.of_categories(&BreakingCategory::ALL)).into();
            let as_release = is_release(client, &module, labels).await?;
            let request = CompareRequest { old: old.into(), new: new.into(), rules, as_release };
            let mut response = client.compare(request).await.map_err(|error| compared.origins.locate(error))?;
            let names = std::mem::take(&mut response.taken_names);
            if response.names_refused {
                refused_names.push(names);
            } else if !names.is_empty() {
                warnings.push(names);
            }
            let refusal = std::mem::take(&mut response.gate_refusal);
            if !refusal.is_empty() && !allow_breaking {
                let gate = GateRow::from(client.module_gate(&module).await?).line();
                refused.push(format!("{refusal}\nthe gate is {gate}"));
            }
            modules.push(Comparison::new(old_name, format!("{module} (not pushed)"), response));
        }
        Ok(Self { modules, dependencies: compared.dependencies, refused, refused_names, warnings })
    }

    pub(super) fn print(&self, output: &mut Output, categories: &[BreakingCategory]) -> Result<(), CliError> {
        output.result(self, || self.modules.iter().flat_map(Comparison::lines).collect::<Vec<_>>())?;
        self.warnings.iter().for_each(|warning| output.warn(warning));
        if !self.refused_names.is_empty() {
            return Err(CliError::Refused(format!("would be refused: {}", self.refused_names.join("\n"))));
        }
        if !self.refused.is_empty() {
            let refused = self.refused.join("\n");
            return Err(CliError::Refused(format!(
                "would be refused: {refused}\nan admin of the module may push it with `registry push --allow-breaking`"
            )));
        }
        fail_on(&self.modules.iter().collect::<Vec<_>>(), categories)
    }
}

/// Whether a push to `labels` goes to the default label of the module, or to that of a new one.
async fn is_release(client: &Client, name: &ModuleName, labels: &[LabelName]) -> Result<bool, CliError> {
    let known = client.module(name).await?.map(|module| module.default_label_name);
    let default = known.unwrap_or_else(|| LabelName::main().to_string());
    Ok(labels.is_empty() || labels.iter().any(|label| label.as_str() == default))
}
