//! Every route for every caller. A caller with the right gets `ok`.

use std::collections::BTreeSet;

use super::callers::{Kind, callers};
use super::expected::{Statuses, Takes, check};
use super::subjects::subjects;
use crate::support::Registry;
use Takes::{Admin, Made, Nothing, Open, Own, Reader, Site};
use registry::model::OwnerName;

/// Pattern of the route table, a request of it, what it takes, and the status of those who may.
type Row = (&'static str, &'static str, &'static str, Takes, u16);

pub(super) const DOWNLOAD: &str = "/gen/cargo/api/v1/crates/CRATE/VERSION/download";
pub(super) const SDK: &str = "/OWNER/MODULE/sdks/main:community/neoeinstein-prost";
const CRATES: &str = "/gen/cargo/api/v1/crates";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("/healthz", "GET", "/healthz", Nothing, 200),
    ("/readyz", "GET", "/readyz", Nothing, 200),
    ("/metrics", "GET", "/metrics", Site, 200),
    ("/admin/backup", "GET", "/admin/backup", Site, 200),
    ("/gen/cargo/config.json", "GET", "/gen/cargo/config.json", Reader, 200),
    ("/gen/cargo/{*path}", "GET", "/gen/cargo/INDEX/CRATE", Made, 200),
    ("/gen/cargo/{*path}", "GET", "/gen/cargo/@main/INDEX/CRATE", Made, 200),
    ("/gen/cargo/{*path}", "GET", "/gen/cargo/@2099-01-01/INDEX/CRATE", Made, 200),
    ("/gen/cargo/{*path}", "GET", "/gen/cargo/@next/config.json", Reader, 200),
    (CRATES, "GET", "/gen/cargo/api/v1/crates?q=e&per_page=100", Reader, 200),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/download", "GET", DOWNLOAD, Made, 200),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/yank", "DELETE", "/gen/cargo/api/v1/crates/a/1/yank", Nothing, 403),
    ("/gen/cargo/api/v1/crates/{krate}/{version}/unyank", "PUT", "/gen/cargo/api/v1/crates/a/1/unyank", Nothing, 403),
    ("/gen/cargo/api/v1/crates/{krate}/owners", "PUT", "/gen/cargo/api/v1/crates/a/owners", Nothing, 403),
    ("/gen/cargo/api/v1/crates/new", "PUT", "/gen/cargo/api/v1/crates/new", Nothing, 403),
    ("/", "GET", "/", Reader, 200),
    ("/assets/{name}", "GET", "/assets/none", Nothing, 404),
    ("/favicon.ico", "GET", "/favicon.ico", Nothing, 200),
    ("/robots.txt", "GET", "/robots.txt", Nothing, 200),
    ("/help", "GET", "/help", Open, 200),
    ("/badge/{owner}", "GET", "/badge/OWNER_MODULE_community_neoeinstein-prost.svg", Made, 200),
    ("/badge/{owner}/{file}", "GET", "/badge/OWNER/MODULE.svg", Own, 200),
    ("/search", "GET", "/search?q=thing", Reader, 200),
    ("/search", "GET", "/search?q=community", Reader, 200),
    ("/search", "GET", "/search?q=canary", Reader, 200),
    ("/search/suggestions", "GET", "/search/suggestions?q=canary", Reader, 200),
    ("/plugins", "GET", "/plugins", Reader, 200),
    ("/plugins/{owner}/{plugin}", "GET", "/plugins/community/neoeinstein-prost", Reader, 200),
    ("/plugins/{owner}/{plugin}", "GET", "/plugins/community/none", Reader, 404),
    ("/login", "GET", "/login", Open, 200),
    ("/logout", "GET", "/logout", Open, 400),
    ("/login/device", "GET", "/login/device", Reader, 200),
    ("/oauth2/device/registration", "POST", "/oauth2/device/registration", Open, 200),
    ("/oauth2/device/authorization", "POST", "/oauth2/device/authorization", Open, 200),
    ("/oauth2/device/token", "POST", "/oauth2/device/token", Open, 400),
    ("/settings", "GET", "/settings", Reader, 200),
    // Forms: what is empty is refused as such, once the caller may send it.
    ("/settings/tokens", "GET", "/settings/tokens", Reader, 400),
    ("/settings/tokens/revoke", "GET", "/settings/tokens/revoke", Reader, 400),
    ("/settings/organizations", "GET", "/settings/organizations", Reader, 400),
    ("/settings/organizations", "POST", "/settings/organizations", Takes::WriteScope, 400),
    ("/settings/members", "GET", "/settings/members", Reader, 400),
    ("/settings/members", "POST", "/settings/members", Reader, 400),
    ("/settings/owner", "GET", "/settings/owner", Reader, 400),
    ("/settings/owner", "POST", "/settings/owner", Reader, 400),
    ("/admin", "GET", "/admin", Site, 200),
    ("/admin/users", "GET", "/admin/users", Reader, 400),
    ("/admin/users", "POST", "/admin/users", Site, 400),
    ("/admin/audit", "GET", "/admin/audit", Site, 200),
    ("/gen/archive/{owner}/{module}/{plugin_owner}/{plugin}/{file}", "GET",
        "/gen/archive/OWNER/MODULE/community/neoeinstein-prost/main.zip", Made, 200),
    ("/gen/archive/{owner}/{module}/{plugin_owner}/{plugin}/{file}", "GET",
        "/gen/archive/OWNER/MODULE/community/neoeinstein-prost/COMMIT.crate", Made, 200),
    ("/{owner}", "GET", "/OWNER", Reader, 200),
    ("/{owner}/{module}", "GET", "/OWNER/MODULE", Made, 200),
    ("/{owner}/{module}/docs", "GET", "/OWNER/MODULE/docs", Made, 200),
    ("/{owner}/{module}/docs/{ref}", "GET", "/OWNER/MODULE/docs/COMMIT", Made, 200),
    ("/{owner}/{module}/docs/{ref}/{package}", "GET", "/OWNER/MODULE/docs/main/MODULE.v1", Made, 200),
    ("/{owner}/{module}/sdks", "GET", "/OWNER/MODULE/sdks", Made, 200),
    ("/{owner}/{module}/sdks/{ref}", "GET", "/OWNER/MODULE/sdks/COMMIT", Made, 200),
    ("/{owner}/{module}/sdks/{ref}/{plugin}", "GET", SDK, Made, 200),
    ("/{owner}/{module}/sdks/{ref}/{plugin}", "POST", SDK, Made, 400),
    ("/{owner}/{module}/sdks/{ref}/{plugin}/events", "GET",
        "/OWNER/MODULE/sdks/COMMIT:community/neoeinstein-prost/events", Made, 200),
    ("/{owner}/{module}/sdks/{ref}/{plugin}/files/{*path}", "GET",
        "/OWNER/MODULE/sdks/main:community/neoeinstein-prost/files/Cargo.toml", Made, 200),
    ("/{owner}/{module}/files", "GET", "/OWNER/MODULE/files", Own, 200),
    ("/{owner}/{module}/files/{ref}", "GET", "/OWNER/MODULE/files/COMMIT", Own, 200),
    ("/{owner}/{module}/files/{ref}/{*path}", "GET", "/OWNER/MODULE/files/main/MODULE/v1/thing.proto", Own, 200),
    ("/{owner}/{module}/raw/{ref}/{*path}", "GET", "/OWNER/MODULE/raw/COMMIT/MODULE/v1/thing.proto", Own, 200),
    ("/{owner}/{module}/settings", "GET", "/OWNER/MODULE/settings", Admin, 200),
    ("/{owner}/{module}/commits", "GET", "/OWNER/MODULE/commits", Own, 200),
    ("/{owner}/{module}/commits/{ref}", "GET", "/OWNER/MODULE/commits/COMMIT", Own, 200),
    ("/{owner}/{module}/dependencies", "GET", "/OWNER/MODULE/dependencies", Own, 200),
    ("/{owner}/{module}/dependencies/{ref}", "GET", "/OWNER/MODULE/dependencies/COMMIT", Own, 200),
    ("/{owner}/{module}/webhooks", "GET", "/OWNER/MODULE/webhooks", Admin, 200),
    ("/{owner}/{module}/compare", "GET", "/OWNER/MODULE/compare", Own, 303),
    ("/{owner}/{module}/compare/{from}/{to}", "GET", "/OWNER/MODULE/compare/COMMIT/main", Own, 200),
    ("/{owner}/{module}/descriptor/{ref}", "GET", "/OWNER/MODULE/descriptor/COMMIT", Made, 200),
    ("/{owner}/{module}/archive/{file}", "GET", "/OWNER/MODULE/archive/COMMIT.zip", Own, 200),
    ("/{owner}/{module}/releases.atom", "GET", "/OWNER/MODULE/releases.atom", Own, 200),
];

/// A path of every route, to be filled in, beside its pattern.
pub(super) fn paths() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|(pattern, _, path, ..)| (*pattern, *path))
}

/// Cargo shows the text of 422, not that of 404.
fn hidden(pattern: &str) -> u16 {
    if pattern == "/gen/cargo/{*path}" { 422 } else { 404 }
}

#[test]
fn the_first_segments_of_routes_are_no_owners() {
    let patterns = registry::serve::routes();
    let segments = patterns.iter().filter_map(|pattern| pattern.split('/').nth(1));
    let literal: BTreeSet<_> = segments.filter(|segment| !segment.is_empty() && !segment.starts_with('{')).collect();
    let free: Vec<_> = literal.iter().filter(|segment| segment.parse::<OwnerName>().is_ok()).collect();
    assert!(literal.len() > 10 && free.is_empty(), "an owner of such a name hides a page: {free:?}");
}

#[test]
fn every_route_is_for_whom_it_should_be() {
    let registry = Registry::start();
    let subjects = subjects(&registry);
    for caller in callers(&registry) {
        for subject in &subjects {
            for (pattern, method, path, takes, ok) in ROWS {
                let answer = caller.send(&registry, method, &subject.fill(path));
                let statuses = Statuses { ok: *ok, hidden: hidden(pattern) };
                check(&format!("{method} {path}"), *takes, statuses, (&caller, subject), &answer);
            }
        }
    }
    registry.is_well();
}

#[test]
fn whoever_shows_no_token_sees_what_is_public_when_reads_are_anonymous() {
    let registry = Registry::with(|options| {
        options.flag("anonymous-reads", "true");
    });
    let subjects = subjects(&registry);
    let mut callers = callers(&registry);
    let other = callers.iter().find(|caller| caller.name == "another owner").unwrap().kind;
    let nobody = callers.iter_mut().find(|caller| caller.kind == Kind::Nobody).unwrap();
    // Nobody reads what every user reads, and is seen as a user who belongs nowhere.
    nobody.kind = other;
    for (subject, (pattern, method, path, takes, ok)) in
        subjects.iter().flat_map(|subject| ROWS.iter().map(move |row| (subject, row)))
    {
        if !matches!(takes, Own | Made) || *method != "GET" {
            continue;
        }
        let answer = nobody.send(&registry, method, &subject.fill(path));
        let statuses = Statuses { ok: *ok, hidden: hidden(pattern) };
        check(&format!("{method} {path}"), *takes, statuses, (nobody, subject), &answer);
    }
}

#[test]
fn every_route_has_a_row() {
    let patterns: BTreeSet<_> = registry::serve::routes().into_iter().collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|(pattern, ..)| *pattern).collect();
    assert_eq!(patterns, rows, "the routes of the program and the table of this test differ");
}
