//! What the gate of a module would refuse, for a dry run: the gate before a release is asked for, and applied to a
//! comparison with the head of the default label, as the server does at a push.

use buffa::EnumValue;

use crate::cli::error::CliError;
use crate::cli::output::gate::GateRow;
use crate::client::{Client, ClientError, Origins, breaking_rules, compared_commit};
use crate::model::{BreakingCategory, BreakingConfig, GatePolicy, LabelName, ModuleName};
use crate::wire::registry::v1::{ChangeVerdict, CompareRequest, CompareResponse, ComparedVersion, Gate};

/// The most lines about one module, as in the refusal of a push.
const MOST_LINES: usize = 10;

/// Why a push of this version to the default label would be refused; none if it would be taken.
pub(super) async fn refusal(
    client: &Client,
    (name, new, config): (&ModuleName, &ComparedVersion, &BreakingConfig),
    default: &str,
    origins: &Origins,
) -> Result<Option<String>, CliError> {
    // Nobody uses a module that does not exist yet.
    if client.module(name).await?.is_none() {
        return Ok(None);
    }
    let gate = match client.module_gate(name).await {
        // An older server has no such settings.
        Err(ClientError::Unknown { .. }) => return Ok(None),
        gate => gate?,
    };
    // A newer server may have words that this program does not know.
    let Ok(policy) = gate.policy.parse::<GatePolicy>() else { return Ok(None) };
    let head = client.each_commit(&[(name.clone(), String::new())]).await?.pop();
    if policy.refused().is_empty() || head.is_none_or(|head| head.is_err()) {
        return Ok(None);
    }
    let request = CompareRequest {
        old: Some(compared_commit(name, "")).into(),
        new: new.clone().into(),
        rules: breaking_rules(&rules(&policy, config)).into(),
        check_names: false,
    };
    let response = client.compare(request).await.map_err(|error| origins.locate(error))?;
    Ok(words((name, default), gate, &policy.refused(), &response))
}

/// The default label of a module, or that of a new one, if it is among `labels` or they are empty.
pub(super) async fn released_label(
    client: &Client,
    name: &ModuleName,
    labels: &[LabelName],
) -> Result<Option<String>, CliError> {
    let known = client.module(name).await?.map(|module| module.default_label_name);
    let default = known.unwrap_or_else(|| LabelName::main().to_string());
    Ok((labels.is_empty() || labels.iter().any(|label| label.as_str() == default)).then_some(default))
}

/// The rules by which the gate compares: exceptions of a `buf.yaml` hold only where it says so.
fn rules(policy: &GatePolicy, section: &BreakingConfig) -> BreakingConfig {
    let exceptions = if policy.buf_yaml { section.clone() } else { BreakingConfig::default() };
    let ignore_unstable_packages = exceptions.ignore_unstable_packages || policy.unstable_exempt;
    BreakingConfig { ignore_unstable_packages, ..exceptions.of_categories(&BreakingCategory::ALL) }
}

fn words(
    (module, label): (&ModuleName, &str),
    gate: Gate,
    refused: &[BreakingCategory],
    found: &CompareResponse,
) -> Option<String> {
    let breaks = |category: &&BreakingCategory| {
        found.categories.iter().any(|count| count.category == category.id() && count.breaking > 0)
    };
    let broken: Vec<_> = refused.iter().filter(breaks).collect();
    if broken.is_empty() {
        return None;
    }
    let names: Vec<_> = broken.iter().map(ToString::to_string).collect();
    let counts = |categories: &[String]| categories.iter().any(|id| broken.iter().any(|broken| id == broken.id()));
    let findings = found.findings.iter().filter(|finding| counts(&finding.categories));
    let mut lines: Vec<_> =
        findings.map(|finding| format!("{}: {} ({})", finding.path, finding.message, finding.rule)).collect();
    if broken.contains(&&BreakingCategory::Rust) {
        let breaking = EnumValue::from(ChangeVerdict::CHANGE_VERDICT_BREAKING);
        let changes = found.changes.iter().filter(|change| change.rust == breaking);
        lines.extend(changes.map(|change| format!("{}: {} (breaks Rust)", change.name, change.change)));
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    let (names, lines, gate) = (names.join(", "), lines.join("\n  "), GateRow::from(gate).line());
    Some(format!("{module} breaks users of {label} in {names} (the gate is {gate}):\n  {lines}"))
}
