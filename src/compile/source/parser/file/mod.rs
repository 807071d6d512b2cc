//! A whole source: what may stand at its top.

mod import;
mod syntax;

use prost_types::FileDescriptorProto;

use super::{Parse, Parser};
use crate::compile::source::edition::supported::Edition;
use crate::compile::visit::tag;

/// `FileDescriptorProto.package`.
const PACKAGE: i32 = 2;

impl Parser<'_> {
    pub(super) fn file(&mut self) -> FileDescriptorProto {
        let mut file = FileDescriptorProto::default();
        let span = (self.tokens.first().map(|first| first.offset), self.tokens.last().map(|last| last.end));
        self.locate_range(&[], span.0.unwrap_or(0), span.1.unwrap_or(0));
        // What an unknown syntax means by the rest is anybody's guess.
        if self.syntax(&mut file).is_err() {
            return file;
        }
        let mut option_dependency = Vec::new();
        while self.peek().is_some() {
            self.statement(&mut |parser| parser.declaration(&mut file, &mut option_dependency));
        }
        file.dependency.append(&mut option_dependency);
        file
    }

    fn declaration(&mut self, file: &mut FileDescriptorProto, option_imports: &mut Vec<String>) -> Parse<()> {
        match self.peek_word() {
            "package" => self.package(file),
            "import" => self.import(file, option_imports),
            "option" => self.option_statement(&mut file.options),
            "export" | "local" if self.has_visibility() => match self.peek_word_at(1) {
                "message" => self.file_message(file),
                _ => self.file_enum(file),
            },
            "message" => self.file_message(file),
            "enum" => self.file_enum(file),
            "service" => {
                let service = self.inside(tag::FILE_SERVICE, file.service.len(), Self::service)?;
                file.service.push(service);
                Ok(())
            }
            "extend" => self.file_extend(file),
            _ => self.expected("a declaration such as 'message' or 'enum'"),
        }
    }

    fn file_message(&mut self, file: &mut FileDescriptorProto) -> Parse<()> {
        let message = self.inside(tag::FILE_MESSAGE, file.message_type.len(), Self::message)?;
        file.message_type.push(message);
        Ok(())
    }

    fn file_enum(&mut self, file: &mut FileDescriptorProto) -> Parse<()> {
        let item = self.inside(tag::FILE_ENUM, file.enum_type.len(), Self::enumeration)?;
        file.enum_type.push(item);
        Ok(())
    }

    fn file_extend(&mut self, file: &mut FileDescriptorProto) -> Parse<()> {
        let FileDescriptorProto { extension, message_type, .. } = file;
        self.extend((tag::FILE_EXTENSION, extension), (tag::FILE_MESSAGE, message_type))
    }

    fn package(&mut self, file: &mut FileDescriptorProto) -> Parse<()> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("package")?;
        if self.peek_word().is_empty() && !self.is_mark(b'.') {
            return self.incomplete("package", start, "a name");
        }
        let package = self.qualified_name()?;
        self.end_of_statement()?;
        if file.package.is_some() {
            self.refuse(start, "multiple package names specified");
        }
        file.package = Some(package);
        self.locate_with_comments(&[PACKAGE], first, None);
        Ok(())
    }

    /// Whether `export` or `local` comes next, before the keyword of a type.
    pub(super) fn has_visibility(&self) -> bool {
        self.edition() >= Some(Edition::E2024)
            && matches!(self.peek_word(), "export" | "local")
            && matches!(self.peek_word_at(1), "message" | "enum")
            && !self.peek_word_at(2).is_empty()
    }

    /// Does `read` at the element `index` of the list `tag` of the current element.
    pub(super) fn inside<T>(&mut self, tag: i32, index: usize, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let depth = self.path.len();
        self.path.extend([tag, super::index(index)]);
        let result = read(self);
        self.path.truncate(depth);
        result
    }
}
