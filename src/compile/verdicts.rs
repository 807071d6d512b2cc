//! A table of verdicts: what is accepted, and where it is refused. The end-to-end tests check the same rows with `buf`.

use super::testing::refusal;

const ROWS: &str = include_str!("../../tests/fixtures/verdicts/rows.tsv");
const TYPES: &str = include_str!("../../tests/fixtures/verdicts/types.proto");

/// Line and column of the first finding in the first file, `no` when it has none, or `ok`.
fn verdict(source: &str) -> String {
    let text = match source.starts_with("option") {
        true => format!("{TYPES}message M {{\n{source}\n}}"),
        false => source.to_owned(),
    };
    let mut parts = text.split("--- ");
    let first = ("a.proto", parts.next().unwrap_or_default());
    let files: Vec<_> = std::iter::once(first).chain(parts.filter_map(|part| part.split_once('\t'))).collect();
    let refusal = refusal(&files);
    if refusal.is_empty() {
        return "ok".into();
    }
    let finding = refusal.lines().find_map(|line| line.strip_prefix("a.proto:"));
    let place = finding.and_then(|finding| finding.split_once(": ")).map(|(place, _)| place);
    place.filter(|place| place.contains(':')).unwrap_or("no").to_owned()
}

#[test]
fn sources_are_judged_as_the_table_says() {
    let rows = ROWS.lines().filter(|row| !row.starts_with('#'));
    let rows: Vec<_> = rows.map(|row| row.split_once('\t').expect("a row is a verdict, a tab and a source")).collect();
    assert!(rows.len() > 1_900, "{}", rows.len());
    let mut surprises = Vec::new();
    for (expected, source) in rows {
        let (_, ours) = expected.split_once('/').unwrap_or((expected, expected));
        let found = verdict(source);
        if found != ours && (ours != "no" || found == "ok") {
            surprises.push(format!("{source}\n  expected {ours}, got {found}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
