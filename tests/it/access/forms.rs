//! Every form for every caller, filled in as the page would send it.

use std::collections::BTreeSet;

use super::callers::{Kind, callers};
use super::expected::{Statuses, Takes, check};
use super::routes::{self, DOWNLOAD, SDK};
use super::subjects::subjects;
use crate::support::Registry;
use Takes::{Admin, AdminMade, Made, MadeToken, Open, OwnerAdmin, Reader, Site, WriteMade, WriteScope};

/// Pattern of the route table, the address of a form, its fields, what it takes, and the status of those who may.
type Row = (&'static str, &'static str, &'static str, Takes, u16);

const SDK_PATTERN: &str = "/{owner}/{module}/sdks/{ref}/{plugin}";
const SDK_OF_COMMIT: &str = "/OWNER/MODULE/sdks/COMMIT:community/neoeinstein-prost";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("/login", "/login", "token=TOKEN&next=/settings", Open, 303),
    ("/logout", "/logout", "", Open, 303),
    ("/login/device", "/login/device", "code=BCDF-GHJK&decision=approve", Reader, 404),
    ("/oauth2/device/registration", "/oauth2/device/registration", "client_name=buf", Open, 200),
    ("/oauth2/device/authorization", "/oauth2/device/authorization", "client_id=none", Open, 200),
    ("/oauth2/device/token", "/oauth2/device/token", "client_id=none&device_code=none", Open, 400),
    ("/settings/tokens", "/settings/tokens", "scope=read&note=cargo&days=30", WriteScope, 200),
    ("/settings/tokens/revoke", "/settings/tokens/revoke", "id=0123456789abcdef0123456789abcdef", WriteScope, 404),
    ("/settings/organizations", "/settings/organizations", "name=acme", WriteScope, 409),
    ("/settings/members", "/settings/members", "organization=OWNER&user=idle&role=reader", OwnerAdmin, 303),
    ("/settings/members", "/settings/members", "organization=OWNER&user=idle&role=none", OwnerAdmin, 303),
    ("/settings/owner", "/settings/owner", "owner=OWNER&breaking=warn:file&unique_names=off", OwnerAdmin, 303),
    ("/{owner}/{module}/settings", "/OWNER/MODULE/settings", "breaking=warn:file", Admin, 303),
    ("/admin/users", "/admin/users", "user=idle&do=enable", Site, 303),
    (SDK_PATTERN, SDK, "do=generate", Made, 303),
    (SDK_PATTERN, SDK, "do=generate&keep=yes", WriteMade, 303),
    (SDK_PATTERN, SDK, "do=token", MadeToken, 200),
    (SDK_PATTERN, SDK_OF_COMMIT, "do=yank&sure=yes", AdminMade, 303),
    (SDK_PATTERN, SDK_OF_COMMIT, "do=unyank", AdminMade, 303),
];

#[test]
fn every_form_is_for_whom_it_should_be() {
    let registry = Registry::start();
    let subjects = subjects(&registry);
    for caller in callers(&registry) {
        for subject in &subjects {
            for (_, path, fields, takes, ok) in ROWS {
                // Whoever signs in often has to wait, and what names no module is alike for all.
                if *path == "/login" && (subject.owner, subject.module) != ("acme", "pets") {
                    continue;
                }
                let answer = caller.fill_in(
                    &registry,
                    &subject.fill(path),
                    &subject.fill(fields).replace("TOKEN", &registry.token),
                );
                let statuses = Statuses { ok: *ok, hidden: 404 };
                check(&format!("POST {path} {fields}"), *takes, statuses, (&caller, subject), &answer);
            }
        }
    }
    registry.is_well();
}

/// What has no row here takes no form, of whomever.
#[test]
fn every_form_has_a_row() {
    let registry = Registry::start();
    let subjects = subjects(&registry);
    let callers = callers(&registry);
    let Some(site) = callers.iter().rfind(|caller| matches!(caller.kind, Kind::User { .. })) else { unreachable!() };
    let forms: BTreeSet<_> = ROWS.iter().map(|(pattern, ..)| *pattern).collect();
    for (pattern, path) in routes::paths().filter(|(pattern, path)| !forms.contains(pattern) && *path != DOWNLOAD) {
        let answer = site.fill_in(&registry, &subjects[0].fill(path), "");
        assert!(matches!(answer.status, 400 | 403 | 404 | 405), "POST {pattern}: {} {}", answer.status, answer.text());
        let says =
            ["takes no forms", "answers GET only", "does not answer POST", "there is nothing at", "are generated"];
        assert!(says.iter().any(|text| answer.text().contains(text)), "POST {pattern}: {}", answer.text());
    }
}
