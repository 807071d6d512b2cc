//! The result of a push, as it is printed.

use serde::Serialize;

use crate::cli::commands::crates::sdk::{self, SdkRow};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{self, PushDependency, PushDependencySource, PushedDirectory};
use crate::model::{LabelName, change_phrases};

/// The result of a push. `--json` prints these fields.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether no crate failed.
    pub(super) ok: bool,
    /// The modules, by name.
    pub(super) modules: Vec<PushedModule>,
    /// The dependencies, by name.
    pub(super) dependencies: Vec<PushDependency>,
    /// The server's warning for `buf`: the failures of crates, which the text output shows in its own form.
    pub(super) warning: Option<String>,
    /// What the push breaks for users of the last release.
    pub(super) breaking: Option<String>,
}

/// A module with its new commit, or the commit that had the same content already.
#[derive(Debug, Serialize)]
pub(super) struct PushedModule {
    pub(super) module: String,
    pub(super) commit: String,
    /// Whether that commit had the same content before.
    pub(super) unchanged: bool,
    /// What it changed since the commit that its label was at before, in phrases.
    pub(super) changes: Vec<String>,
    /// The page of the commit.
    pub(super) url: String,
    /// The requested labels; empty for the default label.
    pub(super) labels: Vec<String>,
    pub(super) sdks: Vec<SdkRow>,
}

impl PushedModule {
    fn new(pushed: client::PushedModule, labels: &[LabelName], server: &str) -> Self {
        Self {
            module: pushed.name.to_string(),
            commit: pushed.commit.to_string(),
            unchanged: pushed.unchanged,
            changes: change_phrases(&pushed.changes).into_iter().map(|(_, phrase)| phrase).collect(),
            url: format!("{server}/{}/docs/{}", pushed.name, pushed.commit),
            labels: labels.iter().map(ToString::to_string).collect(),
            sdks: pushed.sdks.into_iter().map(sdk::row).collect(),
        }
    }
}

impl Report {
    /// The report of a push to `labels` on the server at this URL.
    pub(super) fn new(pushed: PushedDirectory, labels: &[LabelName], server: &str) -> Self {
        let modules = pushed.modules.into_iter().map(|module| PushedModule::new(module, labels, server));
        let modules: Vec<_> = modules.collect();
        let ok = modules.iter().flat_map(|module| &module.sdks).all(|sdk| sdk.state != "failed");
        Self { ok, modules, dependencies: pushed.dependencies, warning: pushed.warning, breaking: pushed.breaking }
    }

    /// Prints the report.
    ///
    /// # Errors
    /// With `fail_on_sdk`, when a crate failed.
    pub(super) fn print(&self, fail_on_sdk: bool, output: &mut Output) -> Result<(), CliError> {
        for chosen in self.dependencies.iter().filter(|chosen| chosen.source != PushDependencySource::Lock) {
            output.say(format!("dependency {}:{}", chosen.module, chosen.commit));
        }
        output.result(self, || self.modules.iter().flat_map(lines).collect::<Vec<_>>())?;
        if let Some(breaking) = &self.breaking {
            output.warn(breaking);
        }
        for module in &self.modules {
            output.say(next_line(module));
        }
        let sdks = self.modules.iter().flat_map(|module| &module.sdks);
        match sdk::verdict(sdks) {
            Err(CliError::Refused(failures)) if !fail_on_sdk => output.warn(failures),
            verdict => verdict?,
        }
        Ok(())
    }
}

/// What to read or run after the push of `module`.
fn next_line(module: &PushedModule) -> String {
    let PushedModule { module: name, commit, url, .. } = module;
    let pending = module.sdks.iter().filter(|sdk| matches!(sdk.state, "queued" | "running")).count();
    let what = match (module.unchanged, module.changes.as_slice()) {
        (true, _) => format!("{name} is unchanged; "),
        (false, []) => String::new(),
        (false, changes) => format!("{name}: {}; ", changes.join("; ")),
    };
    match pending {
        0 => format!("{what}see {url}"),
        1 => {
            format!("{what}a crate is being made; follow it with `registry sdk status {name} --commit {commit} --wait`")
        }
        _ => format!(
            "{what}{pending} crates are being made; follow them with `registry sdk status {name} --commit {commit} --wait`"
        ),
    }
}

/// The line that `buf push` prints, without the host, and one for each crate and how to add it.
fn lines(module: &PushedModule) -> Vec<String> {
    let mut lines = vec![format!("{}:{}", module.module, module.commit)];
    let sdks = module.sdks.iter().flat_map(sdk::lines);
    lines.extend(sdks.map(|line| format!("  {line}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk(state: &'static str) -> SdkRow {
        SdkRow {
            name: "acme_pets_community_neoeinstein-prost".into(),
            version: "0.5.0-20240523144506-ce529d32d80c.1".into(),
            state,
            message: None,
            commit: "ce529d32d80c4d0bb2f5c9d1d7a5f001".into(),
            released: true,
            yanked: false,
            cargo_add: "cargo add --registry buf acme_pets_community_neoeinstein-prost".into(),
        }
    }

    #[test]
    fn a_push_names_commit_crates_and_how_to_add_them() {
        let module = PushedModule {
            module: "acme/pets".into(),
            commit: "ce529d32d80c4d0bb2f5c9d1d7a5f001".into(),
            unchanged: false,
            changes: Vec::new(),
            url: "http://localhost:8780/acme/pets/docs/ce529d32d80c4d0bb2f5c9d1d7a5f001".into(),
            labels: Vec::new(),
            sdks: vec![sdk("served"), sdk("failed")],
        };
        insta::assert_snapshot!(lines(&module).join("\n"), @r"
        acme/pets:ce529d32d80c4d0bb2f5c9d1d7a5f001
          acme_pets_community_neoeinstein-prost 0.5.0-20240523144506-ce529d32d80c.1 served
            cargo add --registry buf acme_pets_community_neoeinstein-prost
          acme_pets_community_neoeinstein-prost 0.5.0-20240523144506-ce529d32d80c.1 failed
        ");
    }
}
