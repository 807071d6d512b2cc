//! The compare service: what breaks between two versions of a module.

use std::sync::Arc;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};
use tokio::task::block_in_place;

use crate::actions::access::{Access, access, readable_module, viewer};
use crate::model::{
    BreakingCategory, BreakingConfig, ChangeCount, CommitId, DeclarationKind, DescriptorSet, ModuleName, UniqueNames,
};
use crate::publish::breaking::{self, Change, Finding, Report, Verdict, Version};
use crate::publish::{GateVerdict, ModuleToCheck, TakenNames, Unstored, UnstoredContent};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{BreakingVerdict, CommitChanges};
use crate::wire::registry::v1::{
    BreakingFinding, CategoryCount, ChangeVerdict, CommitVerdict, CompareRequest, CompareResponse, CompareService,
    ComparedFiles, ComparedVersion, DeclarationChanges, GetVerdictsRequest, GetVerdictsResponse,
    ModuleName as WireName, SchemaChange,
};

use crate::serve::rpc::call::breaking_rules::breaking_config;
use crate::serve::rpc::call::context::{Call, Rpc, answer};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references::{self, Child, ResourceRef};
use crate::serve::rpc::module_v1::upload::snapshot;

/// The most changes, and the most findings, of one answer.
const MOST: usize = 5000;

impl CompareService for Rpc {
    async fn compare(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CompareRequest>,
    ) -> ServiceResult<CompareResponse> {
        let request = request.to_owned_message();
        answer(compare(self, &ctx, request).await)
    }

    async fn get_verdicts(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetVerdictsRequest>,
    ) -> ServiceResult<GetVerdictsResponse> {
        self.read(&ctx, |call| verdicts(call, &request.to_owned_message()))
    }
}

fn verdicts(call: &Call, request: &GetVerdictsRequest) -> Answer<GetVerdictsResponse> {
    let module = references::named_module(call, &request.module.owner, &request.module.name)?;
    batch("commit_ids", &request.commit_ids)?;
    let id = |text: &String| Ok::<CommitId, Refusal>(text.parse()?);
    let ids = request.commit_ids.iter().map(id).collect::<Answer<Vec<CommitId>>>()?;
    for (found, id) in call.store().commits(&ids)?.into_iter().zip(&ids) {
        if found.is_none_or(|commit| commit.module != module.id) {
            return Err(Refusal::not_found(format!("module {} has no commit {id}", module.name)));
        }
    }
    let found = call.store().verdicts(&ids)?.into_iter().zip(call.store().commit_changes(&ids)?);
    let verdicts = found.zip(ids).filter_map(|((broken, changed), id)| commit_verdict(id, broken, changed)).collect();
    Ok(GetVerdictsResponse { verdicts })
}

/// What is known about a commit, if anything is.
fn commit_verdict(
    commit: CommitId,
    broken: Option<BreakingVerdict>,
    changed: Option<CommitChanges>,
) -> Option<CommitVerdict> {
    let against = changed.as_ref().map(|changed| changed.against).or(broken.map(|broken| broken.against))?;
    let changes = changed.into_iter().flat_map(|changed| changed.counts);
    Some(CommitVerdict {
        commit_id: commit.to_string(),
        against_commit_id: against.to_string(),
        categories: broken.map(|broken| category_counts(&broken)).unwrap_or_default(),
        changes: changes.filter(|(_, count)| !count.is_zero()).map(declaration_changes).collect(),
    })
}

fn category_counts(broken: &BreakingVerdict) -> Vec<CategoryCount> {
    use BreakingCategory::{File, Package, Rust, Wire, WireJson};
    let BreakingVerdict { against: _, file, package, wire_json, wire, rust } = *broken;
    let counts = [(File, file), (Package, package), (WireJson, wire_json), (Wire, wire), (Rust, rust)];
    let count =
        |(category, breaking): (BreakingCategory, u64)| CategoryCount { category: category.id().into(), breaking };
    counts.into_iter().map(count).collect()
}

fn declaration_changes((kind, count): (DeclarationKind, ChangeCount)) -> DeclarationChanges {
    let ChangeCount { added, removed, changed } = count;
    DeclarationChanges { kind: kind.as_str().into(), added, removed, changed }
}

async fn compare(rpc: &Rpc, ctx: &RequestContext, request: CompareRequest) -> Answer<CompareResponse> {
    let call = rpc.reader(ctx)?;
    let rules = match request.rules.into_option() {
        Some(rules) => breaking_config(rules),
        None => BreakingConfig::default().of_categories(&BreakingCategory::ALL),
    };
    let missing = || Refusal::invalid("new is empty; name the version to compare");
    let new = request.new.into_option().ok_or_else(missing)?;
    let names = request.as_release.then(|| NewNames::of(&new)).transpose()?;
    let new = compiled(&call, ctx, new).await?;
    let old = match request.old.into_option() {
        Some(old) => compiled(&call, ctx, old).await?,
        None => Compiled { module: new.module.clone(), descriptors: Arc::default() },
    };
    let report = block_in_place(|| breaking::report(old.version(), new.version(), &rules));
    let mut response = response(report.map_err(|error| Refusal::invalid(error.to_string()))?);
    if let Some(names) = names {
        let (taken, refusal) =
            block_in_place(|| Ok::<_, Refusal>((names.taken(&call, &new)?, gate_refusal(&call, &new, &rules)?)))?;
        if let Some((action, taken)) = taken {
            response.taken_names = taken.to_string();
            response.names_refused = action == UniqueNames::Refuse;
        }
        response.gate_refusal = refusal.unwrap_or_default();
    }
    Ok(response)
}

/// What the gate of the module refuses of a release of `new`; none if nobody uses a release of it yet.
fn gate_refusal(call: &Call, new: &Compiled, section: &BreakingConfig) -> Answer<Option<String>> {
    let Some(module) = readable_module(call.store(), &call.caller, &new.module)? else { return Ok(None) };
    let Some(label) = call.store().label(module.id, &module.default_label)? else { return Ok(None) };
    match call.state.publisher.judge_release(&module, label.commit, &new.descriptors, section)? {
        GateVerdict::Refused(changes) => Ok(Some(changes.to_string())),
        GateVerdict::Warned(_) | GateVerdict::Passed => Ok(None),
    }
}

/// The files of a version, to look whether their names are taken.
struct NewNames {
    paths: Vec<String>,
    /// The modules that would be pushed together.
    together: Vec<ModuleName>,
}

impl NewNames {
    fn of(version: &ComparedVersion) -> Answer<Self> {
        let name = |name: &WireName| references::module_name(&name.owner, &name.name);
        let own = name(&version.module)?;
        let together = version.contents.iter().map(|content| name(&content.module)).collect::<Answer<Vec<_>>>()?;
        let own = version.contents.iter().zip(&together).filter(|(_, module)| **module == own);
        let paths = own.flat_map(|(content, _)| content.files.iter().map(|file| file.path.clone())).collect();
        Ok(Self { paths, together })
    }

    /// The names that other modules of the owner have; none for whoever may not push them.
    fn taken(&self, call: &Call, new: &Compiled) -> Answer<Option<(UniqueNames, TakenNames)>> {
        let store = call.store();
        let Some(owner) = store.owner(new.module.owner())? else { return Ok(None) };
        if access(store, &call.caller, owner.id)? < Access::Write {
            return Ok(None);
        }
        let id = store.module(&new.module)?.map(|module| module.id);
        let module = ModuleToCheck { owner: owner.id, name: &new.module, id };
        let files = (self.paths.as_slice(), &*new.descriptors);
        Ok(call.state.publisher.names_taken_by_files(module, files, &self.together)?)
    }
}

/// A version with its descriptors.
struct Compiled {
    module: ModuleName,
    descriptors: Arc<DescriptorSet>,
}

impl Compiled {
    fn version(&self) -> Version<'_> {
        Version { descriptors: &self.descriptors, module: &self.module }
    }
}

async fn compiled(call: &Call, ctx: &RequestContext, version: ComparedVersion) -> Answer<Compiled> {
    let module = references::module_name(&version.module.owner, &version.module.name)?;
    if version.contents.is_empty() {
        return block_in_place(|| of_commit(call, &version.module, version.r#ref, module));
    }
    // Compiling files takes memory and time, as a push does: strangers may not ask for it.
    call.user()?;
    let unstored = block_in_place(|| unstored(call, version))?;
    let name = module.clone();
    let work = move |publisher: &crate::publish::Publisher| publisher.compile_unstored(&unstored, &name);
    Ok(Compiled { module, descriptors: Arc::new(call.push_work(ctx, work).await?) })
}

fn of_commit(call: &Call, name: &WireName, reference: String, module: ModuleName) -> Answer<Compiled> {
    let child = if reference.is_empty() { Child::Module } else { Child::Ref(reference) };
    let resource = ResourceRef::Name { owner: name.owner.clone(), module: name.name.clone(), child };
    let (_, commit) = references::commit(call, &resource)?;
    let descriptors = call.state.publisher.descriptors(commit.id, viewer(&call.caller))?;
    Ok(Compiled { module, descriptors })
}

fn unstored(call: &Call, version: ComparedVersion) -> Answer<Unstored> {
    let limits = *call.state.publisher.limits();
    let files: usize = version.contents.iter().map(|content| content.files.len()).sum();
    limits.check_files("the comparison", files as u64)?;
    let content = |content: ComparedFiles| {
        let module = references::module_name(&content.module.owner, &content.module.name)?;
        let files = content.files.into_iter().map(|file| (file.path, file.content)).collect();
        Ok(UnstoredContent { snapshot: snapshot(&module, files, &limits)?, module })
    };
    let contents = version.contents.into_iter().map(content).collect::<Answer<_>>()?;
    let id = |text: &String| Ok::<CommitId, Refusal>(text.parse()?);
    let dependencies = version.dep_commit_ids.iter().map(id).collect::<Answer<Vec<CommitId>>>()?;
    Ok(Unstored { contents, dependencies, viewer: viewer(&call.caller) })
}

fn response(report: Report) -> CompareResponse {
    let categories = BreakingCategory::ALL
        .iter()
        .map(|category| CategoryCount { category: category.id().into(), breaking: report.count(*category) as u64 });
    let left_out = |count: usize| count.saturating_sub(MOST) as u64;
    CompareResponse {
        categories: categories.collect(),
        more_changes: left_out(report.changes.len()),
        more_findings: left_out(report.findings.len()),
        taken_names: String::new(),
        names_refused: false,
        gate_refusal: String::new(),
        changes: report.changes.into_iter().take(MOST).map(change).collect(),
        findings: report.findings.into_iter().take(MOST).map(finding).collect(),
    }
}

fn change(change: Change) -> SchemaChange {
    SchemaChange {
        name: change.name,
        change: change.what,
        wire: verdict(change.wire).into(),
        rust: verdict(change.rust).into(),
        note: change.note.into(),
    }
}

fn verdict(verdict: Verdict) -> ChangeVerdict {
    match verdict {
        Verdict::Fine => ChangeVerdict::CHANGE_VERDICT_FINE,
        Verdict::Care => ChangeVerdict::CHANGE_VERDICT_CARE,
        Verdict::Breaking => ChangeVerdict::CHANGE_VERDICT_BREAKING,
    }
}

fn finding(finding: Finding) -> BreakingFinding {
    BreakingFinding {
        path: finding.path,
        rule: finding.rule.id().into(),
        categories: finding.rule.categories().iter().map(|category| category.id().into()).collect(),
        message: finding.message,
    }
}
