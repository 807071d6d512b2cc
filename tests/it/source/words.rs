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
    File("publish/wishes", "`module_options`"),
    File("publish/demand", "`queue/on_demand`"),
    File("store/turns", "`jobs/schedule`"),
    File("store/needs", "`jobs/dependencies`"),
    File("store/recipes", "`sdks/reuse_index`"),
    File("serve/read_on", "`http/drain_body`"),
    File("serve/web/visit", "`page/page_request`"),
    Name("store", "JobState", "`SdkState`"),
    Name("store", "PushRecord", "`WriteSet`"),
    Name("publish", "JobState", "`SdkState`"),
    Name("publish", "PushesHeld", "`PushLock`"),
    Name("publish", "WishError", "`ModuleOptionsError`"),
    Name("publish", "AdoptError", "`ImportFetchedError`"),
    Name("generate", "NoAnswer", "`GeneratorError`"),
    Name("generate", "PluginAnswer", "`PluginOutput`"),
    Name("compile", "Gates", "`FeatureGates`"),
    Name("serve", "Believed", "`CachedToken`"),
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
