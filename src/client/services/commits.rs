//! Calls for commits: resolve, list, read dependencies, download.

use connectrpc::ErrorCode;

use crate::client::{Client, ClientError, PAGE, refs};
use crate::model::{CommitId, ModuleDigest, ModuleFile, ModuleId, ModuleName, OwnerId, Shake256Digest, Timestamp};
use crate::wire::buf::registry::module::v1 as wire;
use crate::wire::buf::registry::module::v1::{
    CommitServiceClient, DigestType, DownloadRequest, DownloadServiceClient, GetCommitsRequest, GetGraphRequest,
    GetModulesRequest, GraphServiceClient, ListCommitsRequest, ModuleServiceClient, ResourceRef, download_request,
};
use crate::wire::buf::registry::owner::v1::{GetOwnersRequest, OwnerServiceClient, owner};
use crate::wire::time_from_wire;

/// A commit as the server describes it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// When it was created.
    pub create_time: Timestamp,
    /// The owner of the module.
    pub owner: OwnerId,
    /// The module.
    pub module: ModuleId,
    /// The B5 digest of its files and dependencies.
    pub digest: ModuleDigest,
    /// The URL of its sources; empty if the push had none.
    pub source_control_url: String,
}

/// Commits and their dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// The requested commits and all their dependencies, at most one of each module.
    pub commits: Vec<Commit>,
    /// Direct dependencies: importer, imported.
    pub edges: Vec<(CommitId, CommitId)>,
}

impl Client {
    /// The commits of the references, in their order. A reference is a commit id or the name of a label; an empty one
    /// means the default label.
    ///
    /// # Errors
    /// When a module or reference is unknown, or has no commit yet.
    pub async fn commits(&self, references: &[(ModuleName, String)]) -> Result<Vec<Commit>, ClientError> {
        let resource_refs = references.iter().map(|(module, reference)| refs::resource(module, reference)).collect();
        self.resolve(resource_refs).await
    }

    /// The commits with these ids, in their order.
    ///
    /// # Errors
    /// When one is unknown.
    pub async fn commits_by_id(&self, ids: &[CommitId]) -> Result<Vec<Commit>, ClientError> {
        self.resolve(ids.iter().copied().map(refs::commit).collect()).await
    }

    /// The commit or the error of each reference, in their order. One call, if all exist.
    ///
    /// # Errors
    /// When the server refuses for another reason than a missing object.
    pub async fn each_commit(
        &self,
        references: &[(ModuleName, String)],
    ) -> Result<Vec<Result<Commit, ClientError>>, ClientError> {
        self.each(references.iter().map(|(module, reference)| refs::resource(module, reference)).collect()).await
    }

    /// The commit or the error of each id, in their order.
    ///
    /// # Errors
    /// As [`Client::each_commit`].
    pub async fn each_commit_by_id(&self, ids: &[CommitId]) -> Result<Vec<Result<Commit, ClientError>>, ClientError> {
        self.each(ids.iter().copied().map(refs::commit).collect()).await
    }

    async fn each(&self, references: Vec<ResourceRef>) -> Result<Vec<Result<Commit, ClientError>>, ClientError> {
        match self.resolve(references.clone()).await {
            Err(error) if error.is_absence() => {}
            all => return Ok(all?.into_iter().map(Ok).collect()),
        }
        let mut each = Vec::with_capacity(references.len());
        for reference in references {
            match self.resolve(vec![reference]).await {
                Err(error) if error.is_absence() => each.push(Err(error)),
                one => each.push(Ok(self.single(one?)?)),
            }
        }
        Ok(each)
    }

    /// Whether there is a commit with this id that the token's user may see.
    pub async fn has_commit(&self, id: CommitId) -> Result<bool, ClientError> {
        match self.commits_by_id(&[id]).await {
            Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(false),
            answer => answer.map(|_| true),
        }
    }

    async fn resolve(&self, references: Vec<ResourceRef>) -> Result<Vec<Commit>, ClientError> {
        let (http, config) = self.parts();
        let service = CommitServiceClient::new(http, config);
        let mut commits = Vec::with_capacity(references.len());
        for chunk in references.chunks(PAGE) {
            let request = GetCommitsRequest { resource_refs: chunk.to_vec() };
            let answer = self.read(service.get_commits(request).await)?;
            commits.extend(self.exactly(chunk.len(), answer.commits)?);
        }
        commits.into_iter().map(|commit| self.commit(commit)).collect()
    }

    /// The commits of a module, a label or (one) a commit, newest first.
    pub async fn list_commits(&self, module: &ModuleName, reference: &str) -> Result<Vec<Commit>, ClientError> {
        let (http, config) = self.parts();
        let service = CommitServiceClient::new(http, config);
        let (mut commits, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListCommitsRequest {
                page_size: PAGE as u32,
                page_token: page_token.clone(),
                resource_ref: refs::resource(module, reference).into(),
                ..Default::default()
            };
            let page = self.read(service.list_commits(request).await)?;
            for commit in page.commits {
                commits.push(self.commit(commit)?);
            }
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(commits);
            }
        }
    }

    /// The graph of `commits` and their dependencies. Only one of `commits` may be of each module.
    pub async fn graph(&self, commits: &[CommitId]) -> Result<Graph, ClientError> {
        let (http, config) = self.parts();
        let request = GetGraphRequest { resource_refs: commits.iter().copied().map(refs::commit).collect() };
        let answer = self.read(GraphServiceClient::new(http, config).get_graph(request).await)?;
        let graph = self.present("graph", answer.graph.into_option())?;
        let nodes = graph.commits.into_iter().map(|commit| self.commit(commit));
        let mut edges = Vec::with_capacity(graph.edges.len());
        for edge in &graph.edges {
            edges.push((self.id(&edge.from_node.commit_id)?, self.id(&edge.to_node.commit_id)?));
        }
        Ok(Graph { commits: nodes.collect::<Result<_, _>>()?, edges })
    }

    /// A commit with all its files.
    ///
    /// # Errors
    /// When the server does not respond, or refuses, or sends a path that would lead out of the directory of the files.
    pub async fn download(&self, commit: CommitId) -> Result<(Commit, Vec<ModuleFile>), ClientError> {
        let (http, config) = self.parts();
        let value = download_request::Value { resource_ref: refs::commit(commit).into(), ..Default::default() };
        let request = DownloadRequest { values: vec![value] };
        let answer = self.read(DownloadServiceClient::new(http, config).download(request).await)?;
        let content = self.single(answer.contents)?;
        let described = self.commit(self.present("commit", content.commit.into_option())?)?;
        let files = content.files.into_iter().map(|file| self.file(file)).collect::<Result<_, _>>()?;
        Ok((described, files))
    }

    /// The names of the modules that `commits` belong to, in their order.
    pub async fn names_of(&self, commits: &[Commit]) -> Result<Vec<ModuleName>, ClientError> {
        let mut names = Vec::with_capacity(commits.len());
        for chunk in commits.chunks(PAGE) {
            let owners = self.owner_names(chunk).await?;
            let (http, config) = self.parts();
            let module_refs = chunk.iter().map(|commit| refs::module_by_id(commit.module)).collect();
            let request = GetModulesRequest { module_refs };
            let answer = self.read(ModuleServiceClient::new(http, config).get_modules(request).await)?;
            let modules = self.exactly(chunk.len(), answer.modules)?;
            for (owner, module) in owners.iter().zip(modules) {
                let name = format!("{owner}/{}", module.name);
                names.push(name.parse().map_err(|error| self.malformed(error))?);
            }
        }
        Ok(names)
    }

    async fn owner_names(&self, commits: &[Commit]) -> Result<Vec<String>, ClientError> {
        let (http, config) = self.parts();
        let owner_refs = commits.iter().map(|commit| refs::owner_by_id(commit.owner)).collect();
        let answer = OwnerServiceClient::new(http, config).get_owners(GetOwnersRequest { owner_refs }).await;
        let owners = self.exactly(commits.len(), self.read(answer)?.owners)?;
        let name = |value| match value {
            owner::Value::User(user) => user.name,
            owner::Value::Organization(organization) => organization.name,
        };
        owners.into_iter().map(|owner| self.present("owner", owner.value.map(name))).collect()
    }

    pub(in crate::client) fn id(&self, text: &str) -> Result<CommitId, ClientError> {
        text.parse().map_err(|error| self.malformed(error))
    }

    fn commit(&self, commit: wire::Commit) -> Result<Commit, ClientError> {
        if commit.digest.r#type != DigestType::DIGEST_TYPE_B5 {
            return Err(self.malformed(format_args!("commit {:?} has no B5 digest", commit.id)));
        }
        let digest: [u8; 64] = (*commit.digest.value)
            .try_into()
            .map_err(|_| self.malformed(format_args!("the digest of commit {:?} is not 64 bytes long", commit.id)))?;
        Ok(Commit {
            id: self.id(&commit.id)?,
            create_time: time_from_wire(&commit.create_time),
            owner: commit.owner_id.parse().map_err(|error| self.malformed(error))?,
            module: commit.module_id.parse().map_err(|error| self.malformed(error))?,
            digest: ModuleDigest(Shake256Digest::from_bytes(digest)),
            source_control_url: commit.source_control_url,
        })
    }

    fn file(&self, file: wire::File) -> Result<ModuleFile, ClientError> {
        let path = file.path.parse().map_err(|error| self.malformed(error))?;
        Ok(ModuleFile { path, content: file.content })
    }
}
