//! Finds what a source with an edition writes that proto2 writes otherwise.
//!
//! It follows blocks and the first words of statements and leaves everything else to the parser, which also says what
//! is wrong: where blocks or statements are broken, nothing needs to be found.

use std::collections::BTreeMap;
use std::iter::Peekable;

use super::edits::Edits;
use super::supported::{Edition, Visibility};
use crate::compile::findings::MAX_FINDINGS;
use crate::compile::source::lexer::{Token, TokenKind, Tokens};
use crate::model::Diagnostic;

/// What was found in a source.
#[derive(Default)]
pub(super) struct Found {
    /// What the parser needs changed.
    pub(super) edits: Edits,
    /// Offsets of the keywords `message` and `enum` that a visibility stands before.
    pub(super) modifiers: BTreeMap<usize, Visibility>,
    /// How many imports are for options only.
    pub(super) option_imports: usize,
    /// What no edition allows.
    pub(super) findings: Vec<Diagnostic>,
}

/// Looks through `source`, which declares `edition`.
pub(super) fn scan(path: &str, source: &str, edition: Edition) -> Found {
    let tokens = Tokens::new(source).peekable();
    let mut scan = Scan { path, source, edition, tokens, found: Found::default() };
    scan.blocks();
    scan.found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    File,
    Message,
    Enum,
    Extend,
    /// Services, calls, oneofs: nothing in them is written otherwise.
    Other,
}

struct Scan<'s> {
    path: &'s str,
    source: &'s str,
    edition: Edition,
    tokens: Peekable<Tokens<'s>>,
    found: Found,
}

impl<'s> Scan<'s> {
    fn blocks(&mut self) {
        let mut around = Vec::new();
        let mut block = Block::File;
        while let Some(token) = self.tokens.next() {
            match token.kind {
                TokenKind::Mark(b'}') => block = around.pop().unwrap_or(Block::File),
                TokenKind::Mark(b';') => {}
                _ => {
                    if let Some(inner) = self.statement(block, token) {
                        around.push(block);
                        block = inner;
                    }
                }
            }
        }
    }

    /// Reads a statement in `block` from its first token on; the answer is the block that it opens.
    fn statement(&mut self, block: Block, first: Token<'s>) -> Option<Block> {
        let word = if let TokenKind::Word(word) = first.kind { word } else { "" };
        match (block, word) {
            (Block::File | Block::Message, "export" | "local") if self.stands_before_type() => {
                self.modifier(first, word)
            }
            (Block::File | Block::Message, "message") => self.opens(Block::Message),
            (Block::File | Block::Message, "enum") => self.opens(Block::Enum),
            (Block::File | Block::Message, "extend") => self.opens(Block::Extend),
            (Block::File, "service") | (Block::Other, "rpc") | (Block::Message, "oneof") => self.opens(Block::Other),
            (Block::Message | Block::Enum, "reserved") => self.reserved(),
            (Block::File, "import") => self.import(first),
            (Block::Message, "option" | "extensions") => self.ends(),
            (Block::Message | Block::Extend, _) => self.field(first, word),
            _ => self.ends(),
        }
    }

    /// Whether what comes next is the keyword of a type that can have a visibility.
    fn stands_before_type(&mut self) -> bool {
        let is_type = |token: &Token<'_>| matches!(token.kind, TokenKind::Word("message" | "enum"));
        self.edition >= Edition::E2024 && self.tokens.peek().is_some_and(is_type)
    }

    fn modifier(&mut self, first: Token<'s>, word: &str) -> Option<Block> {
        let (visibility, blank) =
            if word == "local" { (Visibility::Local, "     ") } else { (Visibility::Export, "      ") };
        self.found.edits.replace(first.offset, word.len(), blank);
        let keyword = self.tokens.peek()?.offset;
        self.found.modifiers.insert(keyword, visibility);
        None
    }

    fn field(&mut self, first: Token<'s>, word: &str) -> Option<Block> {
        match word {
            "optional" | "required" => {
                let instead = if word == "optional" { "EXPLICIT" } else { "LEGACY_REQUIRED" };
                let message = format!(
                    "`{word}` is not allowed in an edition; remove it, and set features.field_presence = {instead} \
                     where that is not the default"
                );
                self.refuse(first.offset, message);
            }
            "repeated" => {}
            "map" if self.tokens.peek().is_some_and(|next| next.kind == TokenKind::Mark(b'<')) => {}
            _ => self.found.edits.insert(first.offset, "optional "),
        }
        let is_group = word == "group" || self.tokens.peek().is_some_and(|next| next.kind == TokenKind::Word("group"));
        if is_group { self.opens(Block::Message) } else { self.ends() }
    }

    fn reserved(&mut self) -> Option<Block> {
        let is_name = |word: &str| !word.starts_with(|first: char| first.is_ascii_digit());
        // In `1 to max` the words are no names.
        let names =
            self.tokens.peek().is_some_and(|first| matches!(first.kind, TokenKind::Word(word) if is_name(word)));
        while let Some(token) = self.tokens.next_if(|token| token.kind != TokenKind::Mark(b'}')) {
            match token.kind {
                TokenKind::Mark(b';') => break,
                TokenKind::Word(word) if names => {
                    self.found.edits.insert(token.offset, "\"");
                    self.found.edits.insert(token.offset + word.len(), "\"");
                }
                TokenKind::Text(text) => {
                    let message = format!("reserved names have no quotes in an edition; write `reserved {text};`");
                    self.refuse(token.offset, message);
                }
                _ => {}
            }
        }
        None
    }

    fn import(&mut self, first: Token<'s>) -> Option<Block> {
        let for_options = self.edition >= Edition::E2024;
        match self.tokens.peek().copied() {
            Some(Token { offset, kind: TokenKind::Word("option") }) if for_options => {
                self.found.edits.replace(offset, "option".len(), "      ");
                self.found.option_imports += 1;
                self.tokens.next();
                if let Some(Token { offset, kind: TokenKind::Word("public" | "weak") }) = self.tokens.peek().copied() {
                    self.refuse(offset, "an `import option` takes no other modifier; remove it".into());
                }
            }
            Some(Token { offset, kind: TokenKind::Word("weak") }) if for_options => {
                self.refuse(offset, "weak imports are not allowed from edition 2024 on; remove `weak`".into());
            }
            _ if self.found.option_imports > 0 => {
                self.refuse(first.offset, "this import stands behind an `import option`; move it before that".into());
            }
            _ => {}
        }
        self.ends()
    }

    /// Goes on to the opening of the block that a statement has.
    fn opens(&mut self, block: Block) -> Option<Block> {
        while let Some(token) = self.tokens.next_if(|token| token.kind != TokenKind::Mark(b'}')) {
            match token.kind {
                TokenKind::Mark(b'{') => return Some(block),
                TokenKind::Mark(b';') => return None,
                _ => {}
            }
        }
        None
    }

    /// Goes on to the end of a statement, over the braces and brackets in it.
    fn ends(&mut self) -> Option<Block> {
        let mut nesting = 0u32;
        while let Some(token) = self.tokens.peek() {
            match token.kind {
                TokenKind::Mark(b'}') if nesting == 0 => return None,
                TokenKind::Mark(b'{' | b'[') => nesting += 1,
                TokenKind::Mark(b'}' | b']') => nesting = nesting.saturating_sub(1),
                _ => {}
            }
            let is_end = nesting == 0 && token.kind == TokenKind::Mark(b';');
            self.tokens.next();
            if is_end {
                return None;
            }
        }
        None
    }

    fn refuse(&mut self, offset: usize, message: String) {
        if self.found.findings.len() < MAX_FINDINGS {
            self.found.findings.push(Diagnostic::at_offset(self.path, self.source, offset, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &str) -> String {
        let mut found = scan("a.proto", source, Edition::E2024);
        assert!(found.findings.is_empty(), "{:?}", found.findings);
        found.edits.apply(source)
    }

    #[test]
    fn fields_get_labels_and_reserved_names_quotes() {
        for (source, expected) in [
            ("message M { A a = 1; repeated A b = 2; }", "message M { optional A a = 1; repeated A b = 2; }"),
            (
                "message M { .p.A a = 1 [(o) = { x: 1 }]; A b = 2; }",
                "message M { optional .p.A a = 1 [(o) = { x: 1 }]; optional A b = 2; }",
            ),
            (
                "message M { map<string, A> a = 1; map b = 2; }",
                "message M { map<string, A> a = 1; optional map b = 2; }",
            ),
            ("message M { oneof o { A a = 1; } A b = 2; }", "message M { oneof o { A a = 1; } optional A b = 2; }"),
            (
                "message M { option (o) = { a: 1 }; extensions 5; A b = 2; }",
                "message M { option (o) = { a: 1 }; extensions 5; optional A b = 2; }",
            ),
            (
                "extend M { A a = 1; } service S { rpc C(A) returns (B) { option x = 1; } }",
                "extend M { optional A a = 1; } service S { rpc C(A) returns (B) { option x = 1; } }",
            ),
            (
                "message M { reserved a, to; reserved 1, 5 to max; }",
                "message M { reserved \"a\", \"to\"; reserved 1, 5 to max; }",
            ),
            ("enum E { reserved A; B = 1 [(o) = 1]; }", "enum E { reserved \"A\"; B = 1 [(o) = 1]; }"),
            (
                "export message M { local enum E { A = 0; } local l = 1; }",
                "       message M {       enum E { A = 0; } optional local l = 1; }",
            ),
            ("import \"a\"; import option \"b\";", "import \"a\"; import        \"b\";"),
            ("message M { optional", "message M { optional"),
        ] {
            if source.ends_with("optional") {
                assert_eq!(scan("a.proto", source, Edition::E2023).findings.len(), 1);
            } else {
                assert_eq!(rewritten(source), expected);
            }
        }
    }

    #[test]
    fn what_no_edition_has_is_refused() {
        for (source, expected) in [
            ("message M { optional A a = 1; }", "`optional` is not allowed"),
            ("message M { required A a = 1; }", "`required` is not allowed"),
            ("message M { reserved \"a\"; }", "reserved names have no quotes"),
            ("import option \"a\"; import \"b\";", "this import stands behind"),
            ("import weak \"b\";", "weak imports are not allowed"),
        ] {
            let found = scan("a.proto", source, Edition::E2024);
            assert!(found.findings[0].message.starts_with(expected), "{:?}", found.findings);
        }
    }
}
