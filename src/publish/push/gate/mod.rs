//! What a push changes for users of its label's head, and the gate before a release: what breaks there may be refused.

pub(in crate::publish) mod breaking_changes;
pub(in crate::publish) mod nearest;
pub(in crate::publish) mod settings;
pub(in crate::publish) mod taken_names;
pub(in crate::publish) mod unique_names;

use crate::breaking::{Report, Version, change_counts, changes, known_exceptions, report};
use crate::compile::Compiled;
use crate::model::{BreakingCategory, BreakingConfig, CommitId, DescriptorSet, GatePolicy, LabelName, ModuleName};
use crate::publish::push::request::{Push, PushContent, PushError};
use crate::publish::{DescriptorsError, Publisher};
use crate::store::{BreakingVerdict, CommitChanges, HistoryStep, Module, StoreError};
use breaking_changes::BreakingChanges;
use nearest::Gate;

/// The verdicts on the contents of a push.
#[derive(Default)]
pub(in crate::publish::push) struct Verdicts {
    /// The head and the gate by which each module was judged. They are compared again under the lock on heads.
    judged: Vec<Judged>,
    /// Texts for the reply.
    pub warnings: Vec<String>,
    /// What would have been refused, if the push had not been allowed to break.
    pub allowed: Vec<BreakingChanges>,
    /// What breaks, and is not refused.
    pub warned: Vec<BreakingChanges>,
    /// The number of changes that break in each module, to be kept with its commit.
    pub counts: Vec<(ModuleName, BreakingVerdict)>,
    /// The number of declarations that change in each module, likewise.
    pub changes: Vec<(ModuleName, CommitChanges)>,
    /// The steps of the histories of modules that are released.
    pub histories: Vec<(ModuleName, HistoryStep)>,
}

/// What was found about content that passes without a gate.
pub(in crate::publish::push) struct Ungated {
    /// What it breaks, if it is a release.
    pub breaks: Option<BreakingVerdict>,
    /// What it changes.
    pub changes: CommitChanges,
}

struct Judged {
    module: ModuleName,
    head: Option<CommitId>,
    gate: Gate,
}

/// What breaks between a head and the new content, by everything that was asked about it.
struct Findings {
    /// All of it.
    all: Report,
    /// Without what is exempt from refusals; none if nothing is.
    refused: Option<Report>,
    /// Without what is exempt from warnings; none if nothing is.
    warned: Option<Report>,
}

/// The verdict of a gate on a release.
#[derive(Debug)]
pub enum GateVerdict {
    /// Nothing that the gate looks at breaks.
    Passed,
    /// This breaks, and the gate warns of it.
    Warned(Box<BreakingChanges>),
    /// This breaks, and the gate refuses it.
    Refused(Box<BreakingChanges>),
}

impl GateVerdict {
    fn of((module, label, head): (&ModuleName, &LabelName, CommitId), found: &Findings, policy: &GatePolicy) -> Self {
        let place = || (module.clone(), label.clone(), head);
        let refused = found.refused.as_ref().unwrap_or(&found.all);
        if let Some(refused) = BreakingChanges::of(place(), refused, policy.refused()) {
            return Self::Refused(Box::new(refused));
        }
        let warned = found.warned.as_ref().unwrap_or(&found.all);
        BreakingChanges::of(place(), warned, policy.warned())
            .map_or(Self::Passed, |warned| Self::Warned(Box::new(warned)))
    }
}

impl Verdicts {
    fn judge(
        &mut self,
        (content, head): (&PushContent, CommitId),
        found: &Result<Findings, DescriptorsError>,
        policy: &GatePolicy,
        allow_breaking: bool,
    ) -> Result<(), PushError> {
        let (name, label) = (&content.module.name, &content.module.default_label);
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().next().unwrap_or_default();
                self.warnings.push(format!("{name} was not compared with {label} ({}): {reason}", head.short()));
                return Ok(());
            }
        };
        match GateVerdict::of((name, label, head), found, policy) {
            GateVerdict::Passed => {}
            GateVerdict::Refused(refused) if !allow_breaking => return Err(PushError::Breaking(refused)),
            GateVerdict::Refused(refused) => {
                self.warnings.push(refused.to_string());
                self.allowed.push(*refused);
            }
            GateVerdict::Warned(warned) => {
                self.warnings.push(warned.to_string());
                self.warned.push(*warned);
            }
        }
        self.counts.push((name.clone(), verdict(&found.all, head)));
        self.changes.push((name.clone(), CommitChanges { against: head, counts: change_counts(&found.all.changes) }));
        Ok(())
    }
}

fn verdict(report: &Report, against: CommitId) -> BreakingVerdict {
    let count = |category| report.count(category) as u64;
    BreakingVerdict {
        against,
        file: count(BreakingCategory::File),
        package: count(BreakingCategory::Package),
        wire_json: count(BreakingCategory::WireJson),
        wire: count(BreakingCategory::Wire),
        rust: count(BreakingCategory::Rust),
    }
}

impl Publisher {
    /// Compares each content with the head of its label, and refuses what breaks users of the default label's head.
    pub(in crate::publish::push) fn pass_gate(&self, push: &Push, compiled: &Compiled) -> Result<Verdicts, PushError> {
        let mut verdicts = Verdicts::default();
        for content in &push.contents {
            let (gate, head, new) = (self.gate(&content.module)?, self.head(content)?, &compiled.descriptors);
            if content.is_release() {
                let step = self.history_step(&content.module.name, head, new)?;
                verdicts.histories.push((content.module.name.clone(), step));
            }
            if let Some(head) = head {
                if content.is_release() && !gate.policy.is_off() {
                    let found = self.compare((&content.module.name, &content.breaking), head, new, &gate.policy)?;
                    verdicts.judge((content, head), &found, &gate.policy, push.allow_breaking)?;
                } else {
                    let found = self.ungated((&content.module.name, false), head, new)?;
                    verdicts.changes.extend(found.map(|found| (content.module.name.clone(), found.changes)));
                }
            }
            verdicts.judged.push(Judged { module: content.module.name.clone(), head, gate });
        }
        Ok(verdicts)
    }

    /// What content with this `breaking` section of its `buf.yaml` changes; the reason why it was not compared, if the
    /// head does not compile any more. The next release is compared with this content, so the gate is not open for long.
    fn compare(
        &self,
        (module, section): (&ModuleName, &BreakingConfig),
        head: CommitId,
        new: &DescriptorSet,
        policy: &GatePolicy,
    ) -> Result<Result<Findings, DescriptorsError>, PushError> {
        let old = match self.descriptors(head, None) {
            Ok(old) => old,
            Err(DescriptorsError::Store(error)) => return Err(error.into()),
            Err(error) => return Ok(Err(error)),
        };
        let version = |descriptors| Version { descriptors, module };
        let of = |config: &BreakingConfig| report(version(&old), version(new), config);
        let (all, by_gate) = (every(false), every(policy.unstable_exempt));
        let by_buf_yaml = exempting(section, policy.unstable_exempt);
        let by_refusal = if policy.buf_yaml { &by_buf_yaml } else { &by_gate };
        // Most pushes exempt nothing, and a comparison takes time.
        let unless_all = |config: &BreakingConfig| (*config != all).then(|| of(config)).transpose();
        let (refused, warned) = (unless_all(by_refusal)?, unless_all(&by_buf_yaml)?);
        Ok(Ok(Findings { all: of(&all)?, refused, warned }))
    }

    /// What replaces `head` without a gate, and whether it breaks something if it is a release. None if the head does not
    /// compile any more.
    pub(in crate::publish::push) fn ungated(
        &self,
        (module, is_release): (&ModuleName, bool),
        head: CommitId,
        new: &DescriptorSet,
    ) -> Result<Option<Ungated>, StoreError> {
        let old = match self.descriptors(head, None) {
            Ok(old) => old,
            Err(DescriptorsError::Store(error)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let version = |descriptors| Version { descriptors, module };
        let (old, new) = (version(&old), version(new));
        let report = if is_release { report(old, new, &every(false)).ok() } else { None };
        let counts = report.as_ref().map_or_else(|| change_counts(&changes(old, new)), |it| change_counts(&it.changes));
        let breaks = report.map(|report| verdict(&report, head));
        Ok(Some(Ungated { breaks, changes: CommitChanges { against: head, counts } }))
    }

    /// The verdict on a release that is made without a push, by moving the default label of `module` from `head` to
    /// `target`. One that does not compile any more is not compared, as with a push.
    ///
    /// # Errors
    /// When the store fails.
    pub fn judge_move(&self, module: &Module, head: CommitId, target: CommitId) -> Result<GateVerdict, PushError> {
        match self.descriptors(target, None) {
            Ok(new) => self.judge_release(module, head, &new, &BreakingConfig::default()),
            Err(DescriptorsError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(module = %module.name, %target, %error, "a release was not compared");
                Ok(GateVerdict::Passed)
            }
        }
    }

    /// The verdict on a release of `new` with this `breaking` section of its `buf.yaml`, in place of `head`. A head that
    /// does not compile any more is not compared, as with a push.
    ///
    /// # Errors
    /// When the store fails.
    pub fn judge_release(
        &self,
        module: &Module,
        head: CommitId,
        new: &DescriptorSet,
        section: &BreakingConfig,
    ) -> Result<GateVerdict, PushError> {
        let policy = self.gate(module)?.policy;
        if policy.is_off() {
            return Ok(GateVerdict::Passed);
        }
        match self.compare((&module.name, section), head, new, &policy)? {
            Ok(found) => Ok(GateVerdict::of((&module.name, &module.default_label, head), &found, &policy)),
            Err(error) => {
                tracing::warn!(module = %module.name, %head, %error, "a release was not compared");
                Ok(GateVerdict::Passed)
            }
        }
    }

    /// Whether heads and gates are still those that the push was judged by. The caller holds the lock on heads.
    pub(in crate::publish::push) fn is_current(&self, push: &Push, verdicts: &Verdicts) -> Result<bool, StoreError> {
        for content in &push.contents {
            let judged = verdicts.judged.iter().find(|judged| judged.module == content.module.name);
            if let Some(Judged { head, gate, .. }) = judged
                && (self.head(content)? != *head || self.gate(&content.module)? != *gate)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the content is compared with: the head of its label, or where that is new the head of the default label.
    fn head(&self, content: &PushContent) -> Result<Option<CommitId>, StoreError> {
        let head = |label: &LabelName| {
            let label = self.store.label(content.module.id, label)?;
            Ok::<_, StoreError>(label.map(|label| label.commit))
        };
        let own = if content.is_release() { None } else { content.labels.first().map(head).transpose()?.flatten() };
        own.map_or_else(|| head(&content.module.default_label), |own| Ok(Some(own)))
    }
}

/// All rules of all categories.
fn every(ignore_unstable_packages: bool) -> BreakingConfig {
    exempting(&BreakingConfig::default(), ignore_unstable_packages)
}

/// All rules of all categories but for the exceptions of `section`.
fn exempting(section: &BreakingConfig, ignore_unstable_packages: bool) -> BreakingConfig {
    let section = known_exceptions(section).of_categories(&BreakingCategory::ALL);
    let ignore_unstable_packages = ignore_unstable_packages || section.ignore_unstable_packages;
    BreakingConfig { ignore_unstable_packages, ..section }
}
