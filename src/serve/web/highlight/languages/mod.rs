//! The languages beside Protobuf: what their comments, strings and keywords look like.

mod scan;

pub(super) use scan::scan;

/// What is known of a language.
pub(super) struct Language {
    /// How a comment to the end of the line begins.
    line_comment: &'static str,
    /// Whether there are comments between `/*` and `*/`, one inside the other.
    block_comments: bool,
    /// How strings begin and end; longer quotes first.
    quotes: &'static [Quote],
    /// Words of the language.
    keywords: &'static [&'static str],
    /// Which other words are marked.
    words: Words,
}

/// A kind of string.
#[derive(Clone, Copy)]
struct Quote {
    mark: &'static str,
    /// Whether a backslash takes away the meaning of the character after it.
    escapes: bool,
    /// Whether the string goes on in the next line.
    long: bool,
}

/// Which words mean something by their place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Types by their first letter, macros, attributes, lifetimes.
    Rust,
    /// Commands, their flags, and variables.
    Shell,
    /// Keys before `=`, and headings in brackets.
    Toml,
    /// Keys before a colon.
    Colon,
}

const fn short(mark: &'static str, escapes: bool) -> Quote {
    Quote { mark, escapes, long: false }
}

const fn long(mark: &'static str, escapes: bool) -> Quote {
    Quote { mark, escapes, long: true }
}

/// Rust.
pub(super) static RUST: Language = Language {
    line_comment: "//",
    block_comments: true,
    quotes: &[long("\"", true)],
    keywords: &[
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while", "yield",
    ],
    words: Words::Rust,
};

/// A shell.
pub(super) static SHELL: Language = Language {
    line_comment: "#",
    block_comments: false,
    quotes: &[long("\"", true), long("'", false)],
    keywords: &["case", "do", "done", "elif", "else", "esac", "export", "fi", "for", "if", "in", "then", "while"],
    words: Words::Shell,
};

/// TOML.
pub(super) static TOML: Language = Language {
    line_comment: "#",
    block_comments: false,
    quotes: &[long("\"\"\"", true), long("'''", false), short("\"", true), short("'", false)],
    keywords: &["false", "inf", "nan", "true"],
    words: Words::Toml,
};

/// YAML.
pub(super) static YAML: Language = Language {
    line_comment: "#",
    block_comments: false,
    quotes: &[short("\"", true), short("'", false)],
    keywords: &["false", "no", "null", "off", "on", "true", "yes"],
    words: Words::Colon,
};

/// JSON, also with comments.
static JSON: Language = Language {
    line_comment: "//",
    block_comments: true,
    quotes: &[short("\"", true)],
    keywords: &["false", "null", "true"],
    words: Words::Colon,
};

/// The language of this name or file ending.
pub(super) fn language(name: &str) -> Option<&'static Language> {
    Some(match name {
        "rust" | "rs" => &RUST,
        "shell" | "sh" | "bash" | "zsh" | "console" => &SHELL,
        "toml" => &TOML,
        "yaml" | "yml" => &YAML,
        "json" | "json5" | "jsonc" => &JSON,
        _ => return None,
    })
}
