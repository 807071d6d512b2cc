//! Takes over what another registry says of a module beside its commits: texts, state and visibility, and on request
//! its organization, the roles of members, and interests.
//!
//! Each change is that of its own action, with its rules and its audit record. What a rule refuses is left out and
//! told, because the registry that it comes from has other users, plugins and rules; the rest is taken over.

use super::access::{Access, require};
use super::actor::Actor;
use super::error::ActionError;
use super::modules::{self, ModuleChange};
use super::organizations::{self, OrganizationChange};
use super::{field_rules, interests, members};
use crate::model::{LabelName, OwnerName, PluginRef};
use crate::publish::{Publisher, ResolveError, SdkPurpose, SdkRequest, SdkRequestError};
use crate::store::{Interest, Module, Owner, OwnerKind, Role, Visibility};

/// What another registry says of a module.
#[derive(Debug, Default)]
pub(crate) struct ForeignSettings {
    /// The texts of the module.
    pub(crate) texts: Texts,
    /// Whether its users are advised to move to another module; none leaves it as it is.
    pub(crate) deprecated: Option<bool>,
    /// Public or private there; none leaves it as it is.
    pub(crate) visibility: Option<Visibility>,
    /// Whether a module that is private here may become public by this.
    pub(crate) make_public: bool,
    /// The texts of the organization that owns it; none leaves them as they are.
    pub(crate) organization: Option<Texts>,
    /// The members of that organization.
    pub(crate) members: Vec<(OwnerName, Role)>,
    /// What is kept generated there.
    pub(crate) interests: Vec<(LabelName, PluginRef)>,
}

/// Texts for people. An empty one leaves the one that is here: the other registry has nothing better to say.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// A line about it.
    pub(crate) description: String,
    /// The URL of its web page.
    pub(crate) url: String,
}

/// The result, as phrases for people.
#[derive(Debug, Default)]
pub(crate) struct TakenOver {
    /// What changed.
    pub(crate) changes: Vec<String>,
    /// What could not be taken over, with the reason.
    pub(crate) left_out: Vec<String>,
}

/// Takes over the settings of `module`. Doing it again changes nothing.
///
/// # Errors
/// When the caller does not administer the module, or the store fails; what was changed before stays.
pub(crate) fn take_over(
    actor: &Actor<'_>,
    publisher: &Publisher,
    module: Module,
    settings: &ForeignSettings,
) -> Result<TakenOver, ActionError> {
    actor.caller.require_write()?;
    let doing = format!("import settings of module {}", module.name);
    require(actor.store, actor.caller, module.owner, Access::Admin, &doing)?;
    let mut takeover = Takeover { actor, publisher, module, taken: TakenOver::default() };
    takeover.texts_and_state(settings)?;
    takeover.visibility(settings)?;
    takeover.owner(settings)?;
    takeover.interests(&settings.interests)?;
    Ok(takeover.taken)
}

struct Takeover<'a> {
    actor: &'a Actor<'a>,
    publisher: &'a Publisher,
    module: Module,
    taken: TakenOver,
}

impl Takeover<'_> {
    fn texts_and_state(&mut self, settings: &ForeignSettings) -> Result<(), ActionError> {
        let name = self.module.name.to_string();
        let here = Texts { description: self.module.description.clone(), url: self.module.url.clone() };
        let new = self.new_texts(&name, &settings.texts, &here);
        let deprecated = settings.deprecated.filter(|deprecated| *deprecated != self.module.deprecated);
        let mut phrases = new.phrases(&name);
        match deprecated {
            Some(true) => phrases.push(format!("{name} is deprecated")),
            Some(false) => phrases.push(format!("{name} is not deprecated any more")),
            None => {}
        }
        let Changed { description, url } = new;
        self.change_module(ModuleChange { description, url, deprecated, ..self.no_change() }, phrases)
    }

    fn visibility(&mut self, settings: &ForeignSettings) -> Result<(), ActionError> {
        let Some(visibility) = settings.visibility.filter(|wanted| *wanted != self.module.visibility) else {
            return Ok(());
        };
        let name = &self.module.name;
        if visibility == Visibility::Public && !settings.make_public {
            self.taken.left_out.push(format!("{name} is public there and private here"));
            return Ok(());
        }
        let phrase = format!("{name} is {}", if visibility == Visibility::Public { "public" } else { "private" });
        self.change_module(ModuleChange { visibility: Some(visibility), ..self.no_change() }, vec![phrase])
    }

    /// The organization that owns the module, and its members.
    fn owner(&mut self, settings: &ForeignSettings) -> Result<(), ActionError> {
        if settings.organization.is_none() && settings.members.is_empty() {
            return Ok(());
        }
        let Some(owner) = self.actor.store.owner_by_id(self.module.owner)? else { return Ok(()) };
        if owner.kind != OwnerKind::Organization {
            self.taken.left_out.push(format!("{} is an organization there and a user here", owner.name));
            return Ok(());
        }
        for (user, role) in &settings.members {
            self.member(&owner, user, *role)?;
        }
        let Some(texts) = &settings.organization else { return Ok(()) };
        let name = owner.name.to_string();
        let here = Texts { description: owner.description.clone(), url: owner.url.clone() };
        let new = self.new_texts(&name, texts, &here);
        let phrases = new.phrases(&name);
        if phrases.is_empty() {
            return Ok(());
        }
        let change = OrganizationChange { organization: owner, description: new.description, url: new.url };
        let changed = organizations::update(self.actor, vec![change]);
        self.note(changed, phrases).map(drop)
    }

    /// Gives a user the role that a member of the same name has there. The caller keeps theirs: with a lower one, this
    /// mirror would be their last.
    fn member(&mut self, organization: &Owner, name: &OwnerName, role: Role) -> Result<(), ActionError> {
        let word = members::word(role);
        let Some(user) = self.actor.store.owner(name)? else {
            let phrase = format!("{name}, {word} of {} there, is no user here", organization.name);
            self.taken.left_out.push(phrase);
            return Ok(());
        };
        let old = self.actor.store.role(organization.id, user.id)?;
        if old == Some(role) {
            return Ok(());
        }
        let was = old.map(|old| format!(", was {}", members::word(old))).unwrap_or_default();
        if self.actor.caller.user().is_some_and(|caller| caller.id == user.id) {
            let phrase = format!("{name} mirrors, and keeps the own role; {word} of {} there", organization.name);
            self.taken.left_out.push(phrase);
            return Ok(());
        }
        let changed = members::set(self.actor, organization, &user, Some(role));
        self.note(changed, vec![format!("{name} is {word} of {}{was}", organization.name)]).map(drop)
    }

    fn interests(&mut self, wanted: &[(LabelName, PluginRef)]) -> Result<(), ActionError> {
        let known = self.actor.store.interests(self.module.id)?;
        let is_known = |label: &LabelName, plugin: &PluginRef| {
            let is_it = |known: &Interest| known.plugin == plugin.name && known.version == plugin.version;
            known.iter().any(|known| known.label == *label && is_it(known))
        };
        for (label, plugin) in wanted.iter().filter(|(label, plugin)| !is_known(label, plugin)) {
            let (purpose, by) = (SdkPurpose::Keep(label.clone()), Some(self.actor.author()?));
            let request = SdkRequest { plugin: plugin.clone(), reference: label.to_string(), purpose, by };
            let requested = interests::request_sdk(self.actor, self.publisher, &self.module, &request);
            let phrase = format!("label {label} of {} is kept generated with {plugin}", self.module.name);
            self.note(requested, vec![phrase])?;
        }
        Ok(())
    }

    fn no_change(&self) -> ModuleChange {
        ModuleChange {
            module: self.module.clone(),
            visibility: None,
            deprecated: None,
            description: None,
            url: None,
            default_label: None,
        }
    }

    /// Changes the module, if there are phrases for it.
    fn change_module(&mut self, change: ModuleChange, phrases: Vec<String>) -> Result<(), ActionError> {
        if phrases.is_empty() {
            return Ok(());
        }
        let changed = modules::update(self.actor, self.publisher, vec![change]);
        if let Some(module) = self.note(changed, phrases)?.and_then(|modules| modules.into_iter().next()) {
            self.module = module;
        }
        Ok(())
    }

    /// Notes what came of a change: the phrases if it was made, its refusal if a rule was against it.
    fn note<T>(&mut self, changed: Result<T, ActionError>, phrases: Vec<String>) -> Result<Option<T>, ActionError> {
        match changed {
            Ok(changed) => {
                self.taken.changes.extend(phrases);
                Ok(Some(changed))
            }
            Err(error) => {
                self.taken.left_out.push(refusal(error)?);
                Ok(None)
            }
        }
    }

    /// The texts that differ from those that are `here`, and that the rules allow.
    fn new_texts(&mut self, name: &str, there: &Texts, here: &Texts) -> Changed {
        let mut allowed = |checked: Result<String, ActionError>, here: &str| match checked {
            Ok(text) if text.is_empty() || text == here => None,
            Ok(text) => Some(text),
            Err(error) => {
                self.taken.left_out.push(format!("{name}: {error}"));
                None
            }
        };
        let description = allowed(field_rules::description(&there.description), &here.description);
        Changed { description, url: allowed(field_rules::url("url", &there.url), &here.url) }
    }
}

/// The texts that change.
struct Changed {
    description: Option<String>,
    url: Option<String>,
}

impl Changed {
    fn phrases(&self, name: &str) -> Vec<String> {
        let phrase = |what: &str, text: &Option<String>| text.as_ref().map(|_| format!("{name} has another {what}"));
        [phrase("description", &self.description), phrase("url", &self.url)].into_iter().flatten().collect()
    }
}

/// The sentence of a rule that was against a change.
///
/// # Errors
/// What is no rule: the store failed.
fn refusal(error: ActionError) -> Result<String, ActionError> {
    match error {
        ActionError::Sdk(SdkRequestError::Store(error) | SdkRequestError::Resolve(ResolveError::Store(error))) => {
            Err(error.into())
        }
        ActionError::Sdk(error) => Ok(error.to_string()),
        error if error.kind().is_some() => Ok(error.to_string()),
        error => Err(error),
    }
}
