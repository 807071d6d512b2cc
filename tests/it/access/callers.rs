//! One caller of each kind.

use serde_json::{Value, json};

use super::{bearer, create_token};
use crate::support::http::{self, Answer};
use crate::support::{Registry, eventually};

/// What a caller shows, and what is to be known of it.
pub(super) struct Caller {
    pub(super) name: &'static str,
    pub(super) headers: Vec<String>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Shows no token.
    Nobody,
    /// Shows something that is no valid token.
    Invalid,
    /// Shows a token of this user.
    User { user: User, scope: Scope },
}

/// In the order of the columns of the subjects' table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// A user who belongs to neither acme nor bank, and who made phoenix again.
    Other,
    /// Members of acme.
    Reader,
    Writer,
    Admin,
    /// The administrator of the registry.
    Site,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Scope {
    Read,
    Write,
    Admin,
}

/// All callers. The expired token and the revoked one have been valid.
pub(super) fn callers(registry: &Registry) -> Vec<Caller> {
    let site = |scope: &str| create_token(registry, &["--scope", scope]);
    let of = |user: &str, scope: &str| create_token(registry, &["--user", user, "--scope", scope]);
    let user = |user, scope| Kind::User { user, scope };
    let revoked = site("admin");
    registry.cli(["token", "revoke", revoked["id"].as_str().unwrap()]).ok();
    let unknown = json!({ "token": format!("reg_{}", "0".repeat(48)) });
    let token = |name, token: &Value, kind| Caller { name, headers: vec![bearer(token)], kind };
    let malformed = vec!["authorization: Digest reg_x".into()];
    vec![
        Caller { name: "nobody", headers: vec![], kind: Kind::Nobody },
        Caller { name: "malformed", headers: malformed, kind: Kind::Invalid },
        token("unknown", &unknown, Kind::Invalid),
        token("expired", &expired(registry), Kind::Invalid),
        token("revoked", &revoked, Kind::Invalid),
        token("another owner", &of("otto", "write"), user(User::Other, Scope::Write)),
        token("reader", &of("rea", "write"), user(User::Reader, Scope::Write)),
        token("writer", &of("wil", "write"), user(User::Writer, Scope::Write)),
        token("admin", &of("ada", "write"), user(User::Admin, Scope::Write)),
        token("admin, token read", &of("ada", "read"), user(User::Admin, Scope::Read)),
        token("site, token read", &site("read"), user(User::Site, Scope::Read)),
        token("site, token write", &site("write"), user(User::Site, Scope::Write)),
        token("site, token admin", &site("admin"), user(User::Site, Scope::Admin)),
    ]
}

fn expired(registry: &Registry) -> Value {
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(500);
    let token = create_token(registry, &["--scope", "admin", "--expires", &end.to_string()]);
    let config = || http::send(&registry.url, "GET", "/gen/cargo/config.json", vec![bearer(&token)], &[]).status;
    eventually("the token expires", || config() == 401);
    token
}

impl Caller {
    pub(super) fn send(&self, registry: &Registry, method: &str, path: &str) -> Answer {
        http::send(&registry.url, method, path, self.headers.clone(), &[])
    }

    pub(super) fn post(&self, registry: &Registry, method: &str, request: &str) -> Answer {
        let headers = self.headers.iter().cloned().chain(["content-type: application/json".into()]).collect();
        http::send(&registry.url, "POST", &format!("/{method}"), headers, request.as_bytes())
    }

    /// Sends a form to `path`, as a page does.
    pub(super) fn fill_in(&self, registry: &Registry, path: &str, fields: &str) -> Answer {
        let kind = "content-type: application/x-www-form-urlencoded".into();
        let headers = self.headers.iter().cloned().chain([kind]).collect();
        http::send(&registry.url, "POST", path, headers, fields.as_bytes())
    }
}
