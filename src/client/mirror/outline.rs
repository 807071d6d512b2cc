//! Reads the source of a mirror: a commit with all its dependencies, and their files.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use connectrpc::ErrorCode;

use crate::client::{Client, ClientError, Commit, PAGE, refs};
use crate::model::{CommitId, ForeignCommit, ForeignDependency, ForeignModule, LabelName, ModuleId, Snapshot};
use crate::wire::buf::registry::module::v1::{GetModulesRequest, ModuleServiceClient, ModuleState, ModuleVisibility};
use crate::wire::registry::v1::{GetModuleOptionsRequest, MirrorServiceClient};

/// The most dependencies of a mirrored commit. A server that names more is not trusted.
const MOST_COMMITS: usize = 1_000;

/// A commit with all its dependencies, as their registry describes them, without files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The modules by id.
    pub modules: BTreeMap<ModuleId, ForeignModule>,
    /// The commits, each after its dependencies; the requested commit is the last.
    pub commits: Vec<ForeignCommit>,
}

impl Outline {
    /// The module of this name.
    #[must_use]
    pub fn module(&self, commit: &ForeignCommit) -> Option<&ForeignModule> {
        self.modules.values().find(|module| module.name == commit.module)
    }
}

/// A commit with its dependencies.
struct Node {
    commit: Commit,
    needs: Vec<ForeignDependency>,
}

impl Client {
    /// The commits to import for `commit`: the commit itself, and its direct and transitive dependencies.
    ///
    /// # Errors
    /// When the server's description is inconsistent.
    pub async fn outline(&self, commit: CommitId) -> Result<Outline, ClientError> {
        let nodes = self.nodes(commit).await?;
        let order = self.in_order(&nodes)?;
        let mut modules = BTreeMap::new();
        for node in nodes.values() {
            if let Entry::Vacant(unknown) = modules.entry(node.commit.module) {
                unknown.insert(self.foreign_module(&node.commit).await?);
            }
        }
        let foreign = |id: &CommitId| {
            let node = nodes.get(id)?;
            Some(foreign_commit(node, modules.get(&node.commit.module)?))
        };
        let mut commits: Vec<_> = order.iter().filter_map(foreign).collect();
        if let Some(options) = self.options(&order).await? {
            for (commit, options) in commits.iter_mut().zip(options) {
                commit.options = Some(options);
            }
        }
        Ok(Outline { modules, commits })
    }

    /// Reads the graph of each commit separately. In a common graph, a dependency may have other dependencies than
    /// those that its digest covers.
    async fn nodes(&self, root: CommitId) -> Result<BTreeMap<CommitId, Node>, ClientError> {
        let mut nodes = BTreeMap::new();
        let mut open = BTreeSet::from([root]);
        while let Some(id) = open.pop_first() {
            let node = self.node(id).await?;
            open.extend(node.needs.iter().map(|needed| needed.commit).filter(|needed| !nodes.contains_key(needed)));
            nodes.insert(id, node);
            if nodes.len() + open.len() > MOST_COMMITS {
                return Err(self.malformed(format_args!("commit {root} depends on more than {MOST_COMMITS} others")));
            }
        }
        Ok(nodes)
    }

    async fn node(&self, id: CommitId) -> Result<Node, ClientError> {
        let graph = self.graph(&[id]).await?;
        let (own, others): (Vec<_>, Vec<_>) = graph.commits.into_iter().partition(|commit| commit.id == id);
        let commit = self.present("requested commit", own.into_iter().next())?;
        let direct: BTreeSet<_> = graph.edges.iter().filter(|(from, _)| *from == id).map(|(_, to)| *to).collect();
        let needed = |other: Commit| ForeignDependency { commit: other.id, direct: direct.contains(&other.id) };
        Ok(Node { commit, needs: others.into_iter().map(needed).collect() })
    }

    /// The commits, each after its dependencies.
    fn in_order(&self, nodes: &BTreeMap<CommitId, Node>) -> Result<Vec<CommitId>, ClientError> {
        let mut order = Vec::with_capacity(nodes.len());
        let mut done = BTreeSet::new();
        while order.len() < nodes.len() {
            let before = order.len();
            for (id, node) in nodes {
                if !done.contains(id) && node.needs.iter().all(|needed| done.contains(&needed.commit)) {
                    done.insert(*id);
                    order.push(*id);
                }
            }
            if order.len() == before {
                return Err(self.malformed("the commits depend on each other"));
            }
        }
        Ok(order)
    }

    async fn foreign_module(&self, commit: &Commit) -> Result<ForeignModule, ClientError> {
        let names = self.names_of(std::slice::from_ref(commit)).await?;
        let (http, config) = self.parts();
        let request = GetModulesRequest { module_refs: vec![refs::module_by_id(commit.module)] };
        let answer = self.read(ModuleServiceClient::new(http, config).get_modules(request).await)?;
        let module = self.single(answer.modules)?;
        let default_label = match module.default_label_name.as_str() {
            "" => LabelName::main(),
            label => label.parse().map_err(|error| self.malformed(error))?,
        };
        let public = module.visibility == ModuleVisibility::MODULE_VISIBILITY_PUBLIC;
        let deprecated = module.state == ModuleState::MODULE_STATE_DEPRECATED;
        let (description, url) = (module.description, module.url);
        Ok(ForeignModule { name: self.single(names)?, public, deprecated, description, url, default_label })
    }

    /// `commit` with its files.
    ///
    /// # Errors
    /// When the server does not respond, or refuses, or sends another commit.
    pub async fn with_files(&self, mut commit: ForeignCommit) -> Result<ForeignCommit, ClientError> {
        let (id, files) = match self.download_v1beta1(commit.id).await? {
            Some(downloaded) => {
                (commit.v1_files, commit.b4_digest) = (downloaded.v1_files, downloaded.digest);
                (downloaded.id, downloaded.files)
            }
            None => {
                let (described, files) = self.download(commit.id).await?;
                (described.id, files)
            }
        };
        if id != commit.id {
            return Err(self.malformed(format_args!("it sent commit {id}, not {}", commit.id)));
        }
        commit.files = Snapshot::sift(files);
        Ok(commit)
    }

    /// The module options of the commits, in their order; `None` if the server does not know module options.
    async fn options(&self, commits: &[CommitId]) -> Result<Option<Vec<Bytes>>, ClientError> {
        let (http, config) = self.parts();
        let service = MirrorServiceClient::new(http, config);
        let mut options = vec![];
        for chunk in commits.chunks(PAGE) {
            let commit_ids = chunk.iter().map(ToString::to_string).collect();
            match service.get_module_options(GetModuleOptionsRequest { commit_ids }).await {
                Err(error) if error.code == ErrorCode::Unimplemented => return Ok(None),
                answer => options.extend(self.exactly(chunk.len(), self.read(answer)?.registry_yaml)?),
            }
        }
        Ok(Some(options))
    }
}

fn foreign_commit(node: &Node, module: &ForeignModule) -> ForeignCommit {
    ForeignCommit {
        module: module.name.clone(),
        id: node.commit.id,
        created: node.commit.create_time,
        digest: node.commit.digest,
        dependencies: node.needs.clone(),
        source_control_url: node.commit.source_control_url.clone(),
        files: vec![],
        v1_files: vec![],
        b4_digest: None,
        options: None,
    }
}
