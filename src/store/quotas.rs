//! Quotas of one owner, checked in the transaction of the change and after it: a change that exceeds a quota is rolled
//! back, and two concurrent requests cannot both take the last place.

use crate::model::{CheckPluginId, LimitExceeded, ModuleId, OwnerId, Quotas, Timestamp};
use crate::store::check_plugins::label::CheckPluginLabel;
use crate::store::check_plugins::plugin::CheckPlugin;
use crate::store::db::engine::{Connection, Params};
use crate::store::db::error::Work;
use crate::store::db::statements::query::{count, one};
use crate::store::modules::label::Label;
use crate::store::modules::module::Module;
use crate::store::webhooks::webhook::Webhook;

const FILES: &str = "SELECT coalesce(sum(length(content)), 0) FROM blobs WHERE id IN
    (SELECT blob_id FROM commit_files WHERE commit_id IN
        (SELECT commits.id FROM commits JOIN modules ON modules.id = module_id WHERE owner_id = ?1))";

const CRATES: &str = "SELECT coalesce(sum(size), 0) FROM sdks WHERE crate_id IN
    (SELECT crates.id FROM crates JOIN modules ON modules.id = module_id WHERE owner_id = ?1)";

const PROGRAMS: &str = "SELECT coalesce(sum(length(content)), 0) FROM check_plugin_programs WHERE commit_id IN
    (SELECT check_plugin_commits.id FROM check_plugin_commits JOIN check_plugins ON check_plugins.id = plugin_id
     WHERE owner_id = ?1)";

impl Quotas {
    /// Checks the owner of a module that was created.
    pub(in crate::store) fn check_modules(&self, conn: &Connection, module: &Module) -> Work<()> {
        let what = || format!("the total of owner {}", module.name.owner());
        let sql = "SELECT count(*) FROM modules WHERE owner_id = ?1";
        check(conn, self.modules, sql, [module.owner], what, "modules", "--max-modules-per-owner")
    }

    /// Checks the owner of a check plugin that was created. There may be as many as modules.
    pub(in crate::store) fn check_check_plugins(&self, conn: &Connection, plugin: &CheckPlugin) -> Work<()> {
        let what = || format!("the total of owner {}", plugin.name.owner());
        let sql = "SELECT count(*) FROM check_plugins WHERE owner_id = ?1";
        check(conn, self.modules, sql, [plugin.owner], what, "check plugins", "--max-modules-per-owner")
    }

    /// Checks the check plugin of a label that was created.
    pub(in crate::store) fn check_check_plugin_labels(&self, conn: &Connection, label: &CheckPluginLabel) -> Work<()> {
        let what = || format!("the total of the check plugin with label {}", label.name);
        let sql = "SELECT count(*) FROM check_plugin_labels WHERE plugin_id = ?1";
        check(conn, self.labels, sql, [label.plugin], what, "labels", "--max-labels-per-module")
    }

    /// Checks the owner of a check plugin that was pushed to.
    pub(in crate::store) fn check_check_plugin_bytes(&self, conn: &Connection, plugin: CheckPluginId) -> Work<()> {
        let sql = "SELECT owner_id FROM check_plugins WHERE id = ?1";
        let owner = one(conn, sql, [plugin], |row| row.get::<_, OwnerId>(0))?;
        owner.map_or(Ok(()), |owner| self.check_bytes_of(conn, owner))
    }

    /// Checks the module of a label that was created.
    pub(in crate::store) fn check_labels(&self, conn: &Connection, label: &Label) -> Work<()> {
        let what = || format!("the total of the module with label {}", label.name);
        let sql = "SELECT count(*) FROM labels WHERE module_id = ?1";
        check(conn, self.labels, sql, [label.module], what, "labels", "--max-labels-per-module")
    }

    /// Checks a user who got a token `at` this time, or approved one that a program has not collected yet.
    pub(in crate::store) fn check_tokens(&self, conn: &Connection, user: OwnerId, at: Timestamp) -> Work<()> {
        let what = || "the total of the user".to_owned();
        let sql = "SELECT (SELECT count(*) FROM tokens WHERE owner_id = ?1 AND revoked IS NULL
                               AND (expires IS NULL OR expires > ?2))
                        + (SELECT count(*) FROM device_logins WHERE owner_id = ?1)";
        check(conn, self.tokens, sql, (user, at), what, "tokens", "--max-tokens-per-user")
    }

    /// Checks a user who has created an organization.
    pub(in crate::store) fn check_organizations(&self, conn: &Connection, user: OwnerId) -> Work<()> {
        let what = || "the total of the user as admin".to_owned();
        let sql = "SELECT count(*) FROM members WHERE user_id = ?1 AND role = 'admin'";
        check(conn, self.organizations, sql, [user], what, "organizations", "--max-organizations-per-user")
    }

    /// Checks the owner of a webhook that was created.
    pub(in crate::store) fn check_webhooks(&self, conn: &Connection, webhook: &Webhook) -> Work<()> {
        let what = || "the total of the owner and its modules".to_owned();
        let sql = "SELECT count(*) FROM webhooks WHERE owner_id = ?1";
        check(conn, self.webhooks, sql, [webhook.owner], what, "webhooks", "--max-webhooks-per-owner")
    }

    /// Checks the owner of a module that was pushed to. The content of a file counts once, however many commits have
    /// it.
    pub(in crate::store) fn check_bytes(&self, conn: &Connection, module: ModuleId) -> Work<()> {
        let sql = "SELECT owner_id FROM modules WHERE id = ?1";
        let owner = one(conn, sql, [module], |row| row.get::<_, OwnerId>(0))?;
        owner.map_or(Ok(()), |owner| self.check_bytes_of(conn, owner))
    }

    fn check_bytes_of(&self, conn: &Connection, owner: OwnerId) -> Work<()> {
        if self.bytes.is_none() {
            return Ok(());
        }
        let what = || "the total of the module's owner".to_owned();
        let sql = format!("SELECT CAST(({FILES}) + ({CRATES}) + ({PROGRAMS}) AS BIGINT)");
        check(conn, self.bytes, &sql, [owner], what, "bytes", "--max-store-bytes-per-owner")
    }
}

fn check(
    conn: &Connection,
    limit: Option<u64>,
    sql: &str,
    of: impl Params,
    what: impl Fn() -> String,
    unit: &'static str,
    flag: &'static str,
) -> Work<()> {
    let Some(limit) = limit else { return Ok(()) };
    match count(conn, sql, of)? {
        actual if actual > limit => Err(LimitExceeded { what: what(), actual, limit, unit, flag }.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::error::{Result, StoreError};
    use crate::store::db::sqlite::open::StoreOptions;
    use crate::store::modules::write_set::{LabelMove, NewCommit, WriteSet};
    use crate::store::owners::resting_name::Claim;
    use crate::store::testing::{
        Scratch, at, commit, label, module, module_id, organization, owner_id, snapshot, token, token_hash,
    };

    /// A store with the user `acme` and its modules `acme/pets` and `acme/shop`.
    fn with(quotas: Quotas) -> Scratch {
        let store = Scratch::with(StoreOptions { quotas, ..StoreOptions::default() });
        store.fill();
        store
    }

    #[track_caller]
    fn refused(result: Result<()>, flag: &str) {
        let error = result.unwrap_err();
        assert!(matches!(error, StoreError::Limit(_)) && error.to_string().contains(flag), "{error}");
    }

    #[test]
    fn one_module_more_than_allowed_is_refused_and_not_there() {
        let store = with(Quotas { modules: Some(2), ..Quotas::default() });
        let third = module(3, "acme/third", 1);
        refused(store.create_module(&third), "--max-modules-per-owner");
        assert_eq!(store.module(&third.name).unwrap(), None);
        store.delete_modules(&[module_id(1)]).unwrap();
        store.create_module(&third).unwrap();
    }

    #[test]
    fn a_label_too_many_takes_the_push_with_it_and_those_that_are_there_move_on() {
        let store = with(Quotas { labels: Some(1), ..Quotas::default() });
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 1, &[], vec![]);
        let files = snapshot(&[("a.proto", "3")]);
        let push = WriteSet {
            commits: vec![NewCommit {
                commit: commit(3, 1),
                snapshot: &files,
                options: None,
                services: true,
                dependencies: vec![],
            }],
            labels: vec![LabelMove { label: label(9, 1, "next", 3), is_new: true }],
            jobs: vec![],
            indexed: vec![],
            at: at(9),
            by: owner_id(1),
        };
        refused(store.push(&push), "--max-labels-per-module");
        assert_eq!(store.commit(commit(3, 1).id).unwrap(), None);
    }

    #[test]
    fn an_owner_has_so_many_bytes_and_equal_contents_count_once() {
        let store = with(Quotas { bytes: Some(1000), ..Quotas::default() });
        let text = "x".repeat(900);
        store.push_files(1, 1, &snapshot(&[("a.proto", &text)]));
        store.push_files(2, 2, &snapshot(&[("b.proto", &text)]));
        let more = snapshot(&[("a.proto", &"y".repeat(200))]);
        let push = WriteSet {
            commits: vec![NewCommit {
                commit: commit(3, 1),
                snapshot: &more,
                options: None,
                services: true,
                dependencies: vec![],
            }],
            labels: vec![],
            jobs: vec![],
            indexed: vec![],
            at: at(9),
            by: owner_id(1),
        };
        refused(store.push(&push), "--max-store-bytes-per-owner");
        store.delete_modules(&[module_id(1), module_id(2)]).unwrap();
        store.create_module(&module(1, "acme/pets", 1)).unwrap();
        store.push(&push).unwrap();
    }

    #[test]
    fn tokens_that_are_no_longer_valid_do_not_count() {
        let store = with(Quotas { tokens: Some(1), ..Quotas::default() });
        store.create_token(&token(1), token_hash(1)).unwrap();
        refused(store.create_token(&token(2), token_hash(2)), "--max-tokens-per-user");
        store.revoke_token(token(1).id, at(5)).unwrap();
        store.create_token(&token(2), token_hash(2)).unwrap();
    }

    #[test]
    fn an_organization_too_many_is_not_there_afterwards() {
        let store = with(Quotas { organizations: Some(1), ..Quotas::default() });
        let claim = Claim::first(at(9));
        store.create_organization(&organization(5, "first"), owner_id(1), &claim).unwrap();
        let second = organization(6, "second");
        let result = store.create_organization(&second, owner_id(1), &claim).map(drop);
        refused(result, "--max-organizations-per-user");
        assert_eq!(store.owner(&second.name).unwrap(), None);
    }
}
