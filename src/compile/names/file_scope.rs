//! The names as one file sees them: how its references are resolved.

use std::cell::RefCell;
use std::collections::HashMap;

use super::symbols::{ExpectedSymbol, Symbol, SymbolKind, Symbols};

/// The view of one file. It keeps what it found out about packages, which takes a look at every file that it sees.
#[derive(Debug)]
pub(in crate::compile) struct FileScope<'s> {
    symbols: &'s Symbols,
    /// Index of the file.
    file: usize,
    /// Per full name of a package: whether the file sees one that declares it.
    packages: RefCell<HashMap<String, bool>>,
}

impl<'s> FileScope<'s> {
    pub(in crate::compile) fn new(symbols: &'s Symbols, file: usize) -> Self {
        Self { symbols, file, packages: RefCell::default() }
    }

    /// The import path of the file.
    pub(in crate::compile) fn path(&self) -> &'s str {
        self.symbols.path(self.file)
    }

    /// What `name` means in `scope`: its full name without leading dot.
    ///
    /// # Errors
    /// When it means nothing, nothing that is `expected`, or nothing that the file imports; the text says so.
    pub(in crate::compile) fn resolve(
        &self,
        scope: &str,
        name: &str,
        expected: ExpectedSymbol,
    ) -> Result<(String, Symbol), String> {
        if let Some(full) = name.strip_prefix('.') {
            return self.exactly(full, expected).ok_or_else(|| self.why_not(name, full, expected));
        }
        let first = name.split('.').next().unwrap_or(name);
        let mut nearest = None;
        for scope in scopes(scope) {
            let candidate = join(scope, first);
            if first.len() < name.len() {
                if !self.is_visible_scope(&candidate) {
                    continue;
                }
                let full = join(scope, name);
                return self.exactly(&full, expected).ok_or_else(|| self.why_shadowed(name, &full, expected));
            }
            if let Some(found) = self.exactly(&candidate, expected) {
                return Ok(found);
            }
            if !expected.passes_over_others() {
                self.check_not_hidden(scope, first, &candidate, expected)?;
            }
            if nearest.is_none() && self.symbols.get(&candidate).is_some() {
                nearest = Some(candidate);
            }
        }
        Err(self.why_not(name, &nearest.unwrap_or_else(|| name.to_owned()), expected))
    }

    /// Refuses a name that is something else in `scope`: as `buf` has it, that hides what has the name further out.
    fn check_not_hidden(&self, scope: &str, name: &str, full: &str, expected: ExpectedSymbol) -> Result<(), String> {
        let declared = self.symbols.get(full).filter(|symbol| self.is_seen(*symbol));
        if declared.is_some() || self.symbols.is_package(full) && self.is_visible_package(full) {
            return Err(format!("'{full}' is not {}", expected.description()));
        }
        let Some(member) = self.symbols.member(self.file, scope, name) else { return Ok(()) };
        let what = expected.description();
        Err(format!(
            "'{name}' is a {member} here, not {what}; write the name of {what} with its package and a leading dot"
        ))
    }

    fn exactly(&self, name: &str, expected: ExpectedSymbol) -> Option<(String, Symbol)> {
        let symbol = self.symbols.get(name)?;
        (expected.is(symbol.kind) && self.is_seen(symbol)).then(|| (name.to_owned(), symbol))
    }

    fn is_seen(&self, symbol: Symbol) -> bool {
        self.symbols.is_seen(self.file, symbol.file)
    }

    /// Whether `name` is a scope that the file can see; of a package, one file is enough.
    fn is_visible_scope(&self, name: &str) -> bool {
        let declared = self.symbols.get(name).filter(|symbol| symbol.kind.is_scope());
        let is_declared = declared.is_some_and(|symbol| self.is_seen(symbol));
        is_declared || self.symbols.is_package(name) && self.is_visible_package(name)
    }

    fn is_visible_package(&self, name: &str) -> bool {
        if let Some(known) = self.packages.borrow().get(name) {
            return *known;
        }
        let seen = self.symbols.visible_from(self.file);
        let found = seen.iter().any(|file| self.symbols.declares_package(*file, name));
        self.packages.borrow_mut().insert(name.to_owned(), found);
        found
    }

    /// Why `name`, which would be `full`, was not found.
    fn why_not(&self, name: &str, full: &str, expected: ExpectedSymbol) -> String {
        let Some(symbol) = self.symbols.get(full) else { return format!("name '{name}' is not defined") };
        if self.is_seen(symbol) || symbol.kind == SymbolKind::Package {
            return format!("'{full}' is not {}", expected.description());
        }
        let (there, here) = (self.symbols.path(symbol.file), self.path());
        format!("name '{full}' is not defined; '{full}' is defined in '{there}', which is not imported by '{here}'")
    }

    fn why_shadowed(&self, name: &str, full: &str, expected: ExpectedSymbol) -> String {
        if self.symbols.get(full).is_some() {
            return self.why_not(name, full, expected);
        }
        format!(
            "'{name}' resolves to '{full}', which is not defined; the innermost scope comes first, \
             so write '.{name}' to begin at the outermost"
        )
    }
}

/// `scope` and the scopes around it, innermost first; the empty one is the last.
fn scopes(scope: &str) -> impl Iterator<Item = &str> {
    let outer = scope.rmatch_indices('.').map(|(at, _)| &scope[..at]);
    std::iter::once(scope).chain(outer).chain((!scope.is_empty()).then_some(""))
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { [scope, ".", name].concat() }
}
