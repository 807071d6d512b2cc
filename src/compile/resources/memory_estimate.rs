//! Looks through sources before the parser sees them: what compiling them takes at its peak is known before it is taken.
//!
//! Memory grows with the tokens of a source, and with a few things that are written once and kept many times; both are
//! counted here. The amounts are measured, and on the safe side: real sources take about a third of them.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use crate::compile::cache::files::CompileCache;
use crate::compile::error::CompileError;
use crate::compile::imports::load::{self, Candidate};
use crate::compile::imports::work_limits::MAX_NAME;
use crate::compile::input::{Role, Source};
use crate::compile::source::lexer::{Token, TokenKind, Tokens};
use crate::compile::source::nesting_limit::Depth;
use crate::compile::source::parse::{self, ParseFailure};
use crate::model::{Diagnostic, FileOrigin, Limits};

/// Bytes of memory of a file that holds nothing.
const FILE: u64 = 6_000;
/// Bytes of memory per byte of a source: comments, ends of lines, and the text itself.
const BYTE: u64 = 8;
/// Bytes of memory per token; numbers count twice, because ranges are little else.
const TOKEN: u64 = 400;
/// The same, more, per level that the token is nested: every place is kept with the way to it.
const LEVEL: u64 = 16;
/// Bytes of memory per encoded byte of a file that was compiled before, in case that it has to be compiled again.
const ENCODED: u64 = 8;

/// Most tokens of options that one statement with several extension ranges may repeat for all of them together.
const MAX_REPEATED: u64 = 200_000;

/// The memory that compiling the content among `sources` takes, with all that it reaches.
///
/// # Errors
/// When a source nests too deep, is no text, or repeats its options too often.
pub(in crate::compile) fn memory(
    sources: &[Source<'_>],
    limits: &Limits,
    earlier: &CompileCache,
) -> Result<u64, CompileError> {
    let candidates = load::candidates(sources);
    let is_content = |holders: &&[Candidate<'_>]| holders.iter().any(|holder| holder.role == Role::Content);
    let content = candidates.iter().filter(|(_, holders)| is_content(&holders.as_slice()));
    let mut level: BTreeSet<String> = content.map(|(path, _)| (*path).to_owned()).collect();
    let mut seen: HashSet<String> = level.iter().cloned().collect();
    let mut memory: u64 = 0;
    while !level.is_empty() {
        let one = |path: &String| {
            let candidate = candidates.get(path.as_str())?.first()?;
            Some(survey_file(path, candidate, limits, earlier))
        };
        let surveys = load::all(level.par_iter().filter_map(one).collect())?;
        memory = surveys.iter().fold(memory, |sum, survey| sum.saturating_add(survey.memory));
        let imports = surveys.into_iter().flat_map(|survey| survey.imports);
        level = imports.filter(|import| seen.insert(import.clone())).collect();
    }
    Ok(memory)
}

/// What is known of one file.
#[derive(Debug, Default)]
pub(in crate::compile) struct Survey {
    memory: u64,
    imports: Vec<String>,
}

fn survey_file(
    path: &str,
    candidate: &Candidate<'_>,
    limits: &Limits,
    earlier: &CompileCache,
) -> Result<Survey, ParseFailure> {
    let origin = FileOrigin::Module(candidate.module.clone());
    if let Some(earlier) = earlier.with_text(path, candidate.digest, &origin) {
        let memory = FILE + ENCODED * earlier.file.encoded.len() as u64;
        return Ok(Survey { memory, imports: earlier.file.proto.dependency.clone() });
    }
    survey(path, parse::text(path, candidate.content)?, limits)
}

pub(in crate::compile) fn survey(path: &str, source: &str, limits: &Limits) -> Result<Survey, ParseFailure> {
    let mut depth = Depth::new(path, source, limits);
    let mut count = Count { memory: FILE + BYTE * source.len() as u64, ..Count::default() };
    for token in Tokens::new(source) {
        depth.see(&token).map_err(ParseFailure::Limit)?;
        count.see(&token, depth.levels());
        if let Some((offset, message)) = count.excess.take() {
            return Err(ParseFailure::Invalid(vec![Diagnostic::at_offset(path, source, offset, message)]));
        }
    }
    Ok(Survey { memory: count.memory, imports: count.imports })
}

#[derive(Default)]
struct Count {
    memory: u64,
    imports: Vec<String>,
    statement: Statement,
    /// Bytes of the package's name, which all names begin with.
    package: u64,
    /// The block of extensions that the tokens are in: its level, and the bytes of the name of what it extends.
    extend: Option<(u64, u64)>,
    /// What is too much, and where.
    excess: Option<(usize, String)>,
}

/// What kind of statement the tokens are in, and what of it was seen.
#[derive(Default)]
enum Statement {
    #[default]
    Begin,
    Import,
    Package,
    Extend {
        name: u64,
    },
    Extensions(Ranges),
    Other,
}

/// A statement with extension ranges.
struct Ranges {
    offset: usize,
    level: u64,
    ranges: u64,
    /// Tokens of the options that all of them have, and the bytes of texts in them.
    tokens: u64,
    texts: u64,
}

impl Count {
    /// Counts `token`, after which `levels` are open.
    fn see(&mut self, token: &Token<'_>, levels: u64) {
        let each = TOKEN + LEVEL * levels + self.package;
        self.memory = self.memory.saturating_add(each * weight(token));
        if matches!(token.kind, TokenKind::Mark(b';' | b'}')) {
            self.close(levels);
        }
        self.statement = match (std::mem::take(&mut self.statement), token.kind) {
            (Statement::Begin, TokenKind::Word("import")) if levels == 0 => Statement::Import,
            (Statement::Begin, TokenKind::Word("package")) if levels == 0 => Statement::Package,
            (Statement::Begin, TokenKind::Word("extend")) => Statement::Extend { name: 0 },
            (Statement::Begin, TokenKind::Word("extensions")) => {
                Statement::Extensions(Ranges { offset: token.offset, level: levels, ranges: 1, tokens: 0, texts: 0 })
            }
            (Statement::Extensions(ranges), _) => self.ranges(ranges, token, levels),
            (_, TokenKind::Mark(b';' | b'}')) => Statement::Begin,
            (Statement::Extend { name }, TokenKind::Mark(b'{')) => {
                self.extend = Some((levels, name));
                if name > MAX_NAME as u64 + 1 {
                    let message =
                        format!("the name of what is extended has {name} bytes; at most {MAX_NAME} are supported");
                    self.excess = Some((token.offset, message));
                }
                Statement::Begin
            }
            (_, TokenKind::Mark(b'{')) => Statement::Begin,
            (Statement::Import, TokenKind::Text(path)) => {
                self.imports.push(path.to_owned());
                Statement::Other
            }
            (Statement::Import, _) => Statement::Import,
            (Statement::Package, TokenKind::Word(word)) => {
                self.package = self.package.saturating_add(word.len() as u64 + 1).min(MAX_NAME as u64);
                Statement::Package
            }
            (Statement::Package, _) => Statement::Package,
            (Statement::Extend { name }, TokenKind::Word(word)) => {
                Statement::Extend { name: name + word.len() as u64 + 1 }
            }
            (Statement::Extend { name }, TokenKind::Mark(b'.')) => Statement::Extend { name },
            _ => Statement::Other,
        };
    }

    /// At the end of a declaration: every extension keeps the name of what it extends.
    fn close(&mut self, levels: u64) {
        let Some((level, name)) = self.extend else { return };
        self.memory = self.memory.saturating_add(2 * name);
        if levels < level {
            self.extend = None;
        }
    }

    /// Goes on in `ranges`, all of which get all their options.
    fn ranges(&mut self, mut ranges: Ranges, token: &Token<'_>, levels: u64) -> Statement {
        let is_inside = levels > ranges.level;
        match token.kind {
            TokenKind::Mark(b';' | b'}') if !is_inside => {
                self.repeat(&ranges);
                return Statement::Begin;
            }
            TokenKind::Mark(b',') if !is_inside => ranges.ranges += 1,
            TokenKind::Text(text) => {
                (ranges.tokens, ranges.texts) = (ranges.tokens + 1, ranges.texts + text.len() as u64)
            }
            _ if is_inside => ranges.tokens += weight(token),
            _ => {}
        }
        Statement::Extensions(ranges)
    }

    fn repeat(&mut self, ranges: &Ranges) {
        let Ranges { offset, ranges, tokens, texts, .. } = *ranges;
        let each = tokens.saturating_mul(TOKEN).saturating_add(2 * texts);
        self.memory = self.memory.saturating_add(each.saturating_mul(ranges - 1));
        if ranges > 1 && ranges.saturating_mul(tokens) > MAX_REPEATED {
            let message = format!(
                "these {ranges} extension ranges have options of {tokens} tokens each, which are {} in all; at most \
                 {MAX_REPEATED} are supported, so give options to fewer ranges",
                ranges.saturating_mul(tokens)
            );
            self.excess = Some((offset, message));
        }
    }
}

/// How many tokens `token` counts for.
fn weight(token: &Token<'_>) -> u64 {
    match token.kind {
        TokenKind::Number(_) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::testing::{compile_limited, refusal};

    fn memory_of(source: &str) -> u64 {
        survey("a.proto", source, &Limits::default()).unwrap().memory
    }

    #[test]
    fn memory_grows_with_what_is_written() {
        let fields = |count: usize| format!("message M {{ {} }}", "int32 a = 1; ".repeat(count));
        let (few, many) = (memory_of(&fields(100)), memory_of(&fields(1_000)));
        assert!(many > 8 * few && many < 11 * few, "{few} {many}");
        let extend = |name: usize| format!("extend {} {{ {} }}", "M".repeat(name), "optional int32 a = 1;".repeat(100));
        assert!(memory_of(&extend(1_000)) - memory_of(&extend(10)) > 100 * 1_000);
        let ranges = |count: usize| format!("message M {{ extensions {} 9 [(o) = 1]; }}", "1, ".repeat(count));
        assert!(memory_of(&ranges(1_000)) > memory_of(&ranges(10)) + 1_000 * 5 * TOKEN);
    }

    #[test]
    fn imports_are_found_as_the_parser_finds_them() {
        let source = "edition = \"2024\"; package a.b; import \"a.proto\"; import public /* x */ 'b.proto';
            message import { import import = 1; option (o) = \"no\"; } import option \"c.proto\";";
        let found = survey("a.proto", source, &Limits::default()).unwrap();
        assert_eq!(found.imports, ["a.proto", "b.proto", "c.proto"]);
    }

    #[test]
    fn options_that_many_ranges_repeat_are_refused() {
        let source = |count: usize| {
            let ranges: Vec<String> = (0..count).map(|at| (2 * at + 1).to_string()).collect();
            let one = |at: &String| format!("declaration = {{ number: {at} full_name: \".a.b{at}\" type: \"int32\" }}");
            let declarations: Vec<String> = ranges.iter().map(one).collect();
            let (ranges, declarations) = (ranges.join(", "), declarations.join(", "));
            format!("syntax = \"proto2\"; message M {{\n  extensions {ranges} [{declarations}];\n}}")
        };
        let text = refusal(&[("a.proto", &source(1_000))]);
        assert!(text.starts_with("a.proto:2:3: these 1000 extension ranges have options of"), "{text}");
        assert!(refusal(&[("a.proto", &source(50))]).contains("declarations belong to one range"));
    }

    #[test]
    fn the_name_that_every_extension_repeats_is_no_longer_than_names_may_be() {
        let source =
            |parts: usize| format!("syntax = \"proto2\";\nextend {}M {{ optional int32 a = 1; }}", "a.".repeat(parts));
        assert!(refusal(&[("a.proto", &source(500))]).contains("is not defined"));
        let text = refusal(&[("a.proto", &source(600))]);
        assert!(text.contains("the name of what is extended has 1202 bytes; at most 1024 are supported"), "{text}");
    }

    #[test]
    fn more_memory_than_allowed_is_refused_with_the_flag() {
        let fields: String = (1..2_000).map(|number| format!("int32 a{number} = {number};")).collect();
        let source = format!("syntax = \"proto3\"; message M {{ {fields} }}");
        let with = |compile_memory| compile_limited(&source, &Limits { compile_memory, ..Limits::default() });
        let refused = with(1 << 20).unwrap_err().to_string();
        assert!(refused.starts_with("the memory that compiling these sources may take is"), "{refused}");
        assert!(refused.ends_with("--compile-memory changes the limit"), "{refused}");
        assert!(with(64 << 20).is_ok());
    }
}
