//! The right that a row of the tables takes, and the status that follows for a caller and a module.

use super::callers::{Caller, Kind, Scope, User};
use super::subjects::{Held, Subject, forbidden};
use crate::support::Answer;

/// What an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, and no token is looked at.
    Nothing,
    /// No token; one that is shown must be valid.
    Open,
    /// Being somebody who may read at all.
    Reader,
    /// The same, with a token of this scope at least.
    WriteScope,
    /// Reading the module: what shows its own content.
    Own,
    /// Reading the module and all that it depends on: what is made of it.
    Made,
    /// The same, with a token of scope write: what is made of the module, and a token beside it.
    MadeToken,
    /// Writing the module.
    Write,
    /// Writing the module, and reading all that it depends on.
    WriteMade,
    /// The same, where dependencies are looked up by id: those that may not be read are not there.
    Push,
    /// Administering the module.
    Admin,
    /// Administering the module, and reading all that it depends on.
    AdminMade,
    /// Belonging to the module's owner, which is no secret.
    Member,
    /// Administering the module's owner, which is no secret.
    OwnerAdmin,
    /// Administering the registry, with a token that says so.
    Site,
    /// Administering the registry, with a token of scope write: what else is for one user alone.
    SiteWrite,
}

/// The status of a request that is let through, and of one for a module that does not exist for the caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statuses {
    pub(super) ok: u16,
    pub(super) hidden: u16,
}

/// Whether `answer` is as it should be.
#[track_caller]
pub(super) fn check(row: &str, takes: Takes, is: Statuses, (caller, subject): (&Caller, &Subject), answer: &Answer) {
    let said = || {
        let Subject { owner, module, .. } = subject;
        format!("{row}, {owner}/{module}, {}: {} {}", caller.name, answer.status, answer.text())
    };
    let expected = expected(takes, is, caller, subject);
    let asks_for_what_is_gone = subject.gone && (row.contains("COMMIT") || row.contains("VERSION"));
    if asks_for_what_is_gone && (expected == is.ok || expected == 403) {
        assert!(matches!(answer.status, 403 | 404), "{}", said());
    } else {
        assert_eq!(answer.status, expected, "{}", said());
    }
    let text = answer.text();
    for word in forbidden(caller).filter(|word| !row.contains(word)) {
        assert!(!text.contains(word), "{word} is told: {}", said());
    }
    // The audit log keeps what was done to modules that are gone.
    let is_audit_log = row.starts_with("GET /admin") || row.contains("AuditService");
    if subject.gone && !is_audit_log && !row.contains("COMMIT") && !row.contains("VERSION") {
        assert!(
            !text.contains(&subject.version) && !text.contains(&subject.commit),
            "what is gone is told: {}",
            said()
        );
    }
}

fn expected(takes: Takes, is: Statuses, caller: &Caller, subject: &Subject) -> u16 {
    use Takes as T;
    let (user, scope) = match caller.kind {
        _ if takes == T::Nothing => return is.ok,
        Kind::Nobody if takes == T::Open => return is.ok,
        Kind::Nobody | Kind::Invalid => return 401,
        Kind::User { user, scope } => (user, scope),
    };
    let (held, reads_needs) = subject.right(user);
    let site = user == User::Site && scope == Scope::Admin;
    let writes = matches!(
        takes,
        T::WriteScope | T::Write | T::WriteMade | T::Push | T::Admin | T::AdminMade | T::OwnerAdmin | T::SiteWrite
    );
    let least = match takes {
        T::Write | T::WriteMade | T::Push => Held::Write,
        T::Admin | T::AdminMade | T::OwnerAdmin => Held::Admin,
        _ => Held::Nothing,
    };
    let of_a_module =
        !matches!(takes, T::Open | T::Reader | T::WriteScope | T::Member | T::OwnerAdmin | T::Site | T::SiteWrite);
    let made = matches!(takes, T::Made | T::MadeToken | T::WriteMade | T::AdminMade);
    match () {
        () if writes && scope == Scope::Read => 403,
        () if of_a_module && held == Held::Nothing => is.hidden,
        () if held < least => 403,
        () if made && !reads_needs => 403,
        () if takes == T::MadeToken && scope == Scope::Read => 403,
        () if takes == T::Push && !reads_needs => 404,
        () if takes == T::Member && !belongs(user, subject) => 403,
        () if takes == T::Site && !site => 403,
        () if takes == T::SiteWrite && user != User::Site => 403,
        () => is.ok,
    }
}

fn belongs(user: User, subject: &Subject) -> bool {
    match user {
        User::Site => true,
        User::Other => subject.owner == "phoenix",
        User::Reader | User::Writer | User::Admin => subject.owner == "acme",
    }
}
