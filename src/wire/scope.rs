//! Token scopes on the wire.

use super::registry::v1::TokenScope;
use crate::model::Scope;

/// `scope` as it goes on the wire.
#[must_use]
pub fn scope_to_wire(scope: Scope) -> TokenScope {
    match scope {
        Scope::Read => TokenScope::TOKEN_SCOPE_READ,
        Scope::Write => TokenScope::TOKEN_SCOPE_WRITE,
        Scope::Admin => TokenScope::TOKEN_SCOPE_ADMIN,
    }
}

/// The scope that came over the wire; nothing when it was left out.
#[must_use]
pub fn scope_from_wire(scope: TokenScope) -> Option<Scope> {
    match scope {
        TokenScope::TOKEN_SCOPE_UNSPECIFIED => None,
        TokenScope::TOKEN_SCOPE_READ => Some(Scope::Read),
        TokenScope::TOKEN_SCOPE_WRITE => Some(Scope::Write),
        TokenScope::TOKEN_SCOPE_ADMIN => Some(Scope::Admin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_survive_the_wire() {
        for scope in [Scope::Read, Scope::Write, Scope::Admin] {
            assert_eq!(scope_from_wire(scope_to_wire(scope)), Some(scope));
        }
        assert_eq!(scope_from_wire(TokenScope::default()), None);
    }
}
