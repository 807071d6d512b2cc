//! The refusal of a request, and the one table of HTTP statuses and RPC codes for each kind of refusal.

use connectrpc::ErrorCode;
use http::StatusCode;

use crate::actions::{ActionError, ErrorKind};
use crate::model::{Diagnostics, IdError, LimitExceeded, ModuleName, OwnerName};
use crate::publish::{DescriptorsError, PushError, ResolveError, SchemaError, SdkRequestError};
use crate::store::{DiskAccess, StoreError};

use crate::serve::auth::AuthError;

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Kind {
    /// The request is not valid.
    Invalid,
    /// The request is well-formed, but its content is refused: the sources do not compile, for example.
    Unprocessable,
    /// No token was sent, or it is not valid.
    Unauthenticated,
    /// The caller lacks the right.
    Forbidden,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// It exists already.
    AlreadyExists,
    /// The registry's state forbids it; the caller must change that first.
    Precondition,
    /// The request was sent to an address that is not known as this server's.
    Misdirected,
    /// It is larger than a limit.
    TooLarge,
    /// Too many requests of the kind are running or waiting.
    TooMany,
    /// Other requests use all of a limited resource.
    Busy,
    /// The registry cannot do it now.
    Unavailable,
    /// The client's own deadline has passed.
    Late,
    /// The registry has nothing of the kind.
    Unimplemented,
    /// The disk has no room.
    Full,
    /// A fault of the registry; the log has the details.
    Internal,
}

impl Kind {
    /// Every kind, for tests of the tables.
    #[cfg(test)]
    const ALL: [Self; 16] = [
        Self::Invalid,
        Self::Unprocessable,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::AlreadyExists,
        Self::Precondition,
        Self::Misdirected,
        Self::TooLarge,
        Self::TooMany,
        Self::Busy,
        Self::Unavailable,
        Self::Late,
        Self::Unimplemented,
        Self::Full,
        Self::Internal,
    ];

    /// The status on plain HTTP.
    pub(in crate::serve) fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unprocessable | Self::Precondition => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::AlreadyExists => StatusCode::CONFLICT,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code on Connect, gRPC and gRPC-Web.
    pub(in crate::serve) fn code(self) -> ErrorCode {
        match self {
            Self::Invalid | Self::Unprocessable => ErrorCode::InvalidArgument,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::Forbidden => ErrorCode::PermissionDenied,
            Self::NotFound => ErrorCode::NotFound,
            Self::AlreadyExists => ErrorCode::AlreadyExists,
            Self::Precondition | Self::Misdirected => ErrorCode::FailedPrecondition,
            Self::TooLarge | Self::TooMany | Self::Busy | Self::Full => ErrorCode::ResourceExhausted,
            Self::Unavailable => ErrorCode::Unavailable,
            Self::Late => ErrorCode::DeadlineExceeded,
            Self::Unimplemented => ErrorCode::Unimplemented,
            Self::Internal => ErrorCode::Internal,
        }
    }
}

/// What is said while the store cannot be reached.
pub(in crate::serve) const DATABASE_UNREACHABLE: &str = "the registry's database cannot be reached; try again later";

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(in crate::serve) struct Refusal {
    /// The kind of refusal.
    pub kind: Kind,
    /// The message: what is wrong, and what to do.
    pub message: String,
    /// An existing name that is similar to the unknown one; the message asks "did you mean …?".
    pub suggestion: Option<Suggestion>,
    /// What is wrong in the sources of the request, for programs; the message says the same.
    pub findings: Option<Diagnostics>,
}

/// An existing name that is similar to a mistyped one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) enum Suggestion {
    /// A module that the caller may read.
    Module(ModuleName),
    /// A user or an organization.
    Owner(OwnerName),
}

/// The result of a handler.
pub(in crate::serve) type Answer<T> = Result<T, Refusal>;

macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        impl Refusal {$(
            pub(in crate::serve) fn $name(message: impl Into<String>) -> Self {
                Self::new(Kind::$kind, message)
            }
        )*}
    };
}

constructors! {
    invalid => Invalid,
    unauthenticated => Unauthenticated,
    forbidden => Forbidden,
    not_found => NotFound,
    already_exists => AlreadyExists,
    precondition => Precondition,
    too_many => TooMany,
    busy => Busy,
    unprocessable => Unprocessable,
    unavailable => Unavailable,
    late => Late,
    unimplemented => Unimplemented,
}

impl Refusal {
    pub(in crate::serve) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), suggestion: None, findings: None }
    }

    /// A fault of the registry: the cause goes to the log, not to the client.
    pub(in crate::serve) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "request failed");
        let message = "the registry could not do this because of a fault of its own; its log says more";
        Self::new(Kind::Internal, message)
    }
}

impl Refusal {
    /// A failing disk. Only the log says where it is mounted.
    fn disk(error: &StoreError, access: DiskAccess) -> Self {
        tracing::error!(%error, "the disk failed");
        Self::unavailable(format!(
            "the registry's disk cannot be {access}, so this was not done; its log tells its administrator more"
        ))
    }
}

impl Refusal {
    /// An object store that does not do what it should. Only the log says where it is.
    fn blobs(error: &StoreError) -> Self {
        tracing::error!(%error, "the object store failed");
        Self::unavailable(format!(
            "{}, so this was not done; ask again in a moment; its log tells its administrator more",
            error.outage()
        ))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Limit(_) => Kind::TooLarge,
            StoreError::AlreadyExists(_) | StoreError::AlreadyPublished { .. } => Kind::AlreadyExists,
            StoreError::Missing(_) => Kind::NotFound,
            StoreError::OwnerHasModules { .. }
            | StoreError::OwnerHasCheckPlugins { .. }
            | StoreError::HasDependants { .. }
            | StoreError::NameRests { .. }
            | StoreError::NeedsPrivate { .. }
            | StoreError::NeededByPublic { .. } => Kind::Precondition,
            StoreError::Full { .. } => {
                tracing::error!(%error, "no room");
                let remedy = "its administrator can free space or raise the limit";
                return Self::new(Kind::Full, format!("{}: nothing was stored; {remedy}", error.outage()));
            }
            StoreError::Busy { .. } | StoreError::Overtaken => Kind::Unavailable,
            error if error.is_of_blobs() => return Self::blobs(error),
            // The address of the database is not for everybody.
            StoreError::Unreachable { .. } | StoreError::NotLetIn { .. } => {
                tracing::error!(%error, "no database");
                return Self::unavailable(DATABASE_UNREACHABLE);
            }
            StoreError::Unconfirmed { .. } => {
                tracing::error!(%error, "the database was lost");
                return Self::unavailable(
                    "the registry's database was lost while it kept the change, so it is not known whether that was \
                     done; look before you try again",
                );
            }
            _ => match error.disk_failure() {
                Some(access) => return Self::disk(&error, access),
                None => return Self::internal(&error),
            },
        };
        Self::new(kind, error.to_string())
    }
}

impl From<ActionError> for Refusal {
    fn from(error: ActionError) -> Self {
        let kind = match error.kind() {
            Some(ErrorKind::Invalid) => Kind::Invalid,
            Some(ErrorKind::Unauthenticated) => Kind::Unauthenticated,
            Some(ErrorKind::Forbidden) => Kind::Forbidden,
            Some(ErrorKind::NotFound) => Kind::NotFound,
            Some(ErrorKind::AlreadyExists) => Kind::AlreadyExists,
            Some(ErrorKind::Precondition) => Kind::Precondition,
            None => match error {
                ActionError::Store(error) => return error.into(),
                ActionError::Sdk(error) => return error.into(),
                ActionError::Gate(error) => return error.into(),
                error => return Self::internal(&error),
            },
        };
        Self::new(kind, error.to_string())
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Store(error) => error.into(),
            refused => Self::unauthenticated(refused.to_string()),
        }
    }
}

impl From<ResolveError> for Refusal {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Store(error) => error.into(),
            ResolveError::Unknown { .. } => Self::not_found(error.to_string()),
            ResolveError::NoCommits { .. } => Self::precondition(error.to_string()),
        }
    }
}

impl From<SdkRequestError> for Refusal {
    fn from(error: SdkRequestError) -> Self {
        match error {
            SdkRequestError::Store(error) => error.into(),
            SdkRequestError::Resolve(error) => error.into(),
            SdkRequestError::Plugin(_) => Self::not_found(error.to_string()),
            SdkRequestError::NoSdk(_) => Self::invalid(error.to_string()),
        }
    }
}

impl From<DescriptorsError> for Refusal {
    fn from(error: DescriptorsError) -> Self {
        match error {
            DescriptorsError::Store(error) => error.into(),
            DescriptorsError::Hidden(_) => Self::forbidden(error.to_string()),
            refused => Self::unprocessable(format!("the commit does not compile any more: {refused}")),
        }
    }
}

impl From<SchemaError> for Refusal {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Malformed(_) => Self::invalid(error.to_string()),
            SchemaError::Unknown(_) => Self::not_found(error.to_string()),
            SchemaError::Descriptors(error) => error.into(),
            SchemaError::Encoding(_) => Self::internal(&error),
        }
    }
}

impl From<IdError> for Refusal {
    fn from(error: IdError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<LimitExceeded> for Refusal {
    fn from(error: LimitExceeded) -> Self {
        Self::new(Kind::TooLarge, error.to_string())
    }
}

impl From<PushError> for Refusal {
    fn from(error: PushError) -> Self {
        use crate::publish::DependencyError as D;
        if let Some(limit) = error.exceeded_limit() {
            return limit.clone().into();
        }
        match error {
            PushError::Store(error) | PushError::Dependency(D::Store(error)) => error.into(),
            PushError::Dependency(D::Unknown(_)) => Self::not_found(error.to_string()),
            PushError::Dependency(D::Hidden(_)) => Self::forbidden(error.to_string()),
            busy if busy.is_temporary() => Self::new(Kind::Unavailable, busy.to_string()),
            refused => Self { findings: refused.findings().cloned(), ..Self::unprocessable(refused.to_string()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_rpc_agree_on_what_is_the_clients_fault() {
        for kind in Kind::ALL {
            let ours = kind.status().is_server_error();
            let code = matches!(kind.code(), ErrorCode::Internal | ErrorCode::Unavailable)
                || matches!(kind, Kind::Busy | Kind::Full | Kind::Unimplemented);
            assert_eq!(ours, code, "{kind:?}");
        }
    }

    #[test]
    fn an_object_store_that_fails_is_named_without_its_place() {
        let blobs = || "s3://crates at http://10.0.0.7".to_owned();
        let reason = || "it answers 503 SlowDown".to_owned();
        let doing = "read a crate";
        for error in [
            StoreError::BlobsBusy { doing, blobs: blobs(), reason: reason() },
            StoreError::BlobsUnreachable { doing, blobs: blobs(), reason: reason() },
            StoreError::BlobsRefused { doing, blobs: blobs(), reason: reason() },
            StoreError::NoBucket { doing, blobs: blobs() },
        ] {
            let refusal = Refusal::from(error);
            assert_eq!(refusal.kind, Kind::Unavailable);
            assert!(refusal.message.starts_with("the registry's object store "), "{}", refusal.message);
            assert!(!refusal.message.contains("s3://") && !refusal.message.contains("10.0.0.7"), "{}", refusal.message);
        }
    }

    #[test]
    fn a_disk_that_fails_is_named_without_its_place() {
        let refusal = Refusal::from(StoreError::Displaced { doing: "store the push", path: "/srv/registry.db".into() });
        assert_eq!(refusal.kind, Kind::Unavailable);
        assert!(refusal.message.starts_with("the registry's disk cannot be written, "), "{}", refusal.message);
        assert!(!refusal.message.contains("/srv"), "{}", refusal.message);
    }

    #[test]
    fn a_fault_of_ours_shows_nothing_of_the_inside() {
        let refusal = Refusal::from(StoreError::Corrupt("table sdks at /srv/data".into()));
        assert_eq!(refusal.kind, Kind::Internal);
        assert!(!refusal.message.contains("sdks"), "{}", refusal.message);
    }
}
