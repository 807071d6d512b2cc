//! The gate before a release: what a push to the default label breaks for users of the label's head.

use super::breaking_changes::BreakingChanges;
use super::request::{Push, PushContent, PushError};
use crate::breaking::{Report, Version, report};
use crate::compile::Compiled;
use crate::model::{BreakingCategory, BreakingConfig, BreakingGate, CommitId, DescriptorSet, GateAction, ModuleName};
use crate::publish::{DescriptorsError, Publisher};
use crate::store::{Module, StoreError};

/// The categories of a kind of action.
fn categories(actions: &[GateAction], kind: fn(BreakingCategory) -> GateAction) -> Vec<BreakingCategory> {
    BreakingCategory::ALL.into_iter().filter(|category| actions.contains(&kind(*category))).collect()
}

/// The verdicts on the contents of a push.
pub(super) struct Verdicts {
    /// The heads that were compared with; the push may not go on from others.
    heads: Vec<(ModuleName, Option<CommitId>)>,
    /// Texts for the reply.
    pub warnings: Vec<String>,
    /// What would have been refused, if the push had not been allowed to break.
    pub allowed: Vec<BreakingChanges>,
    /// What breaks, and is not refused.
    pub warned: Vec<BreakingChanges>,
}

impl Verdicts {
    fn judge(
        &mut self,
        (content, head): (&PushContent, CommitId),
        found: &Result<Report, DescriptorsError>,
        actions: &[GateAction],
        allow_breaking: bool,
    ) -> Result<(), PushError> {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().next().unwrap_or_default();
                let (name, label) = (&content.module.name, &content.module.default_label);
                self.warnings.push(format!("{name} was not compared with {label} ({}): {reason}", head.short()));
                return Ok(());
            }
        };
        let place = || (content.module.name.clone(), content.module.default_label.clone(), head);
        match BreakingChanges::of(place(), found, categories(actions, GateAction::Refuse)) {
            Some(refused) if !allow_breaking => return Err(PushError::Breaking(Box::new(refused))),
            Some(refused) => {
                self.warnings.push(refused.to_string());
                self.allowed.push(refused);
            }
            None => {
                let warned = BreakingChanges::of(place(), found, categories(actions, GateAction::Warn));
                self.warnings.extend(warned.as_ref().map(ToString::to_string));
                self.warned.extend(warned);
            }
        }
        Ok(())
    }
}

impl Publisher {
    /// Compares each content that goes to its default label with the label's head.
    pub(super) fn pass_gate(&self, push: &Push, compiled: &Compiled) -> Result<Verdicts, PushError> {
        let mut verdicts = Verdicts { heads: vec![], warnings: vec![], allowed: vec![], warned: vec![] };
        let released = |content: &&PushContent| content.target_labels().contains(&content.module.default_label);
        for content in push.contents.iter().filter(released) {
            let actions = BreakingGate::actions(&self.settings.gate.gates, &content.module.name);
            if actions.iter().all(|action| *action == GateAction::Off) {
                continue;
            }
            let head = self.head(content)?;
            verdicts.heads.push((content.module.name.clone(), head));
            if let Some(head) = head {
                let found = self.compare_with_head(&content.module.name, head, &compiled.descriptors)?;
                verdicts.judge((content, head), &found, &actions, push.allow_breaking)?;
            }
        }
        Ok(verdicts)
    }

    /// What the content changes; the reason why it was not compared, if the head does not compile any more. The next
    /// release is compared with this content, so the gate is not open for long.
    fn compare_with_head(
        &self,
        module: &ModuleName,
        head: CommitId,
        new: &DescriptorSet,
    ) -> Result<Result<Report, DescriptorsError>, PushError> {
        let old = match self.descriptors(head, None) {
            Ok(old) => old,
            Err(DescriptorsError::Store(error)) => return Err(error.into()),
            Err(error) => return Ok(Err(error)),
        };
        let ignore_unstable_packages = self.settings.gate.ignore_unstable_packages;
        let every = BreakingConfig { ignore_unstable_packages, ..BreakingConfig::default() };
        let every = every.of_categories(&BreakingCategory::ALL);
        let version = |descriptors| Version { descriptors, module };
        Ok(Ok(report(version(&old), version(new), &every)?))
    }

    /// What the gate refuses of a release that is made without a push, by moving the default label of `module` from
    /// `head` to `target`. One that does not compile any more is not compared, as with a push.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refused_move(
        &self,
        module: &Module,
        head: CommitId,
        target: CommitId,
    ) -> Result<Option<BreakingChanges>, PushError> {
        let refused = categories(&BreakingGate::actions(&self.settings.gate.gates, &module.name), GateAction::Refuse);
        if refused.is_empty() {
            return Ok(None);
        }
        let found = match self.descriptors(target, None) {
            Ok(new) => self.compare_with_head(&module.name, head, &new)?,
            Err(DescriptorsError::Store(error)) => return Err(error.into()),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => {
                Ok(BreakingChanges::of((module.name.clone(), module.default_label.clone(), head), &found, refused))
            }
            Err(error) => {
                tracing::warn!(module = %module.name, %head, %target, %error, "a release was not compared");
                Ok(None)
            }
        }
    }

    /// Whether the heads are still those that were compared with. The caller holds the lock on them.
    pub(super) fn is_current(&self, push: &Push, verdicts: &Verdicts) -> Result<bool, StoreError> {
        for content in &push.contents {
            let compared = verdicts.heads.iter().find(|(name, _)| *name == content.module.name);
            if let Some((_, head)) = compared
                && self.head(content)? != *head
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn head(&self, content: &PushContent) -> Result<Option<CommitId>, StoreError> {
        let label = self.store.label(content.module.id, &content.module.default_label)?;
        Ok(label.map(|label| label.commit))
    }
}
