//! Restores code of marked declarations: names get their last form, and a name of the generator's own that a declaration
//! would hide is written as an absolute path.

use std::collections::{HashMap, HashSet};

use super::absolute::{is_primitive, standard};
use super::marks::Marks;
use super::scopes::{Scopes, Start};
use crate::model::rust_tokens::Kind;

/// At most as many tokens stand between the name of a constant and its text.
const CONSTANT: usize = 8;

/// What a text is restored with.
pub(super) struct Around<'a> {
    pub marks: &'a Marks,
    /// Names of crates that generated code refers to.
    pub crates: &'a HashSet<String>,
    /// Names of type parameters that the derive macros of the runtime introduce.
    pub hidden: &'a [&'a str],
    /// The modules that stand in the module of the text, beside its own.
    pub inner_modules: HashSet<String>,
}

/// A restored text.
pub(super) struct Restored {
    pub text: String,
    /// Whether paths were written otherwise, so that the text is not what the generator would have made without marks.
    pub is_mended: bool,
}

/// A name that cannot be written otherwise.
pub(super) struct Hidden {
    /// The name.
    pub name: String,
    /// The number of the mark of the declaration that hides it; nothing for a package.
    pub by: Option<usize>,
}

/// Restores the text of `scopes`.
pub(super) fn restore(scopes: &Scopes<'_>, around: &Around<'_>) -> Result<Restored, Hidden> {
    let declared: Vec<_> = scopes.modules.iter().map(|module| around.declared_in(module)).collect();
    let mut prefixes: Vec<(usize, String)> = Vec::new();
    for start in &scopes.starts {
        if let Some(prefix) = around.prefix(scopes, *start, &declared)? {
            prefixes.push((start.token, prefix));
        }
    }
    prefixes.sort_by_key(|(token, _)| *token);
    let is_mended = !prefixes.is_empty();
    Ok(Restored { text: around.write(scopes, &prefixes), is_mended })
}

/// Names that the declarations of a module have in the end, with their marks.
type Declared = HashMap<String, usize>;

impl Around<'_> {
    fn declared_in(&self, module: &super::scopes::Module<'_>) -> Declared {
        let marked = module.types.keys().filter_map(|name| Some((name, self.marks.first(name)?)));
        marked.map(|(name, mark)| (self.marks.ident(name), mark)).collect()
    }

    /// What belongs in front of the name that begins a path.
    fn prefix(&self, scopes: &Scopes<'_>, start: Start, declared: &[Declared]) -> Result<Option<String>, Hidden> {
        let word = scopes.word(start.token);
        if self.marks.first(word).is_some() {
            let is_hidden = start.is_local || self.hidden.contains(&self.marks.ident(word).as_str());
            return Ok(is_hidden.then(|| "self::".to_owned()));
        }
        let is_path = scopes.follows(start.token) == "::";
        let may_hide = word.starts_with(char::is_uppercase) || is_path || is_primitive(word);
        // What these stand for is no type, and only types are declared.
        let is_value = matches!(word, "Some" | "None" | "Ok" | "Err" | "Self");
        if start.is_local || !may_hide || is_value {
            return Ok(None);
        }
        let Some(by) = self.hiding(scopes, start.module, word, declared) else { return Ok(None) };
        let full = self.absolute(scopes, start.module, word, is_path);
        let full = full.ok_or_else(|| Hidden { name: word.to_owned(), by })?;
        Ok(Some(full.strip_suffix(word).unwrap_or(&full).to_owned()))
    }

    /// The declaration that `word` would mean in this module: its mark, or nothing for a package.
    fn hiding(&self, scopes: &Scopes<'_>, module: usize, word: &str, declared: &[Declared]) -> Option<Option<usize>> {
        // A package that is called so has a mark where the schema refers to it.
        let may_be_package = self.crates.contains(word) || is_primitive(word);
        if module == 0 && may_be_package && self.inner_modules.contains(word) {
            return Some(None);
        }
        if let Some(mark) = declared.get(module)?.get(word) {
            return Some(Some(*mark));
        }
        let of = scopes.modules.get(module)?;
        // A type without a mark that stands here comes before those of the modules around.
        if of.types.contains_key(word) {
            return None;
        }
        of.globs.iter().filter(|path| path.starts_with("super")).find_map(|path| {
            let above = path.split("::").try_fold(module, |at, _| scopes.modules.get(at)?.around)?;
            self.hiding(scopes, above, word, declared)
        })
    }

    /// The absolute path of a name of the generator's own.
    fn absolute(&self, scopes: &Scopes<'_>, module: usize, word: &str, is_path: bool) -> Option<String> {
        if is_path && self.crates.contains(word) {
            return Some(format!("::{word}"));
        }
        if let Some(path) = standard(word) {
            return Some(path);
        }
        let glob = scopes.modules.get(module)?.globs.iter().find(|path| !path.starts_with("super"))?;
        let of_crate = glob.split("::").next().is_some_and(|first| self.crates.contains(first));
        Some(format!("{}{glob}::{word}", if of_crate { "::" } else { "" }))
    }

    fn write(&self, scopes: &Scopes<'_>, prefixes: &[(usize, String)]) -> String {
        let mut out = String::with_capacity(scopes.text.len());
        let (mut copied, mut prefixes) = (0, prefixes.iter().peekable());
        for (index, token) in scopes.tokens.iter().enumerate() {
            let word = scopes.word(index);
            let prefix = prefixes.next_if(|(at, _)| *at == index);
            let new = match token.kind {
                Kind::Ident => self.marks.ident(word),
                Kind::Text if scopes.code_texts.contains(&index) => self.code(word),
                Kind::Text => {
                    self.package(scopes, index).unwrap_or_else(|| self.marks.text(word, !word.starts_with('r')))
                }
                Kind::Comment => self.marks.text(word, false),
                _ => continue,
            };
            if prefix.is_some() || new != word {
                out.push_str(scopes.text.get(copied..token.place.start).unwrap_or_default());
                out.push_str(prefix.map_or("", |(_, prefix)| prefix));
                out.push_str(&new);
                copied = token.place.end;
            }
        }
        out + scopes.text.get(copied..).unwrap_or_default()
    }

    /// The package of a message that buffa was told another package of: its constants stand one behind the other.
    fn package(&self, scopes: &Scopes<'_>, index: usize) -> Option<String> {
        let is_constant = (index.saturating_sub(CONSTANT)..index).any(|before| scopes.word(before) == "PACKAGE");
        let is_text = |next: &usize| scopes.tokens.get(*next).is_some_and(|token| token.kind == Kind::Text);
        let next = (index + 1..=index + 2 * CONSTANT).find(is_text).filter(|_| is_constant)?;
        self.marks.package(scopes.word(index), scopes.word(next)).map(|package| format!("\"{package}\""))
    }

    /// The path in an attribute of prost, which its derive writes into functions with type parameters.
    fn code(&self, text: &str) -> String {
        let path = text.trim_matches('"');
        let restored = self.marks.code(text);
        let is_hidden = self.hidden.contains(&self.marks.ident(path).as_str()) && self.marks.first(path).is_some();
        if is_hidden { restored.replacen('"', "\"self::", 1) } else { restored }
    }
}
