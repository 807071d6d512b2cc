//! Findings of all checks: at the place of an element in its source, few and short.
//!
//! Elements are named as in `SourceCodeInfo.Location.path`: field numbers and indices of `descriptor.proto`. Looking
//! one up walks over all locations, which is fast enough for findings: they are few.

use prost_types::{FileDescriptorProto, SourceCodeInfo};

use super::error::CompileError;
use super::source::lexer::{TokenKind, Tokens};
use super::source::token_stream::TokenStream;
use super::source::written_option::WrittenOption;
use crate::model::{Diagnostic, Diagnostics};

/// Most findings that are reported at once; more would bury the first.
pub(super) const MAX_FINDINGS: usize = 50;

/// Most bytes of one finding's message, about: what it quotes may be as long as a file.
const MAX_MESSAGE: usize = 1_000;

/// A finding at the element `path` of `file`, or at the nearest element around it that has a place.
pub(super) fn at_element(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    message: impl Into<String>,
) -> Diagnostic {
    let span = file.source_code_info.as_ref().and_then(|info| nearest(info, path));
    match span {
        Some((line, column)) => at_bytes(file.name(), source, line, column, message),
        None => Diagnostic::in_file(file.name(), message),
    }
}

/// A finding at `line` and `column` as spans count them: from 0, in bytes.
pub(super) fn at_bytes(path: &str, source: &str, line: usize, column: usize, message: impl Into<String>) -> Diagnostic {
    let text = source.split('\n').nth(line).unwrap_or_default();
    let characters = text.char_indices().take_while(|(at, _)| *at < column).count();
    Diagnostic::at(path, source, line + 1, characters + 1, message)
}

/// A finding at the name of the option `path` of `file`, or at the last part of that name.
pub(super) fn at_option(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    part: OptionPart,
    message: impl Into<String>,
) -> Diagnostic {
    let message = message.into();
    let name = || {
        let start = offset(source, file.source_code_info.as_ref()?, path)?;
        let written = WrittenOption::read(source, start);
        // A field of a message literal stands where its place is.
        if TokenStream::new(source, start).second_is_one_of(b":{<") {
            return Some(start);
        }
        match part {
            OptionPart::First => Some(written.parts.first()?.start),
            OptionPart::Last => Some(written.parts.last()?.start),
        }
    };
    match name() {
        Some(offset) => Diagnostic::at_offset(file.name(), source, offset, message),
        None => at_element(file, source, path, message),
    }
}

/// A finding at the value of the first field `name` of the literal that the option `path` of `file` is set to; without a
/// name, at the literal.
pub(super) fn in_literal(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    name: &str,
    message: impl Into<String>,
) -> Diagnostic {
    let message = message.into();
    let place = || {
        let start = offset(source, file.source_code_info.as_ref()?, path)?;
        let literal = WrittenOption::read(source, start).value.offset();
        let mut tokens = Tokens::new(source.get(literal..)?);
        let field = tokens.find(|token| token.kind == TokenKind::Word(name));
        let value = field.and_then(|_| tokens.find(|token| token.kind != TokenKind::Mark(b':')));
        Some(literal + value.map_or(0, |value| value.offset))
    };
    match place() {
        Some(offset) => Diagnostic::at_offset(file.name(), source, offset, message),
        None => at_element(file, source, path, message),
    }
}

/// A finding at the type of the values of a map, whose own type is at `path` of `file`.
pub(super) fn at_map_value(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    message: impl Into<String>,
) -> Diagnostic {
    let message = message.into();
    let value = || {
        let start = offset(source, file.source_code_info.as_ref()?, path)?;
        let mut tokens = Tokens::new(source.get(start..)?);
        tokens.find(|token| token.kind == TokenKind::Mark(b','))?;
        Some(start + tokens.next()?.offset)
    };
    match value() {
        Some(offset) => Diagnostic::at_offset(file.name(), source, offset, message),
        None => at_element(file, source, path, message),
    }
}

/// A part of an option's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionPart {
    First,
    Last,
}

/// Where the element `path` begins, or the nearest one around it.
fn offset(source: &str, info: &SourceCodeInfo, path: &[i32]) -> Option<usize> {
    let (line, column) = nearest(info, path)?;
    Some(source.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column)
}

/// A finding at the value of the option `path` of `file`, after its `=`.
pub(super) fn at_value(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    message: impl Into<String>,
) -> Diagnostic {
    let message = message.into();
    let value = || {
        let start = offset(source, file.source_code_info.as_ref()?, path)?;
        let mut tokens = Tokens::new(source.get(start..)?);
        tokens.find(|token| matches!(token.kind, TokenKind::Mark(b'=' | b':')))?;
        Some(start + tokens.next()?.offset)
    };
    match value() {
        Some(offset) => Diagnostic::at_offset(file.name(), source, offset, message),
        None => at_element(file, source, path, message),
    }
}

/// Where the element `path` begins, or the nearest one around it.
fn nearest(info: &SourceCodeInfo, path: &[i32]) -> Option<(usize, usize)> {
    let mut nearest: Option<(usize, i32, i32)> = None;
    for location in info.location.iter().filter(|location| path.starts_with(&location.path)) {
        let [line, column, ..] = location.span[..] else { continue };
        if nearest.is_none_or(|(length, ..)| location.path.len() > length) {
            nearest = Some((location.path.len(), line, column));
        }
    }
    let (_, line, column) = nearest?;
    Some((usize::try_from(line).ok()?, usize::try_from(column).ok()?))
}

/// `findings` as an error when there are any: at most [`MAX_FINDINGS`] of them, each of at most [`MAX_MESSAGE`] bytes.
pub(super) fn refuse_any(mut findings: Vec<Diagnostic>) -> Result<(), CompileError> {
    if findings.is_empty() {
        return Ok(());
    }
    findings.truncate(MAX_FINDINGS);
    findings.iter_mut().for_each(|finding| shorten(&mut finding.message));
    Err(CompileError::Invalid(Diagnostics(findings)))
}

/// Takes out the middle of `message` when it is too long: the end often says what to do.
fn shorten(message: &mut String) {
    if message.len() <= MAX_MESSAGE {
        return;
    }
    let is_boundary = |at: &usize| message.is_char_boundary(*at);
    let first = (0..=MAX_MESSAGE / 2).rev().find(is_boundary).unwrap_or(0);
    let last = (message.len() - MAX_MESSAGE / 2..).find(is_boundary).unwrap_or(first);
    message.replace_range(first..last, " … ");
}
