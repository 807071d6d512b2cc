//! Why an action was refused. Each face maps the kinds once.

use crate::model::{CommitId, LabelName, ModuleName, OwnerName, PluginRef, Scope, Timestamp, TokenId};
use crate::publish::SdkRequestError;
use crate::store::StoreError;

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The request makes no sense as it is.
    Invalid,
    /// No token.
    Unauthenticated,
    /// The caller may not.
    Forbidden,
    /// Not there, or not for this caller.
    NotFound,
    /// There already.
    AlreadyExists,
    /// Something else has to happen first.
    Precondition,
}

/// Why an action was refused; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActionError {
    /// The caller showed no token.
    #[error("this registry needs a token: log in with `buf registry login`, or send a token")]
    NoToken,
    /// The token only reads.
    #[error("this token may only read; use one of scope write, `registry token create --scope write` makes it")]
    ReadOnlyToken,
    /// The caller does not administer the registry.
    #[error("you may not {doing}: that takes an administrator of the registry, with a token of scope admin")]
    NoAdministrator {
        /// What was to be done.
        doing: &'static str,
    },
    /// The modules are a user's own.
    #[error("you may not {doing}: only user {user} may")]
    NotTheUser {
        /// What was to be done.
        doing: String,
        /// The user.
        user: OwnerName,
    },
    /// The caller has no such role in the organization.
    #[error("you may not {doing}: that takes the role {role} in the organization, which an admin of it can give you")]
    NoRole {
        /// What was to be done.
        doing: String,
        /// The role that is missing.
        role: &'static str,
    },
    /// What is made of the module shows something of others; their names are not told.
    #[error(
        "module {0} depends on a private module that you may not read; ask for access to the modules that it imports"
    )]
    HiddenDependency(ModuleName),
    /// A token that would allow more than the one that makes it.
    #[error("a token of scope {0} cannot be made with a token of a lower scope; use one of scope {0}")]
    ScopeAboveOwn(Scope),
    /// A token of scope admin for somebody who is no administrator.
    #[error("user {0} is no administrator, so a token of scope admin would be of no use; use scope write")]
    ScopeOfNoUse(OwnerName),
    /// A text that is too long.
    #[error("{field} has {length} characters; at most {most} are kept")]
    LongText {
        /// What the text is.
        field: &'static str,
        /// Its characters.
        length: usize,
        /// How many are kept.
        most: usize,
    },
    /// Something else than an address of the web.
    #[error("{field} {text:?} is not a web address; begin it with https:// or http://")]
    NoWebAddress {
        /// What the text is.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// A token that would have ended already.
    #[error("the token would expire on {0}, which is past")]
    Expired(Timestamp),
    /// A token that would live too long.
    #[error("the token would expire on {end}; a token that expires lives for at most {most_days} days")]
    LivesTooLong {
        /// When it would expire.
        end: Timestamp,
        /// The limit, in days.
        most_days: i64,
    },
    /// A token that is not there, or not the caller's.
    #[error("token {0} does not exist, or is not yours; `registry token list` shows yours")]
    UnknownToken(TokenId),
    /// A token that allows more than the one that is to revoke it.
    #[error("a token of scope {0} cannot be revoked with a token of a lower scope; use one of scope {0}")]
    RevokedScopeAboveOwn(Scope),
    /// A name that somebody has.
    #[error("a user or organization {0} already exists")]
    OwnerExists(OwnerName),
    /// A name that needs no freeing.
    #[error("the name {0} does not rest; `registry organization deleted` lists those that do")]
    NameDoesNotRest(OwnerName),
    /// The caller does not administer the organization.
    #[error("only admins of {0} manage its members")]
    NoAdminOf(OwnerName),
    /// An organization in the place of a member.
    #[error("{0} is an organization; members are users")]
    NoUser(OwnerName),
    /// Nobody could change the organization any more.
    #[error("{user} is the last admin of {organization}; name another one first")]
    LastAdmin {
        /// The organization.
        organization: OwnerName,
        /// Its last admin.
        user: OwnerName,
    },
    /// A label that would move back.
    #[error(
        "label {label} points at commit {head}, which is newer than {target}; a label never moves back, push the older \
         content again instead"
    )]
    LabelGoesBack {
        /// The label.
        label: LabelName,
        /// The commit that it points at.
        head: CommitId,
        /// The commit that it was to point at.
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
    /// An archived label would become the default label.
    #[error("label {label} of module {module} is archived; unarchive it before it becomes the default")]
    DefaultArchived {
        /// The module.
        module: ModuleName,
        /// The archived label.
        label: LabelName,
    },
    /// A module that others need cannot be deleted.
    #[error("module {module} is needed by {by}; deprecate it instead")]
    ModuleNeeded {
        /// The module.
        module: ModuleName,
        /// The modules that need it, as far as the caller may know.
        by: String,
    },
    /// A public module would show something of private ones.
    #[error(
        "module {module} cannot be public: it depends on {private}, private, and whoever reads it would see that too; make \
         all of them public at once, or leave them private"
    )]
    NeedsPrivate {
        /// The module.
        module: ModuleName,
        /// The private modules, as far as the caller may know.
        private: String,
    },
    /// A private module that public ones would show something of.
    #[error(
        "module {module} cannot be private: it is needed by {public}, public; make all of them private at once, or leave \
         it public"
    )]
    NeededByPublic {
        /// The module.
        module: ModuleName,
        /// The public modules, as far as the caller may know.
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
    /// The SDK cannot be made.
    #[error(transparent)]
    Sdk(#[from] SdkRequestError),
    /// The system has no random numbers to give.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The store refused, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActionError {
    /// The kind of refusal; none for what the layers below refused or failed at, which the faces know.
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
            | Self::NoWebAddress { .. }
            | Self::Expired(_)
            | Self::LivesTooLong { .. }
            | Self::NoUser(_) => ErrorKind::Invalid,
            Self::UnknownToken(_) | Self::NameDoesNotRest(_) | Self::NoInterest { .. } => ErrorKind::NotFound,
            Self::OwnerExists(_) => ErrorKind::AlreadyExists,
            Self::LastAdmin { .. }
            | Self::LabelGoesBack { .. }
            | Self::ArchivedDefault { .. }
            | Self::DefaultArchived { .. }
            | Self::ModuleNeeded { .. }
            | Self::NeedsPrivate { .. }
            | Self::NeededByPublic { .. } => ErrorKind::Precondition,
            Self::Sdk(_) | Self::Random(_) | Self::Store(_) => return None,
        })
    }
}
