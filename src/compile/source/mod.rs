//! One source becomes one unlinked descriptor: a lexer, a parser, and what both are bounded by.

pub(super) mod comments;
pub(super) mod edition;
pub(super) mod float_text;
pub(super) mod lexer;
pub(super) mod line_starts;
pub(super) mod nesting_limit;
pub(super) mod number_literal;
pub(super) mod parse;
pub(super) mod parser;
pub(super) mod source_tokens;
pub(super) mod string_literal;
pub(super) mod token_stream;
pub(super) mod well_known;
pub(super) mod written_option;
