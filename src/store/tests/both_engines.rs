//! Runs the tests of this layer, and those above that use a store, on PostgreSQL too: in another process of this program,
//! whose stores are databases of one server. A newer program has brought these up to its format, so every statement of
//! this one is tried on what it meets while the nodes of a registry are updated.

use std::path::Path;
use std::process::Command;

use super::database::{TEMPLATE, VARIABLE, address, administer};
use super::overlap::expand;
use super::server::Server;
use crate::store::{Store, StoreOptions};

/// Where the tests are whose stores can be databases, by the beginnings of their names.
const OF_STORES: &[&str] = &["store::", "publish::", "serve::rpc::", "serve::tasks::audit_log::"];

/// Tests of what only a database file has or can have wrong, by the beginnings of their names.
const OF_SQLITE: &[&str] = &[
    // Its format, and what SQLite finds wrong with it.
    "store::db::sqlite::",
    // Its directory and its lock.
    "store::db::dir_lock::",
    "store::db::file_identity::",
    // Copies of it.
    "store::upkeep::backup::",
    "store::upkeep::backup_dir::",
    "store::upkeep::pieces::",
    "store::upkeep::restore::",
    // It was moved away, or another program keeps it locked, or it is read only, or full, or its log is torn.
    "store::db::connections::tests::a_store_that_was_closed_is_one_file",
    "store::db::connections::tests::a_database_that_was_moved_away_is_written_no_more",
    "store::db::connections::tests::what_was_written_while_the_database_went_away_is_not_acknowledged",
    "store::db::health::tests::a_check_writes_and_changes_nothing",
    "store::db::health::tests::a_database_that_cannot_be_written_fails_the_check",
    "store::db::health::tests::a_failure_is_seen_while_others_go_on_trying",
    "store::db::health::tests::another_writer_is_waited_for_and_then_named",
    "store::modules::write_set::tests::a_push_survives_a_crash_whole_or_if_the_log_is_torn_not_at_all",
    "store::modules::write_set::tests::a_full_store_says_so_and_stays_usable",
    // The sums of its tables.
    "store::sdks::damaged_rows::tests::a_damaged_row_hides_no_other_and_gets_back_only_what_it_held",
    "publish::tests::flipped_bytes::",
    "publish::tests::outline::names_that_all_files_decide_are_kept_and_found_again_where_an_older_program_did_not_keep_them",
    "publish::tests::outline::what_an_older_program_did_not_keep_is_read_once_without_compiling_and_kept",
];

/// The names of the tests that use a store, without this one.
fn tests_of_stores(program: &Path) -> Vec<String> {
    let listed = Command::new(program).args(["--list", "--format", "terse"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let is_of_store = |name: &&str| OF_STORES.iter().any(|of_store| name.starts_with(of_store));
    names.filter(is_of_store).filter(|name| !name.starts_with("store::tests::both_engines::")).map(Into::into).collect()
}

#[test]
fn tests_that_use_a_store_pass_on_postgresql() {
    let program = std::env::current_exe().unwrap();
    let all = tests_of_stores(&program);
    for of_sqlite in OF_SQLITE {
        assert!(all.iter().any(|name| name.starts_with(of_sqlite)), "there are no tests {of_sqlite} any more");
    }
    let server = Server::start();
    administer(&server.socket_dir(), &format!("CREATE DATABASE {TEMPLATE}"));
    let template = address(&server.socket_dir(), TEMPLATE);
    drop(Store::connect(&template, StoreOptions::default()).unwrap());
    expand(&template);
    let on_both = all.iter().filter(|name| !OF_SQLITE.iter().any(|of_sqlite| name.starts_with(of_sqlite)));
    let run = Command::new(&program).arg("--exact").args(on_both).env(VARIABLE, server.socket_dir()).output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}{}", String::from_utf8_lossy(&run.stderr));
    print!("{}", output.lines().rfind(|line| line.starts_with("test result")).unwrap_or_default());
}
