//! The mirror service: imports commits of other registries under their own ids, and settings of their modules.

use bytes::Bytes;
use connectrpc::{RequestContext, ServiceRequest, ServiceResult};
use tokio::task::block_in_place;

use crate::actions::access::{Access, viewer};
use crate::actions::field_rules;
use crate::actions::foreign_settings::take_over;
use crate::model::{
    CommitId, FilesDigest, ForeignCommit, ForeignDependency, LabelError, ModuleDigest, ModuleFile, PathError,
    Shake256Digest, SnapshotError,
};
use crate::publish::{Import, ImportError, Imported};
use crate::serve::http::error::{Answer, Refusal};
use crate::wire::buf::registry::module::v1::File;
use crate::wire::registry::v1::{
    GetModuleOptionsRequest, GetModuleOptionsResponse, ImportCommitRequest, ImportCommitResponse,
    ImportSettingsRequest, ImportSettingsResponse, ImportedDependency, MirrorService,
};
use crate::wire::time_from_wire;

use super::foreign_settings::foreign_settings;
use crate::serve::rpc::call::context::{Call, Rpc, answer, patience, refused};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references;

impl MirrorService for Rpc {
    async fn import_commit(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ImportCommitRequest>,
    ) -> ServiceResult<ImportCommitResponse> {
        let request = request.to_owned_message();
        let imported = import(self, &ctx, request).await.map_err(refused)?;
        let moved_labels = imported.moved.iter().map(ToString::to_string).collect();
        let warning = imported.unmet.map(|unmet| unmet.to_string()).unwrap_or_default();
        answer(Ok(ImportCommitResponse { created: imported.created, moved_labels, warning }))
    }

    async fn import_settings(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ImportSettingsRequest>,
    ) -> ServiceResult<ImportSettingsResponse> {
        self.write(&ctx, |call| {
            let request = request.to_owned_message();
            let module = references::named_module(call, &request.module.owner, &request.module.name)?;
            let settings = foreign_settings(request)?;
            let taken = take_over(&call.actor(), &call.state.publisher, module, &settings)?;
            Ok(ImportSettingsResponse { changes: taken.changes, left_out: taken.left_out })
        })
    }

    async fn get_module_options(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetModuleOptionsRequest>,
    ) -> ServiceResult<GetModuleOptionsResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            batch("commit_ids", &request.commit_ids)?;
            let registry_yaml = request.commit_ids.iter().map(|text| options(call, text)).collect::<Answer<_>>()?;
            Ok(GetModuleOptionsResponse { registry_yaml })
        })
    }
}

fn options(call: &Call, commit: &str) -> Answer<Bytes> {
    let commit = id(commit)?;
    let missing = || Refusal::not_found(format!("there is no commit {commit} in this registry"));
    let (_, commit) = references::readable_commit(call, commit)?.ok_or_else(missing)?;
    Ok(call.store().module_options(commit.id)?.unwrap_or_default())
}

async fn import(rpc: &Rpc, ctx: &RequestContext, request: ImportCommitRequest) -> Answer<Imported> {
    let call = rpc.writer(ctx)?;
    let import = block_in_place(|| checked(&call, request))?;
    let imported = call.push_work(ctx, move |publisher| publisher.import(&import)).await?;
    // The commit is durable, whatever fails from here on.
    if let Err(error) = call.state.publisher.wait_for_sdks(&imported.sdks, patience(ctx, call.state.push_wait)).await {
        tracing::error!(%error, "could not wait for the SDKs of an import");
    }
    Ok(imported)
}

fn checked(call: &Call, request: ImportCommitRequest) -> Answer<Import> {
    let module = references::named_module(call, &request.module.owner, &request.module.name)?;
    // An import chooses the id and the time of a commit, so it could rewrite history: it takes the role admin.
    call.require(module.owner, Access::Admin, &format!("import commits into module {}", module.name))?;
    let limits = call.state.publisher.limits();
    limits.check_files("the commit", request.files.len() as u64)?;
    let label = |label: &String| label.parse().map_err(|error: LabelError| Refusal::invalid(error.to_string()));
    let labels = request.labels.iter().map(label).collect::<Answer<_>>()?;
    let commit = ForeignCommit {
        module: module.name.clone(),
        id: id(&request.commit_id)?,
        created: time_from_wire(&request.create_time),
        digest: digest(&request.digest)?,
        dependencies: request.dependencies.iter().map(dependency).collect::<Answer<_>>()?,
        source_control_url: field_rules::url("source_control_url", &request.source_control_url)?,
        files: files(request.files).map_err(|error| Refusal::unprocessable(error.to_string()))?,
        v1_files: files(request.v1_files).map_err(|error| Refusal::unprocessable(error.to_string()))?,
        b4_digest: b4_digest(&request.older_digest)?,
        options: request.registry_yaml,
    };
    let (by, viewer) = (call.actor().author()?, viewer(&call.caller));
    Ok(Import { module, commit, labels, by, viewer, is_fetched: false })
}

fn id(text: &str) -> Answer<CommitId> {
    Ok(text.parse()?)
}

fn dependency(wire: &ImportedDependency) -> Answer<ForeignDependency> {
    Ok(ForeignDependency { commit: id(&wire.commit_id)?, direct: wire.direct })
}

fn digest(bytes: &[u8]) -> Answer<ModuleDigest> {
    shake256(bytes, "digest is not the 64 bytes of a B5 digest").map(ModuleDigest)
}

fn b4_digest(bytes: &[u8]) -> Answer<Option<FilesDigest>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    shake256(bytes, "older_digest is not the 64 bytes of a B4 digest").map(|digest| Some(FilesDigest(digest)))
}

fn shake256(bytes: &[u8], otherwise: &str) -> Answer<Shake256Digest> {
    let bytes: Result<[u8; 64], _> = bytes.try_into();
    bytes.map(Shake256Digest::from_bytes).map_err(|_| Refusal::invalid(otherwise))
}

fn files(files: Vec<File>) -> Result<Vec<ModuleFile>, PathError> {
    files.into_iter().map(|file| Ok(ModuleFile { path: file.path.parse()?, content: file.content })).collect()
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Dependency(error) => crate::publish::PushError::from(error).into(),
            ImportError::Compile(error) => crate::publish::PushError::from(error).into(),
            ImportError::Files(_, SnapshotError::Limit(limit)) => limit.into(),
            ImportError::Taken(_) => Self::already_exists(error.to_string()),
            ImportError::MissingDependency { .. } => Self::precondition(error.to_string()),
            refused => Self::unprocessable(refused.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind};
    use crate::store::{Role, Visibility};
    use crate::wire::registry::v1::ModuleName;

    #[test]
    fn who_only_writes_does_not_say_which_id_and_time_a_commit_has() {
        let registry = Registry::new();
        let (admin, writer) = (registry.user("alice"), registry.user("bob"));
        let acme = registry.organization("acme", &[(&admin, Role::Admin), (&writer, Role::Writer)]);
        registry.module(&acme, "pets", Visibility::Public);
        let module = ModuleName { owner: "acme".into(), name: "pets".into() };
        let request = || ImportCommitRequest { module: module.clone().into(), ..Default::default() };
        assert_eq!(kind(checked(&registry.call(&writer, Scope::Write), request())), Kind::Forbidden);
        assert_eq!(kind(checked(&registry.call(&admin, Scope::Write), request())), Kind::Invalid, "it has no id");
    }
}
