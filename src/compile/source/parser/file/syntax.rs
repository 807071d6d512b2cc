//! The first statement: `syntax` or `edition`.

use prost_types::FileDescriptorProto;

use crate::compile::source::edition::supported::Edition;
use crate::compile::source::lexer::{Token, TokenKind};
use crate::compile::source::parser::{Dialect, Parse, Parser, Unreadable};

/// `FileDescriptorProto.syntax`, which also stands for the edition.
const SYNTAX: i32 = 12;

impl Parser<'_> {
    /// Reads the language of the source, if it declares one.
    pub(super) fn syntax(&mut self, file: &mut FileDescriptorProto) -> Parse<()> {
        let first = self.at;
        let dialect = match self.peek_word() {
            "syntax" => self.declared_syntax()?,
            "edition" => self.declared_edition()?,
            _ => return Ok(()),
        };
        self.end_of_statement()?;
        self.dialect = dialect;
        file.syntax = match dialect {
            // The default is not written.
            Dialect::Proto2 => None,
            Dialect::Proto3 => Some("proto3".into()),
            Dialect::Edition(_) => Some("editions".into()),
        };
        self.locate_with_comments(&[SYNTAX], first, None);
        Ok(())
    }

    fn declared_syntax(&mut self) -> Parse<Dialect> {
        self.expect_keyword("syntax")?;
        self.expect_mark(b'=')?;
        let start = self.offset();
        let value = self.utf8_string()?;
        match value.as_str() {
            "proto2" => Ok(Dialect::Proto2),
            "proto3" => Ok(Dialect::Proto3),
            _ => {
                let message = format!("unknown syntax '{value}'; possible values are 'proto2' and 'proto3'");
                self.refuse(start, message);
                Err(Unreadable)
            }
        }
    }

    fn declared_edition(&mut self) -> Parse<Dialect> {
        let start = self.offset();
        self.expect_keyword("edition")?;
        if !self.take_mark(b'=') {
            self.refuse(start, "an edition is declared as `edition = \"2023\";`");
            return Err(Unreadable);
        }
        let start = self.offset();
        if !matches!(self.peek(), Some(Token { kind: TokenKind::Text(_) | TokenKind::Invalid(_), .. })) {
            self.refuse(start, "an edition is a text in quotes, as in `edition = \"2023\";`");
            return Err(Unreadable);
        }
        let value = self.utf8_string()?;
        match value.as_str() {
            "2023" => Ok(Dialect::Edition(Edition::E2023)),
            "2024" => Ok(Dialect::Edition(Edition::E2024)),
            "2026" => Ok(Dialect::Edition(Edition::E2026)),
            _ => {
                self.refuse(start, format!("edition {value:?} is not supported; editions 2023, 2024 and 2026 are"));
                Err(Unreadable)
            }
        }
    }

    /// The edition of the source, if it declares one.
    pub(super) fn edition(&self) -> Option<Edition> {
        match self.dialect {
            Dialect::Edition(edition) => Some(edition),
            Dialect::Proto2 | Dialect::Proto3 => None,
        }
    }
}
