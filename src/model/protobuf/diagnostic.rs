//! Problems of a source, with their locations.

use std::fmt;

/// Longest source line, in bytes, that a finding shows: a file may be one line, and there may be many findings.
const MAX_LINE: usize = 300;

/// One finding in a Protobuf source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as it is imported.
    pub path: String,
    /// Line and column, counted from 1 (columns in characters); absent when the finding is about the whole file.
    pub position: Option<(usize, usize)>,
    /// One sentence without a full stop.
    pub message: String,
    /// The source line, for the caret below it; absent when it is too long to show.
    pub source_line: Option<String>,
}

impl Diagnostic {
    /// A finding at byte `offset` of `source`.
    #[must_use]
    pub fn at_offset(path: &str, source: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Self::at(path, source, line, column, message)
    }

    /// A finding at `line` and `column` (from 1) of `source`.
    #[must_use]
    pub fn at(path: &str, source: &str, line: usize, column: usize, message: impl Into<String>) -> Self {
        let shown = |line: &&str| line.len() <= MAX_LINE;
        let source_line = source.lines().nth(line.saturating_sub(1)).filter(shown).map(str::to_owned);
        Self { path: path.into(), position: Some((line, column)), message: message.into(), source_line }
    }

    /// A finding about a whole file.
    #[must_use]
    pub fn in_file(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), position: None, message: message.into(), source_line: None }
    }
}

impl fmt::Display for Diagnostic {
    /// `path:line:column: message`, and below it the line with a caret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((line, column)) = self.position else {
            return write!(f, "{}: {}", self.path, self.message);
        };
        write!(f, "{}:{line}:{column}: {}", self.path, self.message)?;
        let Some(source) = self.source_line.as_deref() else {
            return Ok(());
        };
        // Tabs stay tabs under the line, so that the caret stands where the terminal put the character.
        let indent: String = source.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, "\n  {source}\n  {indent}^")
    }
}

/// All findings of one compilation; never empty when it is an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_character() {
        let source = "syntax = \"proto3\";\n\tmessage é X {}\n";
        let diagnostic = Diagnostic::at_offset("a.proto", source, source.find('X').unwrap(), "unexpected X");
        assert_eq!(diagnostic.to_string(), "a.proto:2:12: unexpected X\n  \tmessage é X {}\n  \t          ^");
        assert_eq!(Diagnostic::in_file("a.proto", "is empty").to_string(), "a.proto: is empty");
    }
}
