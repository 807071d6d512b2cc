//! The graph service: the graph of the requested commits and their dependencies, with at most one commit of each
//! module.

use std::collections::{BTreeMap, BTreeSet};

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::ActionError;
use crate::model::{CommitId, ModuleId};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module};
use crate::wire::buf::registry::module::v1::{GetGraphRequest, GetGraphResponse, Graph, GraphService, graph};

use super::commits;
use super::graph_selection::{Node, select};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::{conversions, references};

impl GraphService for Rpc {
    async fn get_graph(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetGraphRequest>,
    ) -> ServiceResult<GetGraphResponse> {
        self.read(&ctx, |call| {
            let roots = commits::find(call, request.to_owned_message().resource_refs)?;
            let found = load(call, &roots)?;
            let commits = found.commits.iter().map(|(module, commit)| conversions::commit(module, commit)).collect();
            let edges = found.edges.iter().map(|(from, to)| edge(*from, *to)).collect();
            Ok(GetGraphResponse { graph: Graph { commits, edges, registry_commit_ids: vec![] }.into() })
        })
    }
}

fn edge(from: CommitId, to: CommitId) -> graph::Edge {
    let node = |commit: CommitId| graph::Node { commit_id: commit.to_string() };
    graph::Edge { from_node: node(from).into(), to_node: node(to).into() }
}

/// The commits of a graph with their modules, and its edges.
pub(in crate::serve::rpc) struct LoadedGraph {
    /// The commits, the requested ones first.
    pub commits: Vec<(Module, Commit)>,
    /// Edges from the importing to the imported commit.
    pub edges: BTreeSet<(CommitId, CommitId)>,
}

/// The graph below `roots`.
///
/// # Errors
/// When two roots are commits of one module, or the caller may not read a dependency.
pub(in crate::serve::rpc) fn load(call: &Call, roots: &[(Module, Commit)]) -> Answer<LoadedGraph> {
    let mut records: BTreeMap<CommitId, (Module, Commit)> = BTreeMap::new();
    let mut nodes: BTreeMap<CommitId, Node> = BTreeMap::new();
    for (module, commit) in roots {
        let root = node(call, commit)?;
        for id in &root.frozen {
            if nodes.contains_key(id) {
                continue;
            }
            let (module, commit) = references::readable_commit(call, *id)?
                .ok_or_else(|| ActionError::HiddenDependency(module.name.clone()))?;
            nodes.insert(*id, node(call, &commit)?);
            records.insert(*id, (module, commit));
        }
        nodes.insert(commit.id, root);
        records.insert(commit.id, (module.clone(), commit.clone()));
    }
    let ids: Vec<_> = roots.iter().map(|(_, commit)| commit.id).collect();
    let selected = select(&ids, &nodes).map_err(|module| twice(roots, module))?;
    let commits = selected.order.iter().filter_map(|id| records.remove(id)).collect();
    Ok(LoadedGraph { commits, edges: selected.edges })
}

fn node(call: &Call, commit: &Commit) -> Answer<Node> {
    let frozen = call.store().dependencies(commit.id)?;
    let direct: Vec<_> = frozen.iter().filter(|needed| needed.direct).map(|needed| needed.commit).collect();
    let imports = call.store().commits(&direct)?.into_iter().flatten().map(|commit| commit.module).collect();
    let frozen = frozen.iter().map(|needed| needed.commit).collect();
    Ok(Node { module: commit.module, created: commit.created, frozen, imports })
}

fn twice(roots: &[(Module, Commit)], module: ModuleId) -> Refusal {
    let named = roots.iter().find(|(root, _)| root.id == module);
    let name = named.map_or_else(|| module.to_string(), |(module, _)| module.name.to_string());
    Refusal::invalid(format!("the request names two commits of module {name}; a graph holds one commit of each module"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind, words};
    use crate::store::{Role, Visibility};

    const BASE: (&str, &str) = ("b.proto", "syntax = \"proto3\"; message B {}");
    const PETS: (&str, &str) = ("p.proto", "syntax = \"proto3\"; import \"b.proto\"; message P { B b = 1; }");

    #[test]
    fn the_graph_of_a_push_is_what_was_frozen_with_it() {
        let registry = Registry::new();
        let user = registry.user("acme");
        let (base, pets) =
            (registry.module(&user, "base", Visibility::Public), registry.module(&user, "pets", Visibility::Public));
        let old = registry.push(&base, &[], BASE, &[]);
        let pushed = registry.push(&pets, &[], PETS, &[&old]);
        registry.later();
        let new = registry.push(&base, &[], ("b.proto", "syntax = \"proto3\"; message B { int32 n = 1; }"), &[]);
        let call = registry.call(&user, Scope::Read);
        let roots = [(pets.clone(), pushed.clone())];
        let found = load(&call, &roots).unwrap();
        assert_eq!(found.commits, [(pets.clone(), pushed.clone()), (base.clone(), old.clone())]);
        assert_eq!(found.edges, BTreeSet::from([(pushed.id, old.id)]));
        // Asked for beside it, the new one takes its place.
        let found = load(&call, &[roots[0].clone(), (base.clone(), new.clone())]).unwrap();
        assert_eq!(found.edges, BTreeSet::from([(pushed.id, new.id)]));
        let text = words(load(&call, &[(base.clone(), old), (base, new)]));
        assert!(text.contains("two commits of module acme/base"), "{text}");
    }

    #[test]
    fn a_private_dependency_is_not_shown() {
        let registry = Registry::new();
        let (user, guest) = (registry.user("acme"), registry.user("guest"));
        let team = registry.organization("team", &[(&user, Role::Admin), (&guest, Role::Reader)]);
        let base = registry.module(&user, "hidden", Visibility::Private);
        let pets = registry.module(&team, "pets", Visibility::Private);
        let pushed = registry.push(&pets, &[], PETS, &[&registry.push(&base, &[], BASE, &[])]);
        let roots = [(pets, pushed)];
        assert!(load(&registry.call(&user, Scope::Read), &roots).is_ok());
        assert_eq!(kind(load(&registry.call(&guest, Scope::Read), &roots)), Kind::Forbidden);
        let text = words(load(&registry.call(&guest, Scope::Read), &roots));
        assert!(!text.contains("hidden"), "{text}");
    }
}
