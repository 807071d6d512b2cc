//! The header of every page of a module: its name, the tabs, and the selector of a label or commit. The selected
//! reference is part of the path and applies to all tabs.

use std::collections::BTreeMap;

use crate::actions::access::{Access, access};
use crate::model::{CommitId, LabelName, ModuleName, ShortCommit};
use crate::publish::{Resolved, resolve, resolve_commit};
use crate::serve::http::error::Answer;
use crate::store::{Commit, Label, LabelFilter, Module, Order, Store, Visibility};

use super::link::segment;
use super::page_request::PageRequest;
use crate::serve::web::page::params::Params;

/// The most labels, and the most commits, in the selector; the commits tab lists all.
const OFFERED: u64 = 40;

/// The tabs of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve::web) enum Tab {
    Docs,
    Sdks,
    Files,
    Commits,
    Dependencies,
    /// For admins only, and of the module, not of a commit.
    Webhooks,
    /// Likewise.
    Settings,
}

impl Tab {
    /// Those for everybody who may read the module.
    const ALL: [Self; 5] = [Self::Docs, Self::Sdks, Self::Files, Self::Commits, Self::Dependencies];

    fn name(self) -> &'static str {
        match self {
            Self::Docs => "Docs",
            Self::Sdks => "SDKs",
            Self::Files => "Files",
            Self::Commits => "Commits",
            Self::Dependencies => "Dependencies",
            Self::Webhooks => "Webhooks",
            Self::Settings => "Settings",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Docs => "docs",
            Self::Sdks => "sdks",
            Self::Files => "files",
            Self::Commits => "commits",
            Self::Dependencies => "dependencies",
            Self::Webhooks => "webhooks",
            Self::Settings => "settings",
        }
    }
}

/// A link of the header.
pub(in crate::serve::web) struct Choice {
    pub name: String,
    pub href: String,
    pub current: bool,
    /// A word beside the name, for example `default`.
    pub mark: &'static str,
}

/// The header of a module's page.
pub(in crate::serve::web) struct ModuleHeader {
    pub owner: String,
    pub name: String,
    /// `localhost:8780/acme/pets`, as `buf` names the module.
    pub full: String,
    /// `/acme/pets`.
    pub path: String,
    pub description: String,
    pub private: bool,
    pub deprecated: bool,
    pub tabs: Vec<Choice>,
    /// The name of the label, or the short name of the commit.
    pub reference: String,
    /// `Label` or `Commit`.
    pub kind: &'static str,
    pub labels: Vec<Choice>,
    pub commits: Vec<Choice>,
    pub short: String,
}

/// A module at one commit.
pub(in crate::serve::web) struct ModuleAtCommit {
    pub module: Module,
    pub commit: Commit,
    /// The label that the reference names, if it names one.
    pub label: Option<Label>,
    /// The reference, escaped for paths.
    pub reference: String,
}

impl ModuleAtCommit {
    /// The module and commit that a path names; without a reference, the head of the default label.
    ///
    /// # Errors
    /// When one of them does not exist for the caller.
    pub(in crate::serve::web) fn find(visit: &PageRequest<'_>, params: &Params) -> Answer<Self> {
        let module = visit.module(params.get("owner"), params.get("module"))?;
        Self::of(visit.store(), module, params.get("ref"))
    }

    /// The module at `reference`.
    ///
    /// # Errors
    /// When the reference is neither a label nor a commit.
    pub(in crate::serve::web) fn of(store: &Store, module: Module, reference: &str) -> Answer<Self> {
        let text = if reference.is_empty() { module.default_label.as_str() } else { reference };
        if reference.parse::<LabelName>().is_ok_and(|name| matches!(store.label(module.id, &name), Ok(None)))
            && let Ok(short) = reference.parse::<ShortCommit>()
            && let Some(commit) = store.commit_by_short(module.id, &short)?
        {
            return Ok(Self { module, commit, label: None, reference: segment(reference) });
        }
        let commit = resolve_commit(store, &module, reference)?;
        let label = match resolve(store, &module, text) {
            Ok(Resolved::Label(label)) => Some(label),
            _ => None,
        };
        let reference = segment(text);
        Ok(Self { module, commit, label, reference })
    }

    /// The path of a tab at this reference, `/acme/pets/docs/main`.
    pub(in crate::serve::web) fn tab(&self, tab: Tab) -> String {
        format!("/{}/{}/{}", self.module.name, tab.path(), self.reference)
    }

    /// The frozen dependencies of this commit, by module.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::serve::web) fn dependencies(&self, store: &Store) -> Answer<BTreeMap<ModuleName, CommitId>> {
        let mut commits = BTreeMap::new();
        for dependency in store.dependencies(self.commit.id)? {
            if let Some(commit) = store.commit(dependency.commit)?
                && let Some(module) = store.module_by_id(commit.module)?
            {
                commits.insert(module.name, commit.id);
            }
        }
        Ok(commits)
    }

    /// Whether the reference is the default label.
    pub(in crate::serve::web) fn is_default(&self) -> bool {
        self.label.as_ref().is_some_and(|label| label.name == self.module.default_label)
    }

    /// The reference as text for the page.
    pub(in crate::serve::web) fn called(&self) -> String {
        self.label.as_ref().map_or_else(|| self.commit.id.short().to_string(), |label| label.name.to_string())
    }

    /// The header. `here` is the path of this page at another reference.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::serve::web) fn head(
        &self,
        visit: &PageRequest<'_>,
        tab: Tab,
        here: &dyn Fn(&str) -> String,
    ) -> Answer<ModuleHeader> {
        let module = &self.module;
        let link =
            |other: Tab| Choice { name: other.name().into(), href: self.tab(other), current: other == tab, mark: "" };
        let mut tabs: Vec<_> = Tab::ALL.map(link).into();
        if access(visit.store(), &visit.caller, module.owner)? >= Access::Admin {
            let of_module = |tab: Tab| Choice { href: format!("/{}/{}", module.name, tab.path()), ..link(tab) };
            tabs.extend([Tab::Webhooks, Tab::Settings].map(of_module));
        }
        Ok(ModuleHeader {
            owner: module.name.owner().to_string(),
            name: module.name.name().to_string(),
            full: format!("{}/{}", visit.host(), module.name),
            path: format!("/{}", module.name),
            description: module.description.clone(),
            private: module.visibility == Visibility::Private,
            deprecated: module.deprecated,
            tabs,
            reference: self.called(),
            kind: if self.label.is_some() { "Label" } else { "Commit" },
            labels: self.labels(visit.store(), here)?,
            commits: self.commits(visit, here)?,
            short: self.commit.id.short().to_string(),
        })
    }

    fn labels(&self, store: &Store, here: &dyn Fn(&str) -> String) -> Answer<Vec<Choice>> {
        let filter = LabelFilter { archived: Some(false), order: Order::UpdatedFirst, ..LabelFilter::default() };
        let mut labels = store.list_labels(self.module.id, &filter, 0, OFFERED)?.items;
        labels.sort_by_key(|label| label.name != self.module.default_label);
        let choice = |label: Label| Choice {
            href: here(&segment(label.name.as_str())),
            current: self.label.as_ref().is_some_and(|shown| shown.id == label.id),
            mark: if label.name == self.module.default_label { "default" } else { "" },
            name: label.name.to_string(),
        };
        Ok(labels.into_iter().map(choice).collect())
    }

    fn commits(&self, visit: &PageRequest<'_>, here: &dyn Fn(&str) -> String) -> Answer<Vec<Choice>> {
        let commits = visit.store().list_commits(self.module.id, true, None, 0, OFFERED / 4)?.items;
        let choice = |commit: Commit| Choice {
            name: format!("{} · {}", commit.id.short(), visit.age(commit.created).text),
            href: here(&commit.id.to_string()),
            current: self.label.is_none() && commit.id == self.commit.id,
            mark: if commit.released { "released" } else { "" },
        };
        Ok(commits.into_iter().map(choice).collect())
    }
}

/// The path of the documentation of a commit.
pub(in crate::serve::web) fn docs_path(module: &ModuleName, commit: CommitId) -> String {
    format!("/{module}/docs/{commit}")
}
