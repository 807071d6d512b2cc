//! One pass over a text, from one marked part to the next.
//!
//! What begins and never ends reaches to the end of the text, or of the line where strings are short: so nothing is
//! looked for twice.

use super::{Language, Quote, Words};
use crate::serve::web::highlight::span::{Class, Span};

/// What is marked in `text`.
pub(in crate::serve::web::highlight) fn scan(language: &Language, text: &str) -> Vec<Span> {
    let mut scanner = Scanner { language, text, at: 0, begins_command: true, line_start: true, spans: vec![] };
    while scanner.at < text.len() {
        scanner.step();
    }
    scanner.spans
}

struct Scanner<'a> {
    language: &'a Language,
    text: &'a str,
    at: usize,
    /// Whether the next word of a shell is a command.
    begins_command: bool,
    /// Whether nothing but white space stands before in the line.
    line_start: bool,
    spans: Vec<Span>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn mark(&mut self, length: usize, class: Class) {
        self.spans.push(Span::new(self.at..self.at + length, class));
        self.at += length;
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let line_start = self.line_start;
        self.line_start = first == '\n' || line_start && first.is_whitespace();
        if first == '\n' {
            self.begins_command = true;
        }
        if first.is_whitespace() {
            self.at += first.len_utf8();
        } else if let Some(length) = self.comment(rest) {
            self.mark(length, Class::Comment);
        } else if let Some((length, class)) = self.special(rest, line_start) {
            self.mark(length, class);
        } else if let Some(quote) = self.quote(rest) {
            let length = string(rest, quote);
            let is_key = self.language.words == Words::Colon && is_before(rest, length, ':');
            self.mark(length, if is_key { Class::Name } else { Class::Text });
            self.begins_command = false;
        } else if first.is_ascii_digit() {
            self.mark(word(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')), Class::Number);
            self.begins_command = false;
        } else if self.starts_word(first) {
            self.word(rest);
        } else {
            self.begins_command |= matches!(first, '|' | ';' | '&' | '(');
            self.at += first.len_utf8();
        }
    }

    fn comment(&self, rest: &str) -> Option<usize> {
        if self.language.block_comments && rest.starts_with("/*") {
            return Some(block_comment(rest));
        }
        // In the middle of a word, `#` is no comment of a shell.
        let apart = self.language.line_comment != "#" || self.before().is_none_or(char::is_whitespace);
        (apart && rest.starts_with(self.language.line_comment)).then(|| line(rest))
    }

    /// What only one language has.
    fn special(&self, rest: &str, line_start: bool) -> Option<(usize, Class)> {
        match self.language.words {
            Words::Rust => rust(rest),
            Words::Toml => (line_start && rest.starts_with('[')).then(|| (heading(rest), Class::Type)),
            Words::Shell => {
                let flag = rest.starts_with('-') && self.before().is_some_and(char::is_whitespace);
                let variable = rest.strip_prefix('$').map(variable);
                let flag = flag.then(|| word(rest, |c| is_word(c) || c == '-'));
                flag.or(variable.filter(|length| *length > 1)).map(|length| (length, Class::Type))
            }
            Words::Colon => None,
        }
    }

    fn quote(&self, rest: &str) -> Option<Quote> {
        // An apostrophe belongs to its word.
        let apart = self.before().is_none_or(|before| !is_word(before));
        self.language.quotes.iter().find(|quote| rest.starts_with(quote.mark) && (apart || quote.mark != "'")).copied()
    }

    fn starts_word(&self, first: char) -> bool {
        is_word(first) || self.language.words == Words::Shell && matches!(first, '.' | '/' | '~')
    }

    fn word(&mut self, rest: &str) {
        let length = match self.language.words {
            Words::Rust => word(rest, is_word),
            Words::Shell => word(rest, |c| is_word(c) || matches!(c, '-' | '.' | '/' | '~' | '+' | ':')),
            Words::Toml => word(rest, is_plain),
            Words::Colon => plain_value(rest),
        };
        if self.language.words == Words::Rust && rest.starts_with("r#") {
            // A raw identifier, whatever its word means elsewhere.
            self.at += 2 + word(rest.get(2..).unwrap_or_default(), is_word);
            return;
        }
        let word = rest.get(..length).unwrap_or_default();
        let class = match self.language.words {
            _ if self.language.keywords.contains(&word) => Some(Class::Keyword),
            Words::Rust if word.starts_with(|c: char| c.is_ascii_uppercase()) => Some(Class::Type),
            Words::Rust if rest.get(length..).is_some_and(|behind| behind.starts_with('!')) => Some(Class::Name),
            Words::Shell if self.begins_command && !is_before(rest, length, '=') => Some(Class::Name),
            Words::Toml if is_before(rest, length, '=') => Some(Class::Name),
            Words::Colon if is_before(rest, length, ':') => Some(Class::Name),
            _ => None,
        };
        // Behind an assignment stands the command.
        self.begins_command &= self.language.words == Words::Shell && is_before(rest, length, '=');
        match class {
            Some(class) => self.mark(length, class),
            None => self.at += length,
        }
    }
}

/// The length of a word of YAML: a colon inside it, as of `localhost:8780/acme/pets`, ends no key.
fn plain_value(rest: &str) -> usize {
    let mut length = word(rest, is_plain);
    while let Some(behind) = rest.get(length..).and_then(|behind| behind.strip_prefix(':'))
        && behind.starts_with(is_word)
    {
        length += 1 + word(behind, is_plain);
    }
    length
}

fn is_plain(c: char) -> bool {
    is_word(c) || matches!(c, '-' | '.' | '/')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the beginning of `text` that holds nothing else.
fn word(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn line(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// Whether `mark` is the next after the first `length` bytes, in the same line.
fn is_before(text: &str, length: usize, mark: char) -> bool {
    text.get(length..).is_some_and(|behind| behind.trim_start_matches([' ', '\t']).starts_with(mark))
}

/// The length of a variable with its dollar, of which `name` is what follows it.
fn variable(name: &str) -> usize {
    let length = |name: &str| word(name, is_word);
    match name.strip_prefix('{') {
        Some(inside) => {
            let end = length(inside);
            2 + end + usize::from(inside.get(end..).is_some_and(|rest| rest.starts_with('}')))
        }
        None => 1 + length(name),
    }
}

/// Comments stand inside each other.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(['/', '*'])) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the string that `text` begins with.
fn string(text: &str, quote: Quote) -> usize {
    let inside = text.get(quote.mark.len()..).unwrap_or_default();
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if c == '\n' && !quote.long {
            return quote.mark.len() + at;
        }
        if escaped {
            escaped = false;
        } else if c == '\\' && quote.escapes {
            escaped = true;
        } else if inside.get(at..).is_some_and(|rest| rest.starts_with(quote.mark)) {
            return 2 * quote.mark.len() + at;
        }
    }
    text.len()
}

/// The length of `[a.b]` at the beginning of a line.
fn heading(text: &str) -> usize {
    let line = line(text);
    text.get(..line).and_then(|line| line.rfind(']')).map_or(1, |end| end + 1)
}

/// Attributes, raw strings, characters and lifetimes.
fn rust(text: &str) -> Option<(usize, Class)> {
    if text.starts_with("#[") || text.starts_with("#![") {
        return Some((attribute(text), Class::Type));
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let mut inside = quoted.chars();
        let first = inside.next()?;
        if first == '\\' {
            // As far as `'\u{10ffff}'`.
            let end = quoted.char_indices().take(12).skip(2).find(|(_, c)| *c == '\'');
            return end.map(|(at, _)| (at + 2, Class::Text));
        }
        let is_character = inside.next() == Some('\'');
        let length = if is_character { first.len_utf8() + 2 } else { 1 + word(quoted, is_word) };
        return Some((length, if is_character { Class::Text } else { Class::Type }));
    }
    let raw = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = word(raw, |c| c == '#');
    let inside = raw.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", &raw[..hashes]);
    let start = text.len() - inside.len();
    Some((inside.find(&end).map_or(text.len(), |at| start + at + end.len()), Class::Text))
}

/// The length of an attribute: to the bracket that closes it, or the end of the line.
fn attribute(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth <= 1 => return at + 1,
            ']' => depth -= 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}
