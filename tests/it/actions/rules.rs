//! Each rule, tried on every face that could break it: all refuse, and say why in the same words.

use serde_json::{Value, json};

use super::database::Database;
use super::fill::fill;
use crate::support::{Module, Registry, Transcript, http, pets, run};

const SDK: &str = "/acme/pets/sdks/main:community/neoeinstein-prost";
const CREATE_TOKEN: &str = "registry.v1.TokenService/CreateToken";
const REVOKE_TOKEN: &str = "registry.v1.TokenService/RevokeToken";
const GENERATE: &str = "registry.v1.SdkService/GenerateSdk";
const YANK: &str = "registry.v1.SdkService/YankSdk";

/// A registry with `acme/pets`, which its administrator owns, and sam, a writer in acme.
struct World {
    registry: Registry,
    database: Database,
    /// Tokens of sam.
    write: Token,
    read: Token,
    /// One of scope admin, as no face makes it for somebody who is no administrator.
    admin: Token,
}

struct Token {
    id: String,
    secret: String,
}

/// What a face did with a request.
struct Outcome {
    done: bool,
    text: String,
}

impl From<http::Answer> for Outcome {
    fn from(answer: http::Answer) -> Self {
        Self { done: matches!(answer.status, 200 | 303), text: answer.text() }
    }
}

impl From<Transcript> for Outcome {
    fn from(transcript: Transcript) -> Self {
        Self { done: transcript.succeeded(), text: transcript.stderr }
    }
}

impl World {
    fn new() -> Self {
        let registry = Registry::with(|options| _ = options.flag("eager-plugins", "community/neoeinstein-prost"));
        Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
        registry.cli(["user", "create", "sam"]).ok();
        registry.cli(["organization", "member", "set", "acme", "sam", "--role", "writer"]).ok();
        let token = |scope: &str| {
            let made = registry.cli(["token", "create", "--user", "sam", "--scope", scope, "--json"]).ok().json();
            let text = |field: &str| made[field].as_str().unwrap().to_owned();
            Token { id: text("id"), secret: text("token") }
        };
        let (write, read, admin) = (token("write"), token("read"), token("write"));
        let database = Database::of(&registry);
        database.execute(&format!("UPDATE tokens SET scope = 'admin' WHERE lower(hex(id)) = '{}'", admin.id));
        Self { registry, database, write, read, admin }
    }

    fn rpc(&self, by: &str, method: &str, request: &Value) -> Outcome {
        let headers = vec![format!("authorization: Bearer {by}"), "content-type: application/json".into()];
        http::send(&self.registry.url, "POST", &format!("/{method}"), headers, request.to_string().as_bytes()).into()
    }

    fn form(&self, by: &str, path: &str, fields: &str) -> Outcome {
        let kind = "content-type: application/x-www-form-urlencoded".into();
        let headers = vec![format!("authorization: Bearer {by}"), kind];
        http::send(&self.registry.url, "POST", path, headers, fields.as_bytes()).into()
    }

    fn cli(&self, by: &str, line: &str) -> Outcome {
        run(self.registry.command().args(line.split(' ')).args(["--token", by])).into()
    }

    /// On the data directory itself.
    fn local(&self, line: &str) -> Outcome {
        let mut command = self.registry.command();
        command.env_remove("REGISTRY_URL").env_remove("REGISTRY_TOKEN").args(line.split(' '));
        run(command.arg("--data-dir").arg(&self.registry.data_dir)).into()
    }

    /// Approves the login of a program.
    fn approve(&self, by: &str, scope: &str) -> Outcome {
        let fields = fill(&format!("user_code=<USER_CODE>&do=approve&scope={scope}"), &self.registry, &self.database);
        self.form(by, "/login/device", &fields)
    }

    fn version(&self) -> String {
        self.database.wait_for_workers();
        fill("<VERSION>", &self.registry, &self.database)
    }
}

/// Every face refuses, for this reason.
#[track_caller]
fn all_refuse(reason: &str, faces: &[(&str, Outcome)]) {
    for (face, Outcome { done, text }) in faces {
        assert!(!done && text.contains(reason), "{face} does not refuse with {reason:?}: {text}");
    }
}

#[test]
fn a_note_is_not_too_long() {
    let world = World::new();
    let (by, note) = (world.write.secret.as_str(), "x".repeat(201));
    all_refuse(
        "the note has 201 characters; the limit is 200",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &json!({ "scope": "TOKEN_SCOPE_READ", "note": note }))),
            ("form", world.form(by, "/settings/tokens", &format!("scope=read&note={note}"))),
            ("command", world.cli(by, &format!("token create --note {note}"))),
            ("data directory", world.local(&format!("token create --user sam --note {note}"))),
        ],
    );
}

#[test]
fn a_token_lives_for_ten_years_at_most() {
    let world = World::new();
    let by = world.write.secret.as_str();
    let request = json!({ "scope": "TOKEN_SCOPE_READ", "expireTime": "2999-01-01T00:00:00Z" });
    all_refuse(
        "a token that expires lives for at most 3650 days",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &request)),
            ("form", world.form(by, "/settings/tokens", "scope=read&days=3651")),
            ("command", world.cli(by, "token create --expires 2999-01-01")),
            ("data directory", world.local("token create --user sam --expires 2999-01-01")),
        ],
    );
}

#[test]
fn a_user_has_so_many_tokens() {
    let world = World::new();
    world.database.execute(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 197)
         INSERT INTO tokens SELECT randomblob(16), randomblob(32), id, 'read', '', 0, NULL, NULL FROM owners, n
         WHERE name = 'sam'",
    );
    let by = world.write.secret.as_str();
    all_refuse(
        "201 tokens, more than the limit of 200",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &json!({ "scope": "TOKEN_SCOPE_READ" }))),
            ("form", world.form(by, "/settings/tokens", "scope=read")),
            ("form of an SDK", world.form(by, SDK, "do=token")),
            ("login of a program", world.approve(by, "read")),
            ("command", world.cli(by, "token create")),
            ("data directory", world.local("token create --user sam")),
        ],
    );
}

#[test]
fn a_token_of_scope_admin_is_for_administrators() {
    let world = World::new();
    let (by, root) = (world.admin.secret.as_str(), world.registry.token.as_str());
    let request = json!({ "scope": "TOKEN_SCOPE_ADMIN", "user": "sam" });
    all_refuse(
        "user sam is not an administrator",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &request)),
            ("RPC of an administrator", world.rpc(root, CREATE_TOKEN, &request)),
            ("form", world.form(by, "/settings/tokens", "scope=admin")),
            ("login of a program", world.approve(by, "admin")),
            ("command", world.cli(root, "token create --user sam --scope admin")),
            ("data directory", world.local("token create --user sam --scope admin")),
        ],
    );
}

#[test]
fn no_token_makes_or_revokes_one_that_allows_more() {
    let world = World::new();
    let (by, id) = (world.write.secret.as_str(), world.admin.id.as_str());
    all_refuse(
        "a token of scope admin cannot be made with a token of a lower scope",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &json!({ "scope": "TOKEN_SCOPE_ADMIN" }))),
            ("form", world.form(by, "/settings/tokens", "scope=admin")),
            ("login of a program", world.approve(by, "admin")),
            ("command", world.cli(by, "token create --scope admin")),
        ],
    );
    all_refuse(
        "a token of scope admin cannot be revoked with a token of a lower scope",
        &[
            ("RPC", world.rpc(by, REVOKE_TOKEN, &json!({ "id": id }))),
            ("form", world.form(by, "/settings/tokens/revoke", &format!("id={id}"))),
            ("command", world.cli(by, &format!("token revoke {id}"))),
        ],
    );
}

#[test]
fn a_token_that_reads_makes_and_revokes_none() {
    let world = World::new();
    let (by, id) = (world.read.secret.as_str(), world.read.id.as_str());
    all_refuse(
        "this token may only read",
        &[
            ("RPC", world.rpc(by, CREATE_TOKEN, &json!({ "scope": "TOKEN_SCOPE_READ" }))),
            ("form", world.form(by, "/settings/tokens", "scope=read")),
            ("form of an SDK", world.form(by, SDK, "do=token")),
            ("login of a program", world.approve(by, "read")),
            ("command", world.cli(by, "token create --scope read")),
            ("RPC, revoking", world.rpc(by, REVOKE_TOKEN, &json!({ "id": id }))),
            ("form, revoking", world.form(by, "/settings/tokens/revoke", &format!("id={id}"))),
            ("command, revoking", world.cli(by, &format!("token revoke {id}"))),
        ],
    );
}

#[test]
fn the_name_of_an_organization_is_free_and_a_name() {
    let world = World::new();
    let (by, create) = (world.write.secret.as_str(), "buf.registry.owner.v1.OrganizationService/CreateOrganizations");
    for (name, reason) in [("acme", "a user or organization acme already exists"), ("sam", "organization sam already")]
    {
        all_refuse(
            reason,
            &[
                ("RPC", world.rpc(by, create, &json!({ "values": [{ "name": name }] }))),
                ("form", world.form(by, "/settings/organizations", &format!("name={name}"))),
                ("command", world.cli(by, &format!("organization create {name}"))),
            ],
        );
    }
    let two = json!({ "values": [{ "name": "first" }, { "name": "acme" }] });
    all_refuse("acme already exists", &[("RPC", world.rpc(by, create, &two))]);
    assert_eq!(world.database.text("SELECT cast(count(*) AS TEXT) FROM owners WHERE name = 'first'"), "0");
}

#[test]
fn admins_manage_members_and_the_last_of_them_stays() {
    let world = World::new();
    let boss = world.registry.user.as_str();
    let faces = |by: &str, user: &str| {
        let member = json!({ "organization": "acme", "member": { "user": user, "role": "MEMBER_ROLE_READER" } });
        let fields = format!("organization=acme&user={user}&role=reader");
        [
            ("RPC", world.rpc(by, "registry.v1.MemberService/SetMember", &member)),
            ("form", world.form(by, "/settings/members", &fields)),
            ("command", world.cli(by, &format!("organization member set acme {user} --role reader"))),
        ]
    };
    all_refuse("only admins of acme manage its members", &faces(&world.write.secret, "sam"));
    all_refuse(&format!("{boss} is the last admin of acme"), &faces(&world.registry.token, boss));
    all_refuse("acme is an organization; members are users", &faces(&world.registry.token, "acme"));
}

#[test]
fn admins_of_a_module_yank() {
    let world = World::new();
    let (by, version) = (world.write.secret.as_str(), world.version());
    let name = "acme_pets_community_neoeinstein-prost";
    let request = json!({ "crateName": name, "version": version, "yanked": true });
    all_refuse(
        "you may not yank SDKs of module acme/pets: that takes the role admin",
        &[
            ("RPC", world.rpc(by, YANK, &request)),
            ("form", world.form(by, SDK, "do=yank&sure=yes")),
            ("command", world.cli(by, &format!("sdk yank {name} {version}"))),
        ],
    );
}

#[test]
fn writers_keep_modules_generated() {
    let world = World::new();
    world.registry.cli(["organization", "member", "set", "acme", "sam", "--role", "reader"]).ok();
    let by = world.write.secret.as_str();
    let module = json!({ "owner": "acme", "name": "pets" });
    let request = json!({ "module": module, "plugin": "community/neoeinstein-prost", "registerInterest": true });
    all_refuse(
        "you may not keep SDKs of module acme/pets generated: that takes the role writer",
        &[
            ("RPC", world.rpc(by, GENERATE, &request)),
            ("form", world.form(by, SDK, "do=generate&keep=yes")),
            ("command", world.cli(by, "sdk generate acme/pets --plugin community/neoeinstein-prost")),
        ],
    );
}
