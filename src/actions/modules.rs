//! Creates, changes and deletes modules.

use super::access::{Access, readable_module, require};
use super::actor::Actor;
use super::error::ActionError;
use super::field_rules;
use crate::model::{LabelName, ModuleName, RepositoryName, WebhookNews};
use crate::publish::{Publisher, new_ids};
use crate::store::{AuditEvent, Module, Owner, StoreError, Visibility};

/// A module to create.
pub(crate) struct NewModule {
    /// The owner.
    pub(crate) owner: Owner,
    /// The second part of its name.
    pub(crate) name: RepositoryName,
    /// Public or private.
    pub(crate) visibility: Visibility,
    /// The label whose commits are released.
    pub(crate) default_label: LabelName,
    /// Free text for people; may be empty.
    pub(crate) description: String,
    /// The URL of its web page; may be empty.
    pub(crate) url: String,
}

/// Changes of a module; an absent field stays as it is.
pub(crate) struct ModuleChange {
    /// The module.
    pub(crate) module: Module,
    /// Public or private.
    pub(crate) visibility: Option<Visibility>,
    /// Whether its users are advised to move to another module.
    pub(crate) deprecated: Option<bool>,
    /// Free text for people.
    pub(crate) description: Option<String>,
    /// The URL of its web page.
    pub(crate) url: Option<String>,
    /// The label whose commits are released. It need not exist, but must not be archived.
    pub(crate) default_label: Option<LabelName>,
}

impl ModuleChange {
    fn is_more_than_visibility(&self) -> bool {
        let texts = [&self.description, &self.url];
        texts.iter().any(|text| text.is_some()) || self.deprecated.is_some() || self.default_label.is_some()
    }
}

/// Creates modules: all or none.
///
/// # Errors
/// When the caller may not create modules for an owner, a text is refused, a name is taken, or an owner has too many
/// modules.
pub(crate) fn create(actor: &Actor<'_>, new: Vec<NewModule>) -> Result<Vec<Module>, ActionError> {
    actor.caller.require_write()?;
    let modules: Vec<_> = new.into_iter().map(|new| new_module(actor, new)).collect::<Result<_, _>>()?;
    actor.store.transaction("create modules", |tx| {
        for module in &modules {
            tx.create_module(module)?;
            tx.audit(&actor.event("module.create", module.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(modules)
}

fn new_module(actor: &Actor<'_>, new: NewModule) -> Result<Module, ActionError> {
    let doing = format!("create modules for {}", new.owner.name);
    require(actor.store, actor.caller, new.owner.id, Access::Admin, &doing)?;
    Ok(Module {
        id: new_ids::module(),
        name: ModuleName::new(new.owner.name, new.name),
        owner: new.owner.id,
        visibility: new.visibility,
        deprecated: false,
        description: field_rules::description(&new.description)?,
        url: field_rules::url("url", &new.url)?,
        default_label: new.default_label,
        created: actor.at,
        updated: actor.at,
    })
}

/// Changes modules: all or none.
///
/// # Errors
/// When the caller does not administer one of them, a text is refused, the new default label is archived, or a public
/// module would depend on a private one.
pub(crate) fn update(
    actor: &Actor<'_>,
    publisher: &Publisher,
    changes: Vec<ModuleChange>,
) -> Result<Vec<Module>, ActionError> {
    let by = actor.user()?.id;
    let (mut modules, mut redirected, mut events, mut news) = (vec![], vec![], vec![], vec![]);
    for change in changes {
        let names_label = change.default_label.is_some();
        let (visibility, is_more) = (change.module.visibility, change.is_more_than_visibility());
        let was_deprecated = change.module.deprecated;
        let module = changed(actor, change)?;
        events.extend(update_events(actor, &module, visibility, is_more));
        if module.deprecated && !was_deprecated {
            news.push(WebhookNews::deprecated(module.id, &module.name));
        }
        if names_label {
            redirected.push(module.clone());
        }
        modules.push(module);
    }
    let stored = actor.store.transaction("change modules", |tx| {
        tx.update_modules(&modules)?;
        news.iter().try_for_each(|news| tx.announce(news, actor.at))?;
        events.iter().try_for_each(|event| tx.audit(event))
    });
    stored.or_else(|error| Err(without_hidden_names(actor, error)?))?;
    for module in &redirected {
        publisher.index_default_label(module.id, (actor.at, by))?;
    }
    actor.observer.content_changed();
    Ok(modules)
}

/// The audit records of a change of `module`, whose visibility was `old`; `is_more` if it changes more than that.
fn update_events(actor: &Actor<'_>, module: &Module, old: Visibility, is_more: bool) -> Vec<AuditEvent> {
    let is_visibility = module.visibility != old;
    let visibility = is_visibility.then(|| {
        let subject = format!("{}: {}, was {}", module.name, word(module.visibility), word(old));
        actor.event("module.visibility", subject)
    });
    let rest = (is_more || !is_visibility).then(|| actor.event("module.update", module.name.to_string()));
    visibility.into_iter().chain(rest).collect()
}

/// The name of a visibility.
pub(super) fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}

fn changed(actor: &Actor<'_>, change: ModuleChange) -> Result<Module, ActionError> {
    let mut module = change.module;
    require_admin(actor, &module, "change")?;
    module.visibility = change.visibility.unwrap_or(module.visibility);
    module.deprecated = change.deprecated.unwrap_or(module.deprecated);
    if let Some(description) = &change.description {
        module.description = field_rules::description(description)?;
    }
    if let Some(url) = &change.url {
        module.url = field_rules::url("url", url)?;
    }
    if let Some(label) = change.default_label {
        if actor.store.label(module.id, &label)?.is_some_and(|label| label.archived.is_some()) {
            return Err(ActionError::DefaultArchived { module: module.name, label });
        }
        module.default_label = label;
    }
    module.updated = actor.at;
    Ok(module)
}

/// Deletes modules with their commits, labels, SDKs and interests: all modules or none.
///
/// # Errors
/// When the caller does not administer one of the modules, or a module that stays depends on one of them.
pub(crate) fn delete(actor: &Actor<'_>, modules: &[Module]) -> Result<(), ActionError> {
    for module in modules {
        require_admin(actor, module, "delete")?;
    }
    let ids: Vec<_> = modules.iter().map(|module| module.id).collect();
    let stored = actor.store.transaction("delete modules", |tx| {
        tx.delete_modules(&ids)?;
        for module in modules {
            tx.audit(&actor.event("module.delete", module.name.to_string()))?;
        }
        Ok(())
    });
    stored.or_else(|error| Err(without_hidden_names(actor, error)?))?;
    actor.observer.content_changed();
    Ok(())
}

fn require_admin(actor: &Actor<'_>, module: &Module, doing: &str) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let doing = format!("{doing} module {}", module.name);
    require(actor.store, actor.caller, module.owner, Access::Admin, &doing)
}

/// A refusal that names other modules, without the names of modules that the caller may not read.
fn without_hidden_names(actor: &Actor<'_>, error: StoreError) -> Result<ActionError, StoreError> {
    Ok(match error {
        StoreError::HasDependants { module, dependants } => {
            ActionError::ModuleNeeded { module, by: readable(actor, &dependants)? }
        }
        StoreError::NeedsPrivate { module, private } => {
            ActionError::NeedsPrivate { module, private: readable(actor, &private)? }
        }
        StoreError::NeededByPublic { module, public } => {
            ActionError::NeededByPublic { module, public: readable(actor, &public)? }
        }
        error => error.into(),
    })
}

fn readable(actor: &Actor<'_>, names: &[ModuleName]) -> Result<String, StoreError> {
    let mut readable = vec![];
    for name in names {
        if readable_module(actor.store, actor.caller, name)?.is_some() {
            readable.push(name.to_string());
        }
    }
    if readable.len() < names.len() {
        readable.push("modules that you may not see".into());
    }
    Ok(readable.join(", "))
}
