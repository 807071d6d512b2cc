//! Marks: words that stand in the names of declarations while code is generated. In the code, a marked name comes from
//! the schema, in whatever form the generator writes it, and a name without a mark is the generator's own. When the
//! code is restored, each mark gives way to what belongs in its place.

use std::ops::Range;

use crate::model::{DescriptorSet, rust_verbatim};

/// The letters between the ends of a mark.
const LETTERS: usize = 4;

/// As many marks as there are words of [`LETTERS`] letters.
const MOST: usize = 26_usize.pow(4);

/// How marks begin; the first that no source holds is used. All end in `q`.
const STEMS: [&str; 4] = ["Qx", "Qz", "Zx", "Jx"];

/// A declaration with a mark in its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::generate) struct Mark {
    /// `message`, `service` …
    pub kind: &'static str,
    /// Its full name.
    pub name: String,
    /// The file that declares it.
    pub file: String,
    /// What stands in texts and comments in place of the mark.
    pub text: String,
    /// What its types are called after their name.
    pub type_suffix: String,
    /// What its modules, fields and functions are called after their name.
    pub module_suffix: String,
    /// The package that the generator is told, and the one that stands in texts and comments in its place.
    pub package: Option<[String; 2]>,
}

impl Mark {
    /// Whether a number tells the declaration from another one.
    pub(super) fn is_numbered(&self) -> bool {
        !self.module_suffix.is_empty()
    }
}

/// The marks of one module.
#[derive(Debug, Default)]
pub(in crate::generate) struct Marks {
    /// How they begin; nothing as long as there is none.
    stem: &'static str,
    all: Vec<Mark>,
}

impl Marks {
    /// Adds a declaration of `descriptors`; how its mark is written.
    pub(super) fn add(&mut self, descriptors: &DescriptorSet, mark: Mark) -> String {
        if self.stem.is_empty() {
            self.stem = free_stem(descriptors);
        }
        self.all.push(mark);
        self.word(self.all.len() - 1)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Mark> {
        self.all.get(index)
    }

    /// Gives a declaration the next number.
    pub(super) fn number(&mut self, index: usize) {
        if let Some(mark) = self.all.get_mut(index) {
            let number = mark.type_suffix.parse::<usize>().unwrap_or(1) + 1;
            mark.type_suffix = number.to_string();
            mark.module_suffix = format!("_{number}");
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.all.iter()
    }

    pub(super) fn word(&self, index: usize) -> String {
        let mut letters = [0_u8; LETTERS];
        let mut rest = index;
        for letter in letters.iter_mut().rev() {
            *letter = b'a' + u8::try_from(rest % 26).unwrap_or_default();
            rest /= 26;
        }
        [self.stem, &String::from_utf8_lossy(&letters), "q"].concat()
    }

    /// The first mark in `text` from `from` on, and its number.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<(Range<usize>, usize)> {
        find(self.stem, self.all.len(), text.as_bytes(), from)
    }

    /// The number of the first mark in `text`.
    pub(super) fn first(&self, text: &str) -> Option<usize> {
        self.find(text, 0).map(|(_, index)| index)
    }

    /// All marks in `text`, as they are written.
    pub(super) fn words<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let (place, _) = self.find(text, from)?;
            from = place.end;
            text.get(place)
        })
    }

    /// The package of the sources, where a text is that of a declaration with a mark in `name` as it was told.
    pub(super) fn package(&self, text: &str, name: &str) -> Option<&str> {
        let marks = self.words(name).filter_map(|word| self.get(self.first(word)?)?.package.as_ref());
        marks.into_iter().find(|[told, _]| text.trim_matches('"') == told).map(|[_, own]| own.as_str())
    }

    /// A name of the code as it is called in the end.
    pub(super) fn ident(&self, name: &str) -> String {
        let restored = self.plain(name, true);
        if restored == name { restored } else { rust_verbatim(&restored) }
    }

    /// The names in a text that is code, such as the path in `#[prost(oneof = "…")]`.
    pub(super) fn code(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |end| start + end);
            restored.push_str(&rest[..start]);
            restored.push_str(&self.ident(&rest[start..end]));
            rest = &rest[end..];
        }
        restored + rest
    }

    /// A text or a comment as it is in the end; `is_literal` if what is put in is to be escaped.
    pub(super) fn text(&self, text: &str, is_literal: bool) -> String {
        let (mut restored, mut copied) = (String::with_capacity(text.len()), 0);
        while let Some((place, index)) = self.find(text, copied) {
            let before = &text[copied..place.start];
            // The generator changed the case, so it put an underscore before the mark.
            let snake = !self.is_written_so(&text[place.clone()]);
            restored.push_str(if snake { before.strip_suffix('_').unwrap_or(before) } else { before });
            let put = self.all.get(index).map_or("", |mark| mark.text.as_str());
            restored.push_str(&if is_literal { put.escape_default().to_string() } else { put.to_owned() });
            if let Some([told, own]) = self.all.get(index).and_then(|mark| mark.package.as_ref()) {
                respell(&mut restored, told, own);
            }
            copied = place.end;
        }
        restored + &text[copied..]
    }

    fn is_written_so(&self, found: &str) -> bool {
        found.starts_with(self.stem)
    }

    /// `name` without its marks, and with what they stand for.
    pub(super) fn plain(&self, name: &str, with_suffixes: bool) -> String {
        let (mut restored, mut copied) = (String::with_capacity(name.len()), 0);
        while let Some((place, index)) = self.find(name, copied) {
            let found = &name[place.clone()];
            // Behind a digit, no new word begins, and the letters of a type's name become small.
            let camel = found.starts_with(char::is_lowercase) && name.starts_with(char::is_uppercase);
            let snake = !camel && !self.is_written_so(found);
            let before = &name[copied..place.start];
            restored.push_str(if snake { before.strip_suffix('_').unwrap_or(before) } else { before });
            if let Some(mark) = self.all.get(index).filter(|_| with_suffixes) {
                match (snake, found.starts_with(char::is_uppercase)) {
                    (false, _) => restored.push_str(&mark.type_suffix),
                    (true, false) => restored.push_str(&mark.module_suffix),
                    (true, true) => restored.push_str(&mark.module_suffix.to_uppercase()),
                }
            }
            copied = place.end;
            // The mark stands in front of a name that begins with a digit.
            if restored.is_empty() && snake && name[copied..].starts_with('_') {
                copied += 1;
            }
        }
        restored + &name[copied..]
    }
}

/// Writes `own` in place of the package `told`, where `text` ends with the full name of a declaration in it.
fn respell(text: &mut String, told: &str, own: &str) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let scope = text.trim_end_matches(is_word);
    let around =
        if told.is_empty() { None } else { scope.strip_suffix('.').and_then(|scope| scope.strip_suffix(told)) };
    if let Some(start) = around.filter(|around| !around.ends_with(is_word)).map(str::len) {
        text.replace_range(start..start + told.len(), own);
    }
}

/// The first stem that no source holds. Where every one is in use, names could be read wrongly, but nothing else.
fn free_stem(descriptors: &DescriptorSet) -> &'static str {
    let is_free =
        |stem: &&&'static str| descriptors.files.iter().all(|file| find(stem, MOST, &file.encoded, 0).is_none());
    STEMS.iter().find(is_free).copied().unwrap_or(STEMS[0])
}

/// The first of `count` marks with `stem` in `text` from `from` on, and its number.
fn find(stem: &str, count: usize, text: &[u8], from: usize) -> Option<(Range<usize>, usize)> {
    if count == 0 {
        return None;
    }
    let stem = stem.as_bytes();
    let length = stem.len() + LETTERS + 1;
    let rest = text.get(from..)?;
    rest.windows(length).enumerate().find_map(|(at, window)| {
        let (head, tail) = window.split_at(stem.len());
        let (letters, end) = tail.split_at(LETTERS);
        if !head.eq_ignore_ascii_case(stem) || !end.eq_ignore_ascii_case(b"q") {
            return None;
        }
        let digit =
            |sum: usize, letter: &u8| Some(sum * 26 + usize::from(letter.to_ascii_lowercase().checked_sub(b'a')?));
        let is_word = letters.iter().all(u8::is_ascii_alphabetic);
        let index = letters.iter().try_fold(0, digit).filter(|index| is_word && *index < count)?;
        Some((from + at..from + at + length, index))
    })
}

/// `name` with the mark `word`: after it, or in front if the name in Rust would begin with a digit.
pub(super) fn put(name: &str, word: &str) -> String {
    if begins_with_digit(name) { [word, name].concat() } else { [name, word].concat() }
}

/// Whether the name would begin with a digit in Rust, if it got no underscore.
pub(super) fn begins_with_digit(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{rust_module, rust_type};

    fn marks() -> Marks {
        let mark = Mark { type_suffix: "2".into(), module_suffix: "_2".into(), ..Mark::default() };
        let json = Mark { text: "a\"b".into(), ..Mark::default() };
        let moved = Mark { package: Some(["foo.v1".into(), "Foo.V1".into()]), ..Mark::default() };
        Marks { stem: "Qx", all: vec![Mark::default(), mark, json, moved] }
    }

    #[test]
    fn names_survive_the_change_of_case_that_generators_make() {
        let marks = marks();
        let word = marks.word(0);
        for name in ["Option", "HTTPRule", "x_Get", "foo_", "IO", "a1B", "A", "V2", "_1", "_14x", "type", "Self", "std"]
        {
            let marked = put(name, &word);
            assert_eq!(marks.ident(&rust_type(&marked)), rust_type(name), "{name}");
            assert_eq!(marks.ident(&rust_module(&marked)), rust_module(name), "{name}");
            assert_eq!(marks.text(&format!("\"p.{marked}\""), true), format!("\"p.{name}\""));
        }
        assert_eq!(marks.ident("option_qxaaaaq_server"), "option_server");
        assert_eq!(marks.ident("OPTION_QXAAAAQ_GET_SPEC"), "OPTION_GET_SPEC");
        assert_eq!(marks.ident("Qxaaaaq14Client"), "_14Client");
    }

    #[test]
    fn a_declaration_is_called_otherwise_in_code_and_never_in_texts() {
        let marks = marks();
        assert_eq!(marks.ident("FooBarQxaaabq"), "FooBar2");
        assert_eq!(marks.ident("foo_bar_qxaaabq"), "foo_bar_2");
        for (name, of_type, module) in
            [("Foo_2", "Foo22", "foo_2_2"), ("_1", "_12", "_1_2"), ("Foo2", "Foo22", "foo2_2")]
        {
            let first = put(name, &marks.word(0));
            let marked = if first.starts_with("Qx") { first + &marks.word(1) } else { put(name, &marks.word(1)) };
            assert_eq!(marks.ident(&rust_type(&marked)), of_type);
            assert_eq!(marks.ident(&rust_module(&marked)), module);
        }
        assert_eq!(marks.code("super::foo_bar_qxaaabq::KindQxaaaaq"), "super::foo_bar_2::Kind");
        assert_eq!(marks.text("\"p.Foo_barQxaaabq\"", true), "\"p.Foo_bar\"");
        assert_eq!(marks.text("\"Qxaaacq\"", true), "\"a\\\"b\"");
        assert_eq!(marks.text("// Qxaaacq", false), "// a\"b");
    }

    #[test]
    fn texts_name_the_package_of_the_sources() {
        let marks = marks();
        for (told, own) in [
            ("\"/foo.v1.ShopQxaaadq/Buy\"", "\"/Foo.V1.Shop/Buy\""),
            ("[foo.v1.MQxaaabqQxaaadq.In]", "[Foo.V1.M.In]"),
            ("foo.v1.Qxaaadq1M and foo.v1.N", "Foo.V1.1M and foo.v1.N"),
            ("a_foo.v1.MQxaaadq", "a_foo.v1.M"),
        ] {
            assert_eq!(marks.text(told, false), own);
        }
        assert_eq!(marks.ident("MQxaaadq"), "M");
    }

    #[test]
    fn sources_that_hold_a_mark_get_other_marks() {
        let set = crate::model::testing::set(&[("acme/app", "a.proto", "message Qxabcdq {}")]);
        assert_eq!(free_stem(&set), "Qz");
    }
}
