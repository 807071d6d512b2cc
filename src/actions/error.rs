//! Why an action was refused. Each face maps the kinds of refusal to its own codes.

use crate::model::{
    AddressRefused, CommitId, GatePolicyError, LabelName, ModuleName, OwnerName, PluginRef, Scope, Timestamp, TokenId,
    UniqueNamesError, WebhookId, WebhookUrlError,
};
use crate::publish::{BreakingChanges, PushError, SdkRequestError, TakenNames};
use crate::store::StoreError;

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The request is not valid.
    Invalid,
    /// The caller sent no token.
    Unauthenticated,
    /// The caller lacks the right.
    Forbidden,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// It exists already.
    AlreadyExists,
    /// The registry's state forbids it; the caller must change that first.
    Precondition,
}

/// Why an action was refused; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActionError {
    /// The caller sent no token.
    #[error("this registry needs a token: log in with `buf registry login`, or send a token")]
    NoToken,
    /// The token has scope read.
    #[error("this token may only read; use one of scope write, `registry token create --scope write` makes it")]
    ReadOnlyToken,
    /// The caller does not administer the registry.
    #[error("you may not {doing}: that takes an administrator of the registry, with a token of scope admin")]
    NoAdministrator {
        /// The refused action, after "you may not".
        doing: &'static str,
    },
    /// The owner is another user.
    #[error("you may not {doing}: only user {user} may")]
    NotTheUser {
        /// The refused action, after "you may not".
        doing: String,
        /// The user.
        user: OwnerName,
    },
    /// The caller lacks the role in the organization.
    #[error("you may not {doing}: that takes the role {role} in the organization, which an admin of it can give you")]
    NoRole {
        /// The refused action, after "you may not".
        doing: String,
        /// The role that is missing.
        role: &'static str,
    },
    /// The caller may not read a dependency of the module; the message does not reveal its name.
    #[error(
        "module {0} depends on a private module that you may not read; ask for access to the modules that it imports"
    )]
    HiddenDependency(ModuleName),
    /// The new token would have a higher scope than the token that creates it.
    #[error("a token of scope {0} cannot be made with a token of a lower scope; use one of scope {0}")]
    ScopeAboveOwn(Scope),
    /// A token of scope admin for a user who is not an administrator.
    #[error("user {0} is not an administrator, so a token of scope admin would be of no use; use scope write")]
    ScopeOfNoUse(OwnerName),
    /// A text is too long.
    #[error("{field} has {length} characters; the limit is {most}")]
    LongText {
        /// The name of the field.
        field: &'static str,
        /// The number of its characters.
        length: usize,
        /// The limit.
        most: usize,
    },
    /// A text has a character that no text of the registry has.
    #[error("{field} has the character U+0000, which ends texts in many programs; leave it out")]
    Nul {
        /// The name of the field.
        field: &'static str,
    },
    /// The text is not a web address.
    #[error("{field} {text:?} is not a web address; begin it with https:// or http://")]
    NoWebAddress {
        /// The name of the field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// The token would have expired already.
    #[error("the token would expire on {0}, which is past")]
    Expired(Timestamp),
    /// The token would live too long.
    #[error("the token would expire on {end}; a token that expires lives for at most {most_days} days")]
    LivesTooLong {
        /// When it would expire.
        end: Timestamp,
        /// The limit, in days.
        most_days: i64,
    },
    /// The token does not exist, or is not the caller's.
    #[error("token {0} does not exist, or is not yours; `registry token list` shows yours")]
    UnknownToken(TokenId),
    /// The token has a higher scope than the token that would revoke it.
    #[error("a token of scope {0} cannot be revoked with a token of a lower scope; use one of scope {0}")]
    RevokedScopeAboveOwn(Scope),
    /// A user or an organization has the name.
    #[error("a user or organization {0} already exists")]
    OwnerExists(OwnerName),
    /// The name does not rest, so it cannot be freed.
    #[error("the name {0} does not rest; `registry organization deleted` lists the names that do")]
    NameDoesNotRest(OwnerName),
    /// The caller does not administer the organization.
    #[error("only admins of {0} manage its members")]
    NoAdminOf(OwnerName),
    /// An organization cannot be a member.
    #[error("{0} is an organization; members are users")]
    NoUser(OwnerName),
    /// The organization would have no admin.
    #[error("{user} is the last admin of {organization}; give another member the role admin first")]
    LastAdmin {
        /// The organization.
        organization: OwnerName,
        /// Its last admin.
        user: OwnerName,
    },
    /// The registry would have no administrator.
    #[error("user {0} is the only administrator of the registry and cannot be deleted or disabled")]
    LastAdministrator(OwnerName),
    /// The label would move to an older commit.
    #[error(
        "label {label} points at commit {head}, which is newer than {target}; a label never moves back, push the older \
         content again instead"
    )]
    LabelGoesBack {
        /// The label.
        label: LabelName,
        /// The commit that it points at.
        head: CommitId,
        /// The commit that it should point at.
        target: CommitId,
    },
    /// The default label would be archived.
    #[error(
        "label {label} is the default label of module {module} and cannot be archived; give the module another default \
         label first"
    )]
    ArchivedDefault {
        /// The module.
        module: ModuleName,
        /// Its default label.
        label: LabelName,
    },
    /// The default label of a check plugin would be archived.
    #[error("label {label} is the default label of check plugin {plugin} and cannot be archived")]
    CheckPluginDefault {
        /// The check plugin.
        plugin: ModuleName,
        /// Its default label.
        label: LabelName,
    },
    /// The program of a check plugin is none that `buf` can run.
    #[error("the program of check plugin {0} is not WebAssembly; build it for wasip1, and push the .wasm file")]
    NoWebAssembly(ModuleName),
    /// An archived label would become the default label.
    #[error("label {label} of module {module} is archived; unarchive it before it becomes the default")]
    DefaultArchived {
        /// The module.
        module: ModuleName,
        /// The archived label.
        label: LabelName,
    },
    /// Another module depends on the module.
    #[error("module {module} is needed by {by}; deprecate it instead")]
    ModuleNeeded {
        /// The module.
        module: ModuleName,
        /// The modules that depend on it, without the names of modules that the caller may not read.
        by: String,
    },
    /// A public module would depend on private modules, and reveal their content.
    #[error(
        "module {module} cannot be public: it depends on {private}, private, and whoever reads it would see that too; make \
         all of them public at once, or leave them private"
    )]
    NeedsPrivate {
        /// The module.
        module: ModuleName,
        /// The private modules, without the names of modules that the caller may not read.
        private: String,
    },
    /// Public modules would depend on a private module, and reveal its content.
    #[error(
        "module {module} cannot be private: it is needed by {public}, public; make all of them private at once, or leave \
         it public"
    )]
    NeededByPublic {
        /// The module.
        module: ModuleName,
        /// The public modules, without the names of modules that the caller may not read.
        public: String,
    },
    /// There is no such interest.
    #[error(
        "nothing keeps label {label} of module {module} generated by {plugin}; `registry interest list` shows the interests"
    )]
    NoInterest {
        /// The module.
        module: ModuleName,
        /// The label.
        label: LabelName,
        /// The plugin.
        plugin: Box<PluginRef>,
    },
    /// The webhook does not exist, or the caller does not administer its owner.
    #[error("webhook {0} does not exist, or is not yours to manage; `registry webhook list` shows those of a module")]
    UnknownWebhook(WebhookId),
    /// No webhook can send to that address.
    #[error(transparent)]
    WebhookUrl(#[from] WebhookUrlError),
    /// No webhook may send to that address.
    #[error(transparent)]
    WebhookAddress(#[from] AddressRefused),
    /// The webhook sends what the BSR sends, which knows no ping.
    #[error(
        "webhook {0} was made with `buf`: it sends what the BSR sends, and that is no ping; push something to try it"
    )]
    NoPing(WebhookId),
    /// No more events are kept for the webhook.
    #[error("too many events wait for webhook {0} already; `registry webhook deliveries` shows why they fail")]
    WebhookBusy(WebhookId),
    /// The SDK cannot be made.
    #[error(transparent)]
    Sdk(#[from] SdkRequestError),
    /// The system has no random numbers to give.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The move of a default label is a release that the gate refuses.
    #[error(
        "{0}\nthe label was not moved; an admin of the module may move it with `registry label move --allow-breaking`"
    )]
    ReleaseBreaks(Box<BreakingChanges>),
    /// Other modules of the owner have the same names, and the owner wants them unique.
    #[error("{0}\nthe label was not moved")]
    NamesTaken(Box<TakenNames>),
    /// The text is no gate.
    #[error(transparent)]
    GatePolicy(#[from] GatePolicyError),
    /// The text does not say what is done with names that are not unique.
    #[error(transparent)]
    UniqueNames(#[from] UniqueNamesError),
    /// The gate could not be asked.
    #[error(transparent)]
    Gate(#[from] PushError),
    /// The store refused the change, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActionError {
    /// The kind of refusal; none for errors of the layers below, which the faces map themselves.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        Some(match self {
            Self::NoToken => ErrorKind::Unauthenticated,
            Self::ReadOnlyToken
            | Self::NoAdministrator { .. }
            | Self::NotTheUser { .. }
            | Self::NoRole { .. }
            | Self::NoAdminOf(_)
            | Self::HiddenDependency(_)
            | Self::ScopeAboveOwn(_)
            | Self::RevokedScopeAboveOwn(_) => ErrorKind::Forbidden,
            Self::ScopeOfNoUse(_)
            | Self::LongText { .. }
            | Self::Nul { .. }
            | Self::NoWebAssembly(_)
            | Self::NoWebAddress { .. }
            | Self::Expired(_)
            | Self::LivesTooLong { .. }
            | Self::WebhookUrl(_)
            | Self::WebhookAddress(_)
            | Self::NoUser(_)
            | Self::GatePolicy(_)
            | Self::UniqueNames(_) => ErrorKind::Invalid,
            Self::UnknownToken(_) | Self::UnknownWebhook(_) | Self::NameDoesNotRest(_) | Self::NoInterest { .. } => {
                ErrorKind::NotFound
            }
            Self::OwnerExists(_) => ErrorKind::AlreadyExists,
            Self::LastAdmin { .. }
            | Self::LastAdministrator(_)
            | Self::LabelGoesBack { .. }
            | Self::ArchivedDefault { .. }
            | Self::CheckPluginDefault { .. }
            | Self::DefaultArchived { .. }
            | Self::ModuleNeeded { .. }
            | Self::NeedsPrivate { .. }
            | Self::NeededByPublic { .. }
            | Self::NoPing(_)
            | Self::WebhookBusy(_)
            | Self::NamesTaken(_)
            | Self::ReleaseBreaks(_) => ErrorKind::Precondition,
            Self::Sdk(_) | Self::Random(_) | Self::Gate(_) | Self::Store(_) => return None,
        })
    }
}
