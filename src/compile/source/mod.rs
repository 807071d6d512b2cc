//! One source becomes one unlinked descriptor: checks that protect the parser, the parser, and corrections of its
//! result.

pub(super) mod edition;
pub(super) mod empty_extend;
pub(super) mod float_defaults;
pub(super) mod lexer;
pub(super) mod nesting_limit;
pub(super) mod parse;
pub(super) mod parser_fixups;
pub(super) mod string_literal_limit;
pub(super) mod well_known;
