//! How the comments of a file begin, by the place of the declaration. Only comments are decoded: places without one are
//! most of an encoded file.

use std::collections::HashMap;

use prost::encoding::decode_varint;

use crate::model::wire_format::Fields;

/// The most bytes of a comment in the search index.
const MOST: usize = 240;

/// Field numbers of `descriptor.proto`.
const SOURCE_CODE_INFO: u32 = 9;
const LOCATION: u32 = 1;
const PATH: u32 = 1;
const LEADING: u32 = 3;
const TRAILING: u32 = 4;

/// The beginnings of comments.
pub(super) struct Comments(HashMap<Vec<i32>, String>);

impl Comments {
    /// The comments of an encoded file.
    pub(super) fn of(encoded: &[u8]) -> Self {
        let mut found = HashMap::new();
        for info in parts(encoded, SOURCE_CODE_INFO) {
            found.extend(parts(info, LOCATION).filter_map(comment));
        }
        Self(found)
    }

    /// The comment above the declaration at `path`, else the one behind it; empty if there is none.
    pub(super) fn at(&self, path: &[i32]) -> String {
        self.0.get(path).cloned().unwrap_or_default()
    }
}

/// The delimited fields of this number. What is malformed ends them.
fn parts(encoded: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    Fields(encoded).map_while(Result::ok).filter(move |field| field.number == number).map(|field| field.content)
}

fn comment(location: &[u8]) -> Option<(Vec<i32>, String)> {
    let text = |number| Some(beginning(std::str::from_utf8(parts(location, number).last()?).ok()?));
    let leading = text(LEADING).filter(|text| !text.is_empty());
    let text = leading.or_else(|| text(TRAILING).filter(|text| !text.is_empty()))?;
    let mut path = vec![];
    let mut packed = parts(location, PATH).next()?;
    while !packed.is_empty() {
        path.push(i32::try_from(decode_varint(&mut packed).ok()?).ok()?);
    }
    Some((path, text))
}

/// The beginning of a comment on one line.
fn beginning(text: &str) -> String {
    let mut line = String::new();
    // A comment may be as large as its file, so words are taken one by one.
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        let left = MOST.saturating_sub(line.len());
        if word.len() > left {
            let end = (0..=left).rev().find(|at| word.is_char_boundary(*at)).unwrap_or(0);
            line.push_str(word.get(..end).unwrap_or_default());
            line.push('…');
            break;
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_a_line_of_bounded_length() {
        assert_eq!(beginning(" One\n  two\tthree\u{0}\n"), "One two three");
        assert_eq!(beginning("\n \n"), "");
        for text in ["word ".repeat(1000), "ä".repeat(1000)] {
            let line = beginning(&text);
            assert!(line.len() <= MOST + 4 && line.len() > MOST - 10 && line.ends_with('…'), "{} {line}", line.len());
        }
    }
}
