//! The glossary as data: names that were replaced by the field's term do not come back to `src/`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::layering::visit;

/// A name that was replaced, and the term to use.
enum Word {
    /// A file or folder, by its path below `src/` without `.rs`.
    File(&'static str, &'static str),
    /// A type, function or constant in the files below a folder of `src/`.
    Name(&'static str, &'static str, &'static str),
}
use Word::{File, Name};

#[rustfmt::skip]
const REPLACED: &[Word] = &[
    File("model/catalogue", "`plugin/catalogue_entry`"),
    File("model/ident", "`rust/rust_ident`"),
    File("model/declared", "`protobuf/declared_types`"),
    File("model/foreign", "`module/remote_commit`"),
    File("model/nearest", "`text/suggestion`"),
    File("model/external", "`plugin/external_plugin`"),
    File("config/table", "`settings_table`"),
    File("compile/tokens", "`source/lexer`"),
    File("compile/texts", "`source/string_literal`"),
    File("compile/depth", "`source/nesting_limit`"),
    File("compile/extends", "`source/parser/extension`"),
    File("compile/settle", "`source/edition/features`"),
    File("compile/defaults", "`source/float_text`"),
    File("compile/earlier", "`cache`"),
    File("compile/needed", "`options/schema`"),
    File("compile/casing", "`options/schema`"),
    File("compile/written", "`options/placement`"),
    File("compile/target", "`options/value`"),
    File("compile/elements", "`visit/elements`"),
    File("compile/change", "`visit/elements_mut`"),
    File("compile/clashes", "`names/duplicate_members`"),
    File("compile/visible", "`imports/visibility`"),
    File("compile/finish", "`encode`"),
    File("compile/locate", "`encode/source_locations`"),
    File("compile/locations", "`encode/source_locations`"),
    File("compile/splice", "`model/wire_format/splice`"),
    File("compile/bounds", "`imports/work_limits`"),
    File("generate/wishes", "`options/from_module_options`"),
    File("generate/outside", "`request/foreign_request`"),
    File("generate/chunks", "`request/partition`"),
    File("generate/externs", "`request/extern_paths`"),
    File("generate/retention", "`request/source_retention`"),
    File("generate/isolate", "`run_on_thread`"),
    File("package/recipe", "`archive/reuse`"),
    File("package/parts", "`part_builder`"),
    File("package/clash", "`duplicates`"),
    File("package/tree", "`module_tree`"),
    File("package/references", "`type_references`"),
    File("package/connect_call", "`rewrite/tonic_connect_method`"),
    File("store/turns", "`jobs/schedule`"),
    File("store/needs", "`jobs/dependencies`"),
    File("store/recipes", "`sdks/reuse_index`"),
    File("store/answers", "`sdks/plugin_outputs`"),
    File("store/checks", "`sdks/compile_checks`"),
    File("store/lists", "`db/statements/pagination`"),
    File("store/values", "`db/statements/sql_values`"),
    File("store/pool", "`db/connections`"),
    File("store/push", "`modules/write_set`"),
    File("publish/wishes", "`commit_options`"),
    File("publish/module_options", "`commit_options`"),
    File("publish/demand", "`queue/on_demand`"),
    File("publish/room", "`build/build_memory`"),
    File("publish/older", "`b4_digest`"),
    File("publish/parts", "`package/part_builder`"),
    File("publish/remote", "`build/remote_generation`"),
    File("publish/catch_up", "`queue/backfill`"),
    File("publish/progress", "`change_counter`"),
    File("publish/resolve", "`references`"),
    File("publish/symbols", "`push/search_symbols`"),
    File("publish/ids", "`new_ids`"),
    File("publish/import", "`push/import_commit`"),
    File("publish/external/differences", "`build/external_plugin/nondeterminism`"),
    File("serve/read_on", "`http/drain_body`"),
    File("serve/access", "`actions/access`"),
    File("serve/members", "`actions/members`"),
    File("serve/yank", "`actions/yank`"),
    File("serve/web/visit", "`page/page_request`"),
    File("serve/base", "`http/origin`"),
    File("serve/programs", "`external_settings`"),
    File("serve/respond", "`http/response`"),
    File("serve/cargo/page", "`cargo/index_page`"),
    File("serve/cargo/crates", "`cargo/crate_cache`"),
    File("serve/cargo/names", "`cargo/crate_lookup`"),
    File("serve/rpc/admit", "`transport/request_limits`"),
    File("serve/rpc/bounded", "`transport/limited_body`"),
    File("serve/rpc/packed", "`transport/compression`"),
    File("serve/rpc/probe", "`transport/reflection`"),
    File("serve/rpc/text", "`actions/field_rules`"),
    File("serve/rpc/selection", "`module_v1/graph_selection`"),
    File("serve/rpc/beta", "`module_v1beta1`"),
    File("serve/rpc/warning", "`module_v1/push_warning`"),
    File("serve/web/head", "`page/module_header`"),
    File("serve/web/failure", "`page/error_page`"),
    File("serve/web/age", "`page/relative_time`"),
    File("serve/web/rust_names", "`generate/rust_naming/identifiers`"),
    File("serve/web/rust_path", "`generate/rust_naming/paths`"),
    File("serve/web/pages/docs/build", "`package_docs`"),
    File("serve/web/pages/docs/written", "`native_options`"),
    File("serve/web/pages/docs/options", "`custom_options`"),
    File("serve/web/pages/docs/contents", "`package_index`"),
    File("serve/web/pages/docs/cycles", "`generate/rust_naming/recursive_types`"),
    File("serve/web/pages/docs/rust_types", "`generate/rust_naming/field_types`"),
    File("serve/web/pages/docs/shown", "`view`"),
    File("serve/web/pages/sdk/order", "`actions`"),
    File("serve/web/pages/sdk/published", "`crate_view`"),
    File("serve/web/pages/sdk/first_lines", "`import_examples`"),
    File("serve/web/pages/module/docs/names", "`declared_names`"),
    File("serve/rpc/registry_v1/names", "`resting_names`"),
    File("client/services/names", "`resting_names`"),
    File("client/older", "`services/v1beta1`"),
    File("cli/commands/crates/sdk/which", "`selector`"),
    File("cli/commands/crates/sdk/shown", "`view`"),
    File("compile/resources/memory_budget", "`compile_memory`"),
    File("config/source", "`mirror_source`"),
    File("publish/push/unstored", "`compile_only`"),
    File("publish/push/news", "`webhook_news`"),
    File("publish/push/new_ids", "`publish/new_ids`"),
    File("publish/build/process", "`confined_program`"),
    File("publish/build/subprocess", "`own_process`"),
    File("serve/tasks/backups/download", "`http/backup_download`"),
    File("cli/commands/modules/webhook/log", "`deliveries`"),
    Name("model", "older_digest", "`b4_digest`"),
    Name("module", "older_digest", "`b4_digest`"),
    Name("compile", "Gates", "`FeatureGates`"),
    Name("compile", "Earlier", "`CompileCache`"),
    Name("generate", "NoAnswer", "`GeneratorError`"),
    Name("generate", "PluginAnswer", "`PluginOutput`"),
    Name("generate", "Spelling", "`ExternPathStyle`"),
    Name("generate", "Taken", "`ReservedName`"),
    Name("generate", "wishes", "`options`"),
    Name("package", "Parts", "`PartBuilder`"),
    Name("package", "Draft", "`ArchiveLayout`"),
    Name("package", "Reusable", "`PreviousCrate`"),
    Name("package", "recipe", "`reuse_index`"),
    Name("store", "JobState", "`SdkState`"),
    Name("store", "PushRecord", "`WriteSet`"),
    Name("store", "Bell", "`WorkSignal`"),
    Name("store", "Verdict", "`SdkState`"),
    Name("store", "Cut", "`PageWindow`"),
    Name("store", "rehearse", "`try_write`"),
    Name("publish", "JobState", "`SdkState`"),
    Name("publish", "WishError", "`ModuleOptionsError`"),
    Name("publish", "AdoptError", "`ImportFetchedError`"),
    Name("publish", "Bell", "`WorkSignal`"),
    Name("publish", "Room", "`BuildMemory`"),
    Name("publish", "Demand", "`SdkRequest`"),
    Name("publish", "Verdict", "`SdkState`"),
    Name("publish", "Decided", "`PushDecisions`"),
    Name("publish", "Eager", "`EagerRules`"),
    Name("publish", "settle", "`wait_for_sdks`"),
    Name("publish", "owes_head", "`head_was_never_queued`"),
    Name("publish", "demand_crate", "`request_crate`"),
    Name("publish", "as_asked", "`plugin_for_commit`"),
    Name("publish", "hold_pushes", "`lock_pushes`"),
    Name("publish", "adopt", "`import_fetched`"),
    Name("publish", "adopting", "`importing`"),
    Name("publish", "rehearse", "`try_write`"),
    Name("publish", "wishes", "`options`"),
    Name("publish", "older_digest", "`b4_digest`"),
    Name("publish", "check_older", "`check_b4_digest`"),
    Name("serve", "Believed", "`CachedToken`"),
    Name("serve", "Visit", "`PageRequest`"),
    Name("serve", "Head", "`ModuleHeader`"),
    Name("serve", "Told", "`PushReply`"),
    Name("serve", "Shown", "`PackageDocs`"),
    Name("serve/http", "Asked", "`ResponseForm`"),
    Name("serve/http", "Room", "`MemoryPermit`"),
    Name("serve/http", "Held", "`ResponsePermit`"),
    Name("serve", "Whose", "`AttemptCounter`"),
    Name("serve/cargo", "Named", "`NamedCrate`"),
    Name("serve", "make_sure", "`ensure_queued`"),
    Name("serve", "demand_crate", "`request_crate`"),
    Name("client", "download_older", "`download_v1beta1`"),
    Name("cli", "Which", "`SdkSelector`"),
    Name("cli", "Wanted", "`MirrorRef`"),
    Name("cli", "Taken", "`CommitRow`"),
    Name("cli/commands", "Target", "`TokenLocation` or `ModuleOrCrate`"),
];

/// The identifiers of `text` outside comments, whose words are English; links in them are checked by `cargo doc`.
fn identifiers(text: &str) -> BTreeSet<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect()
}

/// What `text`, the file `place` below `src/`, still calls by a replaced name, one line each.
fn replaced(words: &[Word], place: &str, text: &str) -> Vec<String> {
    let module = place.trim_end_matches(".rs").trim_end_matches("/mod");
    let identifiers = identifiers(text);
    let is_below = |folder: &str| place.strip_prefix(folder).is_some_and(|rest| rest.starts_with(['/', '.']));
    let found = words.iter().filter_map(|word| match word {
        File(old, term) if module == *old => Some(format!("src/{place}: the file is called {term}")),
        Name(folder, old, term) if is_below(folder) && identifiers.contains(old) => {
            Some(format!("src/{place}: `{old}` is called {term}"))
        }
        _ => None,
    });
    found.collect()
}

#[test]
fn replaced_names_do_not_come_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut report = Vec::new();
    visit(&root, &mut |path| {
        let place = path.strip_prefix(&root).unwrap().to_str().unwrap();
        report.extend(replaced(REPLACED, place, &std::fs::read_to_string(path).unwrap()));
    });
    assert!(report.is_empty(), "\n{}", report.join("\n"));
}

#[test]
fn the_files_that_took_the_place_of_others_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut places = Vec::new();
    visit(&root, &mut |path| {
        let place = path.strip_prefix(&root).unwrap().to_str().unwrap();
        places.push(format!("/{}", place.trim_end_matches(".rs").trim_end_matches("/mod")));
    });
    let gone = REPLACED.iter().filter_map(|word| match word {
        File(old, term) => {
            let new = format!("/{}", term.split('`').nth(1).unwrap());
            (!places.iter().any(|place| place.ends_with(&new))).then(|| format!("{old} is said to be {term}"))
        }
        Name(..) => None,
    });
    assert_eq!(gone.collect::<Vec<_>>().join("\n"), "");
}

#[test]
fn a_replaced_name_is_found_as_file_and_as_identifier() {
    let words = [File("compile/tokens", "`lexer`"), Name("store", "Bell", "`WorkSignal`")];
    let found = |place: &str, text: &str| replaced(&words, place, text).join("\n");
    assert_eq!(found("compile/tokens.rs", ""), "src/compile/tokens.rs: the file is called `lexer`");
    assert_eq!(found("compile/tokens/mod.rs", ""), "src/compile/tokens/mod.rs: the file is called `lexer`");
    assert_eq!(found("compile/source/lexer.rs", "tokens"), "");
    assert_eq!(found("store/jobs.rs", "struct Bell;"), "src/store/jobs.rs: `Bell` is called `WorkSignal`");
    assert_eq!(found("store/jobs.rs", "struct Bells;"), "");
    assert_eq!(found("store/jobs.rs", "    // Bell was a word.\n"), "");
    assert_eq!(found("store_other/x.rs", "Bell"), "");
}
