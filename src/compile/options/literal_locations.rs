//! Where the fields stand that a message literal sets, as `buf` notes them: every field that is no single message, one
//! inside such a message included.

use std::collections::HashMap;

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use prost_types::source_code_info::Location;

use crate::compile::source::lexer::{Token, TokenKind, Tokens};

/// The offsets at which the lines of a source begin.
pub(in crate::compile) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(in crate::compile) fn of(source: &str) -> Self {
        Self(std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// Where a span begins, in bytes.
    fn offset(&self, span: &[i32]) -> Option<usize> {
        let [line, column, ..] = *span else { return None };
        Some(self.0.get(usize::try_from(line).ok()?)? + usize::try_from(column).ok()?)
    }

    fn position(&self, offset: usize) -> (i32, i32) {
        let line = self.0.partition_point(|start| *start <= offset).saturating_sub(1);
        let column = offset - self.0.get(line).copied().unwrap_or(0);
        (i32::try_from(line).unwrap_or(i32::MAX), i32::try_from(column).unwrap_or(i32::MAX))
    }

    fn span(&self, start: usize, end: usize) -> Vec<i32> {
        let ((line, column), (last, behind)) = (self.position(start), self.position(end));
        if line == last { vec![line, column, behind] } else { vec![line, column, last, behind] }
    }
}

/// The places of what the option at `assignment` sets: its value is a literal of the message `kind`.
pub(in crate::compile) fn inside(
    source: &str,
    lines: &LineStarts,
    assignment: &Location,
    kind: &MessageDescriptor,
) -> Vec<Location> {
    let Some(offset) = lines.offset(&assignment.span) else { return Vec::new() };
    let tokens = Tokens::new(source.get(offset..).unwrap_or_default());
    let mut walk = LiteralWalk { tokens, offset, lines, next: None, end: 0, found: Vec::new() };
    // The name of the option is before the value.
    while !walk.opens() {
        if walk.next.is_none() {
            return Vec::new();
        }
        walk.take();
    }
    walk.message(kind, &assignment.path);
    walk.found
}

struct LiteralWalk<'s, 'l> {
    tokens: Tokens<'s>,
    /// Where the tokens begin in the source.
    offset: usize,
    lines: &'l LineStarts,
    next: Option<Token<'s>>,
    /// The end of the last token that was taken.
    end: usize,
    found: Vec<Location>,
}

impl<'s> LiteralWalk<'s, '_> {
    fn peek(&mut self) -> Option<TokenKind<'s>> {
        if self.next.is_none() {
            self.next = self.tokens.next();
        }
        self.next.map(|token| token.kind)
    }

    fn take(&mut self) {
        self.end = self.next.take().map_or(self.end, |token| token.end);
    }

    fn takes(&mut self, mark: u8) -> bool {
        let is_next = self.peek() == Some(TokenKind::Mark(mark));
        if is_next {
            self.take();
        }
        is_next
    }

    /// Whether a message opens.
    fn opens(&mut self) -> bool {
        matches!(self.peek(), Some(TokenKind::Mark(b'{' | b'<')))
    }

    /// Goes through a message from its opening to its end; the parser has seen that it is one.
    fn message(&mut self, kind: &MessageDescriptor, path: &[i32]) {
        let mut counts = HashMap::new();
        self.take();
        while let Some(token) = self.peek() {
            let start = self.next.map_or(0, |token| token.offset);
            if matches!(token, TokenKind::Mark(b'}' | b'>')) {
                return self.take();
            }
            let field = self.field(kind);
            self.takes(b':');
            let number = field.as_ref().map_or(0, |field| field.number);
            let path = [path, &[number]].concat();
            match field.as_ref().and_then(|field| field.message.as_ref()) {
                Some(inner) if self.opens() => self.message(inner, &path),
                _ => {
                    self.skip_value();
                    if let Some(field) = field {
                        self.note(path, start, field.is_repeated.then(|| counts.entry(number).or_insert(0)));
                    }
                }
            }
            let _is_separated = self.takes(b',') || self.takes(b';');
        }
    }

    fn note(&mut self, mut path: Vec<i32>, start: usize, count: Option<&mut i32>) {
        if let Some(count) = count {
            path.push(*count);
            *count += 1;
        }
        let span = self.lines.span(self.offset + start, self.offset + self.end);
        self.found.push(Location { path, span, ..Location::default() });
    }

    /// Takes the name of a field.
    fn field(&mut self, kind: &MessageDescriptor) -> Option<LiteralField> {
        if !self.takes(b'[') {
            let Some(TokenKind::Word(name)) = self.peek() else {
                self.take();
                return None;
            };
            self.take();
            return kind.get_field_by_name(name).map(|field| LiteralField::of(&field));
        }
        let mut name = String::new();
        while let Some(token) = self.peek().filter(|token| *token != TokenKind::Mark(b']')) {
            match token {
                TokenKind::Word(word) => name.push_str(word),
                TokenKind::Mark(mark) => name.push(char::from(mark)),
                _ => {}
            }
            self.take();
        }
        self.take();
        let extension = kind.parent_pool().get_extension_by_name(&name)?;
        let is_single = !extension.is_list() && !extension.is_map();
        let message = extension.kind().as_message().filter(|_| is_single).cloned();
        Some(LiteralField { number: extension.number().cast_signed(), is_repeated: !is_single, message })
    }

    /// Skips a value: a list or a message with all that is in it, strings that follow each other, a sign and a number.
    fn skip_value(&mut self) {
        let mut open = 0usize;
        loop {
            match self.peek() {
                Some(TokenKind::Mark(b'{' | b'<' | b'[')) => open += 1,
                Some(TokenKind::Mark(b'}' | b'>' | b']')) => open -= 1,
                Some(TokenKind::Mark(b'-')) => {
                    self.take();
                    continue;
                }
                None => return,
                Some(_) => {}
            }
            let is_text = matches!(self.peek(), Some(TokenKind::Text(_)));
            self.take();
            let goes_on = is_text && matches!(self.peek(), Some(TokenKind::Text(_)));
            if open == 0 && !goes_on {
                return;
            }
        }
    }
}

/// What a name in a literal stands for.
struct LiteralField {
    number: i32,
    is_repeated: bool,
    /// Its type when it is a single message.
    message: Option<MessageDescriptor>,
}

impl LiteralField {
    fn of(field: &FieldDescriptor) -> Self {
        let is_single = !field.is_list() && !field.is_map();
        let message = field.kind().as_message().filter(|_| is_single).cloned();
        Self { number: field.number().cast_signed(), is_repeated: !is_single, message }
    }
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::compile_files;

    #[test]
    fn what_a_literal_sets_has_places() {
        let source = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
            message N { optional string s = 1; repeated int32 i = 2; optional N n = 3; repeated N r = 4; extensions 9; }
            extend N { optional int32 e = 9; }
            extend google.protobuf.MessageOptions { optional N o = 50000; repeated N many = 50001; }
message M { option (o) = {
  s: 'a' \"b\" n < n { i: 1 } >
  i: [1, 2] i: -3, r: [{ s: \"x\" }, {}]; [e]: 5
}; option (many) = { s: \"c\" }; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let info = compiled.descriptors.file("a.proto").unwrap().source_info();
        let inside = info.location.iter().filter_map(|location| {
            let path = location.path.strip_prefix(&[4, 1, 7])?;
            (!path.is_empty()).then(|| (path.to_vec(), location.span.clone()))
        });
        let expected = [
            (vec![50000], vec![4, 19, 7, 1]),
            (vec![50000, 1], vec![5, 2, 12]),
            (vec![50000, 3, 3, 2, 0], vec![5, 21, 25]),
            (vec![50000, 2, 0], vec![6, 2, 11]),
            (vec![50000, 2, 1], vec![6, 12, 17]),
            (vec![50000, 4, 0], vec![6, 19, 38]),
            (vec![50000, 9], vec![6, 40, 46]),
            (vec![50001, 0], vec![7, 3, 30]),
        ];
        assert_eq!(inside.collect::<Vec<_>>(), expected);
    }
}
