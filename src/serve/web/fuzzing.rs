//! How pages render texts and files of users, for `tests/fuzz`.

use super::highlight::span::Class;
use super::highlight::{self, proto};
use super::markdown::{comment, readme};
use super::pages::module::downloads::zip;
use super::pages::module::downloads::{tar_gz, unpack};
use crate::model::FilePath;

/// Files as archives. Each line of the input is a path, and the content of its file.
pub(crate) fn archive(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines: Vec<&str> = text.split('\n').filter(|line| line.parse::<FilePath>().is_ok()).collect();
    lines.sort_unstable();
    lines.dedup();
    let files = || lines.iter().map(|line| (*line, line.as_bytes()));
    assert!(zip::archive(files()).is_some_and(|archive| archive.ends_with(&[0, 0])), "{lines:?}");
    let Ok(packed) = tar_gz(files()) else { return };
    let unpacked = unpack(&packed).unwrap_or_default();
    assert_eq!(unpacked, files().map(|(path, content)| (path.to_owned(), content.to_vec())).collect::<Vec<_>>());
}

/// READMEs and comments: nothing in them may run scripts or request another server.
pub(crate) fn markdown(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for html in [readme(text).html, comment(text, usize::MAX, &|_| None)] {
        for tag in html.split('<').skip(1) {
            let name =
                tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            assert!(
                !matches!(name, "script" | "style" | "iframe" | "img" | "svg" | "form" | "base" | "link"),
                "{html}"
            );
            let head = tag.split('>').next().unwrap_or_default().to_ascii_lowercase();
            assert!(!head.contains(" on") && !head.contains(" style="), "{html}");
            let to = head.split_once("href=\"").map_or("", |(_, behind)| behind).trim_start();
            assert!(
                !to.starts_with("javascript:") && !to.starts_with("data:") && !to.starts_with("vbscript:"),
                "{html}"
            );
        }
    }
}

/// Source code: marks are added to the escaped text, and nothing else.
pub(crate) fn source(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for language in ["proto", "rust", "toml", "sh", "yaml", "json"] {
        let html = highlight::code(language, text, usize::MAX).unwrap_or_default();
        let mut plain = html.replace("</span>", "");
        for class in Class::ALL {
            plain = plain.replace(&format!("<span class={}>", class.letter()), "");
        }
        assert!(!plain.contains(['<', '>', '"']), "{language}: {html}");
        assert!(plain.len() >= text.len(), "{language}: a part of the text is lost: {html}");
    }
    let read = proto::read(text);
    let lines = highlight::lines(text, &read.spans, usize::MAX).unwrap_or_default();
    assert_eq!(lines.len(), text.lines().count());
    for reference in read.references {
        assert_eq!(read.spans.get(reference.span).and_then(|span| text.get(span.range.clone())), Some(reference.name));
    }
}
