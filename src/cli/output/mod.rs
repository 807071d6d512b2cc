//! The only printer: results to standard output, messages to standard error, colours only on a terminal.

pub(super) mod gate;
pub(super) mod progress;
pub(super) mod seen_path;
pub(super) mod wire_text;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::model::{Diagnostic, Diagnostics};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// How much is said beside results, warnings and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Talk {
    /// Nothing.
    Less,
    /// What helps a person.
    Usual,
    /// Also each request to a server.
    More,
}

/// The output of a command. `main` creates it once.
pub(in crate::cli) struct Output {
    json: bool,
    talk: Talk,
    stdout: anstream::AutoStream<io::Stdout>,
    stderr: anstream::AutoStream<io::Stderr>,
}

impl Output {
    pub(in crate::cli) fn new(json: bool) -> Self {
        Self { json, talk: Talk::Usual, stdout: anstream::stdout(), stderr: anstream::stderr() }
    }

    /// The same output with as much talk as the user wants.
    pub(in crate::cli) fn with_talk(self, talk: Talk) -> Self {
        Self { talk, ..self }
    }

    /// How much is said beside results.
    pub(in crate::cli) fn talk(&self) -> Talk {
        self.talk
    }

    /// Whether the user asked for JSON.
    pub(in crate::cli) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress can be drawn: standard error is a terminal, and nothing else is written there.
    pub(in crate::cli) fn can_draw(&self) -> bool {
        self.talk == Talk::Usual && io::stderr().is_terminal()
    }

    /// A line of the result.
    pub(in crate::cli) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.stdout, "{text}")?;
        self.stdout.flush()
    }

    /// The result as one line of JSON, even without `--json`.
    pub(in crate::cli) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(text)
    }

    /// The result: as JSON if the user asked for it, else as the lines that `text` gives.
    pub(in crate::cli) fn result<L: Display>(
        &mut self,
        value: &impl Serialize,
        text: impl FnOnce() -> Vec<L>,
    ) -> io::Result<()> {
        if self.json {
            let text = serde_json::to_string_pretty(value)?;
            return self.line(text);
        }
        text().into_iter().try_for_each(|line| self.line(line))
    }

    /// A message for people, unless they want none. A closed standard error does not fail the command.
    pub(in crate::cli) fn say(&mut self, text: impl Display) {
        if self.talk != Talk::Less {
            self.ask(text);
        }
    }

    /// A message without which a person could not go on.
    pub(in crate::cli) fn ask(&mut self, text: impl Display) {
        let _ = writeln!(self.stderr, "{text}");
    }

    /// A warning about a command that succeeded.
    pub(in crate::cli) fn warn(&mut self, text: impl Display) {
        let _ = writeln!(self.stderr, "{WARNING}warning{WARNING:#}: {text}");
    }

    /// The error of a failed command; as one line of JSON with its code, and `findings` in the user's sources, if the
    /// user asked for JSON.
    pub(in crate::cli) fn error(&mut self, code: &str, text: impl Display, findings: Option<&Diagnostics>) {
        if self.json {
            let mut error = serde_json::json!({ "code": code, "message": text.to_string() });
            if let Some(findings) = findings {
                error["findings"] = findings.0.iter().map(finding).collect();
            }
            let _ = writeln!(self.stderr, "{}", serde_json::json!({ "error": error }));
            return;
        }
        let _ = writeln!(self.stderr, "{ERROR}error{ERROR:#}: {text}");
    }
}

fn finding(found: &Diagnostic) -> serde_json::Value {
    let (line, column) = found.position.unzip();
    serde_json::json!({ "path": found.path, "line": line, "column": column, "message": found.message })
}

/// A number of things, in words: `1 crate`, `2 crates`.
pub(in crate::cli) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Rows as left-aligned columns; the last one is not padded.
pub(in crate::cli) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> Vec<String> {
    let mut widths = header.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(header)).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![["café".into(), "1".into()], ["x".into(), "22".into()]];
        assert_eq!(table(["NAME", "N"], rows), ["NAME  N", "café  1", "x     22"]);
    }
}
