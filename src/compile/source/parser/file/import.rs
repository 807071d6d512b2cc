//! `import "…";`, with its modifiers.

use prost_types::FileDescriptorProto;

use crate::compile::source::edition::supported::Edition;
use crate::compile::source::parser::{Parse, Parser, index};

/// Fields of `FileDescriptorProto`.
const DEPENDENCY: i32 = 3;
const PUBLIC_DEPENDENCY: i32 = 10;
const WEAK_DEPENDENCY: i32 = 11;
const OPTION_DEPENDENCY: i32 = 15;

impl Parser<'_> {
    /// Reads an import; one that is for options only goes to `option_imports`.
    pub(super) fn import(&mut self, file: &mut FileDescriptorProto, option_imports: &mut Vec<String>) -> Parse<()> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("import")?;
        let modifier_start = self.offset();
        let modifier = self.peek_word();
        let is_later = self.edition() >= Some(Edition::E2024);
        match modifier {
            "public" | "weak" => self.at += 1,
            "option" if is_later => self.at += 1,
            _ => {}
        }
        let modifier_end = self.last_end();
        let is_option = modifier == "option" && is_later;
        if is_option && matches!(self.peek_word(), "public" | "weak") {
            self.refuse(self.offset(), "an `import option` takes no other modifier; remove it");
            self.at += 1;
        }
        if modifier == "weak" && is_later {
            self.refuse(modifier_start, "weak imports are not allowed from edition 2024 on; remove `weak`");
        }
        if !is_option && self.option_imports > 0 {
            self.refuse(start, "this import stands behind an `import option`; move it before that");
        }
        self.follows("import", start, "a string", b"(")?;
        let path = self.import_path(start)?;
        self.end_of_statement()?;
        if is_option {
            self.locate_with_comments(&[OPTION_DEPENDENCY, index(option_imports.len())], first, None);
            option_imports.push(path);
            self.option_imports += 1;
            return Ok(());
        }
        let at = index(file.dependency.len());
        self.locate_with_comments(&[DEPENDENCY, at], first, None);
        let list = match modifier {
            "public" => Some((PUBLIC_DEPENDENCY, &mut file.public_dependency)),
            "weak" => Some((WEAK_DEPENDENCY, &mut file.weak_dependency)),
            _ => None,
        };
        if let Some((tag, list)) = list {
            self.locate_range(&[tag, index(list.len())], modifier_start, modifier_end);
            list.push(at);
        }
        file.dependency.push(path);
        Ok(())
    }

    /// Reads the path of the import that begins at `start`.
    fn import_path(&mut self, start: usize) -> Parse<String> {
        let path_start = self.offset();
        let path = self.utf8_string()?;
        let message = "invalid import; imports may not contain backslashes, repeated forward slashes, '.' or '..' \
                       components";
        // Such a file could be nowhere, says `buf` of the import; the others are no paths.
        let is_no_path = path.is_empty() || ["/", "./", "../"].iter().any(|start| path.starts_with(start));
        let is_odd = |part: &str| matches!(part, "" | "." | "..") || part.contains('\\');
        if is_no_path || path.contains("/../") {
            self.refuse(path_start, message);
        } else if path.split('/').any(is_odd) {
            self.refuse(start, message);
        }
        Ok(path)
    }
}
