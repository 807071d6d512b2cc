//! The README says only what is tested.

use std::path::Path;

/// The names between backticks in the last column of the table of promises.
fn promised(readme: &str) -> Vec<&str> {
    let section = readme.split("## Promises").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("promises");
    let rows = section.lines().filter(|line| line.ends_with("` |"));
    rows.filter_map(|row| row.trim_end_matches("` |").rsplit('`').next()).collect()
}

/// The names between backticks that only tests have.
fn defended(security: &str) -> Vec<&str> {
    let words =
        security.lines().filter(|line| line.starts_with("| ")).flat_map(|line| line.split('`').skip(1).step_by(2));
    words.filter(|word| word.contains('_') && !word.contains(' ')).collect()
}

/// All sources of these tests.
fn sources(dir: &Path) -> String {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap_or_default() })
        .collect()
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let promised = promised(include_str!("../../../README.md"));
    let defended = defended(include_str!("../../../.github/SECURITY.md"));
    assert!(promised.len() >= 10 && defended.len() >= 30, "{promised:?} {defended:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = sources(&root.join("tests/it")) + &sources(&root.join("src"));
    for name in promised.into_iter().chain(defended) {
        assert!(sources.contains(&format!("fn {name}()")), "{name} is promised, and no test");
    }
}

#[test]
fn the_table_of_plugins_is_the_catalogue() {
    let readme = include_str!("../../../README.md");
    for plugin in registry::generate::Catalogue::embedded().unwrap().plugins() {
        let (name, version) = (plugin.name.to_string(), plugin.version.to_string());
        let short = name.trim_start_matches("community/neoeinstein");
        let row = readme.lines().find(|line| {
            line.starts_with("| `") && (line.contains(&format!("`{name}`")) || line.contains(&format!("`{short}`")))
        });
        assert!(row.is_some_and(|row| row.contains(&version)), "README.md lacks {name} {version}");
    }
}

#[test]
fn the_places_that_contributing_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = include_str!("../../../.github/CONTRIBUTING.md");
    let words = text.split('`').skip(1).step_by(2);
    let places = words.filter(|word| ["src/", "tests/", "assets/"].iter().any(|top| word.starts_with(top)));
    let gone: Vec<_> = places.clone().filter(|place| !root.join(place).exists()).collect();
    assert!(places.count() >= 30 && gone.is_empty(), "{gone:?}");
}
