//! Protobuf: keywords by their place, since most of them are names elsewhere, and what a name refers to.
//!
//! The text need not compile: a README shows parts of files. Statement by statement, each token is marked by the place
//! at which it stands in its statement.

use std::ops::Range;
use std::rc::Rc;

use super::span::{Class, Span};
use crate::publish::{SourceToken, SourceTokenKind as Kind, source_tokens};

/// The deepest nesting in which names are looked up; the compiler allows fewer levels.
const MAX_DEPTH: usize = 64;

/// The types that every schema has.
const SCALARS: [&str; 15] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32",
    "sfixed64", "bool", "string", "bytes",
];

/// What a source holds.
#[derive(Debug, Default)]
pub(in crate::serve::web) struct ProtoSource<'a> {
    /// What is marked, in the order of the source.
    pub spans: Vec<Span>,
    /// The names of types and extensions.
    pub references: Vec<Reference<'a>>,
    /// The paths of imports, each with the index of its span.
    pub imports: Vec<(usize, &'a str)>,
    /// Messages, enums and services.
    pub outline: Vec<Outlined<'a>>,
}

/// A name that refers to a declaration.
#[derive(Debug)]
pub(in crate::serve::web) struct Reference<'a> {
    /// The index of its span.
    pub span: usize,
    /// The package and the messages around it, with dots between them.
    pub scope: Rc<str>,
    /// The name as it is written.
    pub name: &'a str,
}

/// A declaration in the outline of a source.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::serve::web) struct Outlined<'a> {
    /// Its keyword.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How many declarations are around it.
    pub depth: usize,
    /// The offset of its name.
    pub offset: usize,
}

/// Reads `source`.
pub(in crate::serve::web) fn read(source: &str) -> ProtoSource<'_> {
    let (comments, tokens): (Vec<_>, Vec<_>) =
        source_tokens(source).into_iter().partition(|token| token.kind == Kind::Comment);
    let marks = vec![Mark::Plain; tokens.len()];
    let mut reader = Reader { source, tokens, marks, blocks: vec![], package: Rc::from(""), outline: vec![] };
    let mut at = 0;
    while at < reader.tokens.len() {
        at = reader.next(at);
    }
    reader.finish(&comments)
}

/// What is known of one token.
#[derive(Debug, Clone)]
enum Mark {
    Plain,
    Of(Class),
    /// The path of an import.
    Import,
    /// The beginning of a name that refers to a declaration, of so many tokens.
    Refers {
        tokens: usize,
        scope: Rc<str>,
    },
}

/// What the statements between two braces are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Fields and declarations.
    Fields,
    Values,
    Service,
    /// Options, or text that is no statement.
    Other,
}

struct Reader<'a> {
    source: &'a str,
    /// Without comments.
    tokens: Vec<SourceToken>,
    marks: Vec<Mark>,
    /// The blocks around, with the scope of their names.
    blocks: Vec<(Block, Rc<str>)>,
    package: Rc<str>,
    outline: Vec<Outlined<'a>>,
}

impl<'a> Reader<'a> {
    fn text(&self, range: Range<usize>) -> &'a str {
        self.source.get(range).unwrap_or_default()
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Word)?;
        Some(self.text(token.range.clone()))
    }

    fn is(&self, at: usize, mark: u8) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Mark(mark))
    }

    fn set(&mut self, at: usize, mark: Mark) {
        if let Some(own) = self.marks.get_mut(at) {
            *own = mark;
        }
    }

    fn keyword(&mut self, at: usize) {
        self.set(at, Mark::Of(Class::Keyword));
    }

    fn name(&mut self, at: usize) {
        self.set(at, Mark::Of(Class::Name));
    }

    fn scope(&self) -> Rc<str> {
        self.blocks.last().map_or_else(|| Rc::clone(&self.package), |(_, scope)| Rc::clone(scope))
    }

    fn block(&self) -> Block {
        self.blocks.last().map_or(Block::Fields, |(block, _)| *block)
    }

    /// Reads what begins at `at`, and returns what is next.
    fn next(&mut self, at: usize) -> usize {
        if self.is(at, b'}') {
            self.blocks.pop();
            return at + 1;
        }
        if self.is(at, b';') {
            return at + 1;
        }
        let end = self.end_of_statement(at);
        let opened = self.statement(at..end);
        if self.is(end, b'{') {
            let (block, name) = opened.unwrap_or((Block::Other, None));
            let scope = self.scope();
            let scope = match name.filter(|_| self.blocks.len() < MAX_DEPTH) {
                Some(name) if scope.is_empty() => Rc::from(name),
                Some(name) => Rc::from(format!("{scope}.{name}")),
                None => scope,
            };
            self.blocks.push((block, scope));
            return end + 1;
        }
        end
    }

    /// Where the statement ends: at a semicolon, or at a brace that is not part of a value.
    fn end_of_statement(&self, start: usize) -> usize {
        let is_option = self.word(start) == Some("option");
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(start) {
            match token.kind {
                Kind::Mark(b'(' | b'[') => depth += 1,
                Kind::Mark(b'{') if depth > 0 || is_option => depth += 1,
                Kind::Mark(b')' | b']') => depth = depth.saturating_sub(1),
                Kind::Mark(b'}') if depth > 0 => depth -= 1,
                Kind::Mark(b'{' | b'}') => return at,
                Kind::Mark(b';') if depth == 0 => return at,
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Marks a statement; the answer is the block that it opens, and the name that the block adds to the scope.
    fn statement(&mut self, range: Range<usize>) -> Option<(Block, Option<&'a str>)> {
        let (mut at, end) = (range.start, range.end);
        let opens = self.is(end, b'{');
        let declares = |word: Option<&str>| matches!(word, Some("message" | "enum"));
        if matches!(self.word(at), Some("export" | "local")) && declares(self.word(at + 1)) {
            self.keyword(at);
            at += 1;
        }
        let next = self.word(at + 1);
        match self.word(at)? {
            "message" if opens && next.is_some() => {
                self.declaration(at);
                return Some((Block::Fields, next));
            }
            "enum" if opens && next.is_some() => {
                self.declaration(at);
                return Some((Block::Values, next));
            }
            "service" if opens && next.is_some() => {
                self.declaration(at);
                return Some((Block::Service, None));
            }
            "oneof" if opens && next.is_some() => {
                self.keyword(at);
                self.name(at + 1);
                return Some((Block::Fields, None));
            }
            "extend" if opens => {
                self.keyword(at);
                self.reference(at + 1);
                return Some((Block::Fields, None));
            }
            "rpc" if self.block() != Block::Values && next.is_some() => self.method(at..end),
            "option" if next.is_some() || self.is(at + 1, b'(') => {
                self.keyword(at);
                self.values(at + 1..end);
            }
            "syntax" | "edition" if self.is(at + 1, b'=') => self.keyword(at),
            "package" if next.is_some() && self.blocks.is_empty() => self.package(at..end),
            "import" if self.blocks.is_empty() => self.import(at..end),
            "extensions" | "reserved" if !self.is(at + 1, b'=') && self.block() != Block::Service => {
                self.keyword(at);
                let words = (at..end).filter(|word| matches!(self.word(*word), Some("to" | "max")));
                words.collect::<Vec<_>>().into_iter().for_each(|word| self.keyword(word));
                self.values(at + 1..end);
            }
            _ if self.block() == Block::Fields => return self.field(at..end),
            _ => self.values(at..end),
        }
        None
    }

    fn declaration(&mut self, at: usize) {
        self.keyword(at);
        self.name(at + 1);
        if let (Some(kind), Some(name), Some(token)) = (self.word(at), self.word(at + 1), self.tokens.get(at + 1)) {
            let offset = token.range.start;
            self.outline.push(Outlined { kind, name, depth: self.blocks.len(), offset });
        }
    }

    fn method(&mut self, range: Range<usize>) {
        self.keyword(range.start);
        self.name(range.start + 1);
        for at in range {
            if self.is(at, b'(') {
                let streams = self.word(at + 1) == Some("stream") && !self.is(at + 2, b')') && !self.is(at + 2, b'.');
                if streams {
                    self.keyword(at + 1);
                }
                self.reference(at + 1 + usize::from(streams));
            } else if self.word(at) == Some("returns") && self.is(at + 1, b'(') {
                self.keyword(at);
            }
        }
    }

    fn package(&mut self, range: Range<usize>) {
        self.keyword(range.start);
        let mut package = String::new();
        for at in range.start + 1..range.end {
            match self.word(at) {
                Some(word) => {
                    self.name(at);
                    package.push_str(word);
                }
                None => package.push('.'),
            }
        }
        self.package = Rc::from(package);
    }

    fn import(&mut self, range: Range<usize>) {
        self.keyword(range.start);
        for at in range.start + 1..range.end {
            if matches!(self.word(at), Some("public" | "weak" | "option")) {
                self.keyword(at);
            } else if self.tokens.get(at).is_some_and(|token| token.kind == Kind::Text) {
                self.set(at, Mark::Import);
            }
        }
    }

    fn field(&mut self, range: Range<usize>) -> Option<(Block, Option<&'a str>)> {
        let mut at = range.start;
        let labelled = matches!(self.word(at), Some("optional" | "required" | "repeated"));
        if labelled && (self.word(at + 1).is_some() || self.is(at + 1, b'.')) {
            self.keyword(at);
            at += 1;
        }
        let group = (self.word(at) == Some("group")).then(|| self.word(at + 1)).flatten();
        if let Some(group) = group {
            self.keyword(at);
            self.name(at + 1);
            self.values(at + 2..range.end);
            return Some((Block::Fields, Some(group)));
        }
        if self.word(at) == Some("map") && self.is(at + 1, b'<') {
            self.keyword(at);
            let behind = self.reference(at + 2);
            if self.is(behind, b',') {
                self.reference(behind + 1);
            }
        } else {
            self.reference(at);
        }
        let options = (at..range.end).find(|at| self.is(*at, b'['));
        self.values(options.unwrap_or(range.end)..range.end);
        None
    }

    /// Marks the words of values, and the names of options in parentheses.
    fn values(&mut self, range: Range<usize>) {
        for at in range {
            if self.is(at, b'(') {
                self.reference(at + 1);
            } else if matches!(self.word(at), Some("true" | "false" | "inf" | "nan")) && self.is_value(at) {
                self.keyword(at);
            }
        }
    }

    fn is_value(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| [b'=', b':', b'[', b',', b'-'].iter().any(|mark| self.is(before, *mark)))
    }

    /// Marks the name that begins at `at`, and returns what follows it.
    fn reference(&mut self, at: usize) -> usize {
        let mut end = at;
        while self.word(end).is_some() || self.is(end, b'.') {
            let expects_dot = end > at && self.word(end - 1).is_some();
            let touches = end == at
                || self.tokens.get(end - 1).map(|token| token.range.end)
                    == self.tokens.get(end).map(|token| token.range.start);
            if !touches || expects_dot != self.is(end, b'.') && end > at {
                break;
            }
            end += 1;
        }
        if end == at + 1 && self.word(at).is_some_and(|word| SCALARS.contains(&word)) {
            self.keyword(at);
        } else if end > at && self.word(end - 1).is_some() {
            self.set(at, Mark::Refers { tokens: end - at, scope: self.scope() });
        }
        end
    }

    fn finish(self, comments: &[SourceToken]) -> ProtoSource<'a> {
        let Self { source, tokens, marks, outline, .. } = self;
        let mut found = ProtoSource { outline, ..ProtoSource::default() };
        let mut comments = comments.iter().peekable();
        // Tokens before this one belong to a name that was marked.
        let mut behind = 0;
        for (at, (token, mark)) in tokens.iter().zip(marks).enumerate() {
            while let Some(comment) = comments.next_if(|comment| comment.range.start < token.range.start) {
                found.spans.push(Span::new(comment.range.clone(), Class::Comment));
            }
            if at < behind {
                continue;
            }
            let next = found.spans.len();
            let (range, class) = match (mark, token.kind) {
                (Mark::Of(class), _) => (token.range.clone(), class),
                (Mark::Refers { tokens: count, scope }, _) => {
                    behind = at + count;
                    let end = tokens.get(behind - 1).map_or(token.range.end, |last| last.range.end);
                    let range = token.range.start..end;
                    let name = source.get(range.clone()).unwrap_or_default();
                    found.references.push(Reference { span: next, scope, name });
                    (range, Class::Type)
                }
                (Mark::Import, _) => {
                    let quoted = source.get(token.range.clone()).unwrap_or_default();
                    found.imports.push((next, quoted.trim_matches(['"', '\''])));
                    (token.range.clone(), Class::Text)
                }
                (Mark::Plain, Kind::Text) => (token.range.clone(), Class::Text),
                (Mark::Plain, Kind::Number) => (token.range.clone(), Class::Number),
                (Mark::Plain, _) => continue,
            };
            found.spans.push(Span::new(range, class));
        }
        found.spans.extend(comments.map(|comment| Span::new(comment.range.clone(), Class::Comment)));
        found
    }
}
