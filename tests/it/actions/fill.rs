//! Fills in the placeholders in the rows of the tables, from the present state of the registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::database::Database;
use crate::support::{Registry, http};

const FIRST: &str = "syntax = \"proto3\";\npackage zoo.v1;\nmessage Cat { string name = 1; }\n";
const SECOND: &str = "syntax = \"proto3\";\npackage zoo.v1;\nmessage Cat { string name = 1; int32 age = 2; }\n";

fn hex(column: &str, rest: &str) -> String {
    format!("SELECT lower(hex({column})) FROM {rest}")
}

fn commits(direction: &str) -> String {
    hex(
        "commits.id",
        &format!(
            "commits JOIN modules ON modules.id = module_id WHERE name = 'cats' ORDER BY commits.created {direction} LIMIT 1"
        ),
    )
}

/// A text of each name, as it is now.
fn value(name: &str, registry: &Registry, database: &Database) -> String {
    let sdk = "SELECT crate_version FROM sdks JOIN crates ON crates.id = crate_id
               WHERE crates.name = 'acme_pets_community_neoeinstein-prost' LIMIT 1";
    match name {
        "OLDER" => database.text(&commits("ASC")),
        "NEWER" => database.text(&commits("DESC")),
        "OLDER_PROGRAM" => database.text(&hex("id", "check_plugin_commits ORDER BY created LIMIT 1")),
        "NEWER_PROGRAM" => database.text(&hex("id", "check_plugin_commits ORDER BY created DESC LIMIT 1")),
        "FIRST_SOURCE" => STANDARD.encode(FIRST),
        "SECOND_SOURCE" => STANDARD.encode(SECOND),
        "DIGEST" => {
            let sql = "SELECT digest FROM commits JOIN modules ON modules.id = module_id WHERE name = 'cats'
                       ORDER BY commits.created DESC LIMIT 1";
            STANDARD.encode(database.blob(sql))
        }
        "TOKEN_ID" => database.text(&hex("id", "tokens WHERE note = 'audited' ORDER BY created DESC LIMIT 1")),
        "WEBHOOK" => database.text(&hex("id", "webhooks ORDER BY created LIMIT 1")),
        "TOKEN" => registry.token.clone(),
        "PETS" => database
            .text(&hex("commit_id", "labels JOIN modules ON modules.id = module_id WHERE modules.name = 'pets'")),
        "VERSION" => database.text(sdk),
        "USER_CODE" => {
            let form = vec!["content-type: application/x-www-form-urlencoded".into()];
            let started = http::send(&registry.url, "POST", "/oauth2/device/authorization", form, b"client_id=none");
            started.ok().json()["user_code"].as_str().unwrap().to_owned()
        }
        unknown => panic!("no value for {{{unknown}}}"),
    }
}

/// `template` with a value for each `<NAME>`.
pub(super) fn fill(template: &str, registry: &Registry, database: &Database) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, behind)) = rest
        .split_once('<')
        .and_then(|(before, rest)| rest.split_once('>').map(|(name, behind)| (before, name, behind)))
    {
        filled += before;
        filled += &value(name, registry, database);
        rest = behind;
    }
    filled + rest
}
