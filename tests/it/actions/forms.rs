//! Every form, and its record in the audit log. As in `rpcs.rs`, each row builds on the rows before it.

use super::audit::Leaves::{self, Change, Nothing, Record};

/// Pattern of the route table, path, fields, status, and what the form leaves.
pub(super) type Row = (&'static str, &'static str, &'static str, u16, Leaves);

const SDK: &str = "/{owner}/{module}/sdks/{ref}/{plugin}";
const SDK_OF_MAIN: &str = "/acme/pets/sdks/main:community/neoeinstein-prost";

#[rustfmt::skip]
pub(super) const FORMS: &[Row] = &[
    ("/login", "/login", "token=<TOKEN>", 303, Change("session.begin")),
    ("/login", "/login", "token=reg_wrong", 401, Record("session.refuse")),
    ("/logout", "/logout", "", 303, Change("session.end")),
    ("/oauth2/device/registration", "/oauth2/device/registration", "client_name=buf", 200, Nothing),
    ("/oauth2/device/authorization", "/oauth2/device/authorization", "client_id=none", 200, Nothing),
    ("/oauth2/device/token", "/oauth2/device/token", "client_id=none&device_code=none", 400, Nothing),
    ("/login/device", "/login/device", "user_code=<USER_CODE>&do=approve&scope=read", 200, Change("login.approve")),
    ("/login/device", "/login/device", "user_code=<USER_CODE>&do=deny", 200, Change("login.deny")),
    ("/settings/tokens", "/settings/tokens", "scope=read&note=audited&days=30", 200, Change("token.create")),
    ("/settings/tokens/revoke", "/settings/tokens/revoke", "id=<TOKEN_ID>", 303, Change("token.revoke")),
    ("/settings/organizations", "/settings/organizations", "name=zoo", 303, Change("organization.create")),
    ("/settings/members", "/settings/members", "organization=zoo&user=sam&role=reader", 303, Change("organization.member.add")),
    ("/settings/members", "/settings/members", "organization=zoo&user=sam&role=none", 303, Change("organization.member.remove")),
    ("/settings/owner", "/settings/owner", "owner=zoo&breaking=refuse:wire&unique_names=off", 303, Change("owner.settings")),
    ("/{owner}/{module}/settings", "/acme/pets/settings", "breaking=off", 303, Change("module.gate")),
    ("/admin/users", "/admin/users", "user=sam&do=disable", 303, Change("user.disable")),
    ("/admin/users", "/admin/users", "user=sam&do=enable", 303, Change("user.enable")),
    (SDK, SDK_OF_MAIN, "do=generate", 303, Nothing),
    (SDK, SDK_OF_MAIN, "do=generate&keep=yes", 303, Change("interest.add")),
    (SDK, SDK_OF_MAIN, "do=token", 200, Change("token.create")),
    (SDK, SDK_OF_MAIN, "do=yank&sure=yes", 303, Change("sdk.yank")),
    (SDK, SDK_OF_MAIN, "do=unyank", 303, Change("sdk.unyank")),
];
