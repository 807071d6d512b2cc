//! What a generated text declares where, and where its paths begin: as much of Rust's rules for names as generated code
//! needs.

use std::collections::{HashMap, HashSet};

use crate::model::rust_tokens::{Kind, Token, tokens};

/// A module of a text.
#[derive(Debug, Default)]
pub(super) struct Module<'t> {
    /// Types, modules and imports by their names in the text, and the token that names each.
    pub types: HashMap<&'t str, usize>,
    /// Paths of which everything is imported.
    pub globs: Vec<String>,
    /// The module around it.
    pub around: Option<usize>,
}

/// The beginning of a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// Its token.
    pub token: usize,
    /// The module that it stands in.
    pub module: usize,
    /// Whether a type parameter or a type inside a function has the name here.
    pub is_local: bool,
}

/// Functions that stand in one `trait` or `impl`.
#[derive(Debug, Default)]
pub(super) struct Functions<'t> {
    /// The trait's name; empty for an `impl`.
    pub name: &'t str,
    /// Names in the bounds of a trait.
    pub bounds: Vec<&'t str>,
    /// The functions' names and their tokens.
    pub names: Vec<(&'t str, usize)>,
}

/// A text, read.
#[derive(Debug, Default)]
pub(super) struct Scopes<'t> {
    pub text: &'t str,
    pub tokens: Vec<Token>,
    /// The first is the text itself.
    pub modules: Vec<Module<'t>>,
    /// Where paths begin.
    pub starts: Vec<Start>,
    /// Names of type parameters, and of types that are declared inside functions.
    pub locals: HashSet<&'t str>,
    pub functions: Vec<Functions<'t>>,
    /// Names of methods that are called.
    pub calls: Vec<usize>,
    /// Two declarations of one name: their tokens.
    pub doubles: Vec<(usize, usize)>,
    /// Texts that hold code: those of the attribute `prost`.
    pub code_texts: HashSet<usize>,
}

/// What a brace has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Module(usize),
    Functions(usize),
    Enum,
    Other,
}

struct Reader<'t, 'r> {
    restored: &'r dyn Fn(&str) -> String,
    scopes: Scopes<'t>,
    /// Type parameters in scope, with the number of open braces where they were declared.
    parameters: Vec<(usize, &'t str)>,
    /// Types that are declared inside functions, likewise.
    inner_types: Vec<(usize, &'t str)>,
    blocks: Vec<Block>,
    /// What the next brace opens.
    pending: Option<Block>,
}

/// Reads `text`; names are compared as `restored` returns them.
pub(super) fn read<'t>(text: &'t str, restored: &dyn Fn(&str) -> String) -> Scopes<'t> {
    let scopes = Scopes { text, tokens: tokens(text), modules: vec![Module::default()], ..Scopes::default() };
    let mut reader =
        Reader { restored, scopes, parameters: vec![], inner_types: vec![], blocks: vec![], pending: None };
    // Comments may stand anywhere, and mean nothing here.
    let is_code = |(_, token): &(usize, &Token)| token.kind != Kind::Comment;
    let code: Vec<usize> = reader.scopes.tokens.iter().enumerate().filter(is_code).map(|(at, _)| at).collect();
    let mut at = 0;
    while at < code.len() {
        at += reader.step(&code, at);
    }
    reader.scopes.find_doubles(restored);
    reader.scopes
}

impl<'t> Reader<'t, '_> {
    fn word(&self, code: &[usize], at: usize) -> &'t str {
        let token = code.get(at).and_then(|index| self.scopes.tokens.get(*index));
        token.and_then(|token| self.scopes.text.get(token.place.clone())).unwrap_or_default()
    }

    fn is_ident(&self, code: &[usize], at: usize) -> bool {
        code.get(at).and_then(|index| self.scopes.tokens.get(*index)).is_some_and(|token| token.kind == Kind::Ident)
    }

    fn module(&self) -> usize {
        let inner =
            self.blocks.iter().rev().find_map(|block| if let Block::Module(at) = block { Some(*at) } else { None });
        inner.unwrap_or(0)
    }

    fn block(&self) -> Block {
        self.blocks.last().copied().unwrap_or(Block::Module(0))
    }

    /// Reads the token at `at`, and what belongs to it; how many tokens that are.
    fn step(&mut self, code: &[usize], at: usize) -> usize {
        match self.word(code, at) {
            "#" => return self.attribute(code, at),
            "{" => {
                let block = self.pending.take().unwrap_or(Block::Other);
                self.blocks.push(block);
            }
            "}" => self.close(),
            ";" => {
                self.pending = None;
                self.parameters.retain(|(depth, _)| *depth < self.blocks.len());
            }
            "use" if self.begins_item(code, at) => return self.import(code, at),
            "mod" | "struct" | "enum" | "union" | "trait" | "type" | "fn" | "impl" | "const" | "static"
                if self.begins_item(code, at) =>
            {
                return self.item(code, at);
            }
            _ if self.is_ident(code, at) => self.name(code, at),
            _ => {}
        }
        1
    }

    fn close(&mut self) {
        self.blocks.pop();
        self.parameters.retain(|(depth, _)| *depth < self.blocks.len());
        self.inner_types.retain(|(depth, _)| *depth <= self.blocks.len());
    }

    fn start(&mut self, token: usize, name: &str) {
        let name = (self.restored)(name);
        let is_local = self.parameters.iter().chain(&self.inner_types).any(|(_, local)| *local == name);
        let module = self.module();
        self.scopes.starts.push(Start { token, module, is_local });
    }

    /// Whether a keyword stands where an item begins, not inside a type.
    fn begins_item(&self, code: &[usize], at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.word(code, before));
        matches!(before, "" | "{" | "}" | ";" | "]" | ")" | "pub" | "unsafe" | "async" | "const" | "default")
    }

    /// Skips an attribute, but for the texts in it.
    fn attribute(&mut self, code: &[usize], at: usize) -> usize {
        let open = if self.word(code, at + 1) == "!" { at + 2 } else { at + 1 };
        if self.word(code, open) != "[" {
            return 1;
        }
        let holds_code = self.word(code, open + 1) == "prost";
        let (mut depth, mut end) = (0_usize, open);
        while end < code.len() {
            match self.word(code, end) {
                "[" | "(" | "{" => depth += 1,
                "]" | ")" | "}" => depth = depth.saturating_sub(1),
                text if holds_code && text.starts_with('"') => _ = self.scopes.code_texts.insert(code[end]),
                _ => {}
            }
            end += 1;
            if depth == 0 {
                break;
            }
        }
        end - at
    }

    fn item(&mut self, code: &[usize], at: usize) -> usize {
        let (keyword, name) = (self.word(code, at), self.word(code, at + 1));
        if keyword == "impl" {
            self.pending = Some(Block::Functions(self.scopes.functions.len()));
            self.scopes.functions.push(Functions::default());
            return 1 + self.parameters(code, at + 1);
        }
        if !self.is_ident(code, at + 1) {
            return 1;
        }
        let index = code[at + 1];
        let around = self.block();
        match (keyword, around) {
            ("fn", Block::Functions(functions)) => {
                if let Some(functions) = self.scopes.functions.get_mut(functions) {
                    functions.names.push((name, index));
                }
            }
            ("fn" | "const" | "static", _) => {}
            ("type", Block::Functions(_)) => {}
            (_, Block::Module(module)) => self.declare(module, name, index),
            _ => {
                self.scopes.locals.insert(name);
                self.inner_types.push((self.blocks.len(), name));
            }
        }
        match keyword {
            "mod" => {
                self.pending = Some(Block::Module(self.scopes.modules.len()));
                let around = Some(self.module());
                self.scopes.modules.push(Module { around, ..Module::default() });
            }
            "trait" => {
                self.pending = Some(Block::Functions(self.scopes.functions.len()));
                let bounds = self.bounds(code, at + 2);
                self.scopes.functions.push(Functions { name, bounds, names: Vec::new() });
            }
            "enum" => self.pending = Some(Block::Enum),
            _ => {}
        }
        2 + self.parameters(code, at + 2)
    }

    fn declare(&mut self, module: usize, name: &'t str, index: usize) {
        let Some(module) = self.scopes.modules.get_mut(module) else { return };
        if let Some(first) = module.types.insert(name, index) {
            self.scopes.doubles.push((first, index));
        }
    }

    /// The names between `:` and the body of a trait that are no longer paths.
    fn bounds(&self, code: &[usize], at: usize) -> Vec<&'t str> {
        let end = (at..code.len()).find(|at| matches!(self.word(code, *at), "{" | ";")).unwrap_or(code.len());
        let is_alone = |at: &usize| self.word(code, at - 1) != "::" && self.word(code, at + 1) != "::";
        (at..end).filter(|at| self.is_ident(code, *at) && is_alone(at)).map(|at| self.word(code, at)).collect()
    }

    /// Notes the type parameters that are declared at `at`; how many tokens may be skipped, which is none: bounds are
    /// read as all else.
    fn parameters(&mut self, code: &[usize], at: usize) -> usize {
        if self.word(code, at) != "<" {
            return 0;
        }
        let (mut depth, mut end) = (0_usize, at);
        while end < code.len() {
            match self.word(code, end) {
                "<" => depth += 1,
                ">" if self.word(code, end - 1) != "-" => depth -= 1,
                "{" | ";" => break,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            let declares = depth == 1 && matches!(self.word(code, end), "<" | ",");
            if declares && self.is_ident(code, end + 1) {
                let name = self.word(code, end + 1);
                self.scopes.locals.insert(name);
                self.parameters.push((self.blocks.len(), name));
            }
            end += 1;
        }
        0
    }

    /// Reads `use a::{b as c, d::*};`.
    fn import(&mut self, code: &[usize], at: usize) -> usize {
        let module = self.module();
        let end = (at..code.len()).find(|at| self.word(code, *at) == ";").unwrap_or(code.len());
        if self.is_ident(code, at + 1) {
            self.start(code[at + 1], self.word(code, at + 1));
        }
        // The constants of buffa's extensions share no names with types.
        let is_of_values = (at..end).any(|at| self.word(code, at) == "__buffa" && self.word(code, at + 2) == "ext");
        for at in at + 1..end {
            let (word, next) = (self.word(code, at), self.word(code, at + 1));
            if word == "*" {
                let path: Vec<&str> =
                    (0..at).rev().map(|at| self.word(code, at)).take_while(|word| *word != "use").collect();
                let path: String = path.into_iter().rev().collect();
                if let (Some(module), Some(path)) = (self.scopes.modules.get_mut(module), path.strip_suffix("::")) {
                    module.globs.push(path.to_owned());
                }
            } else if matches!(next, ";" | "," | "}") && self.is_ident(code, at) && !matches!(word, "_" | "self") {
                match self.block() {
                    _ if is_of_values => {}
                    Block::Module(module) => self.declare(module, word, code[at]),
                    _ => self.inner_types.push((self.blocks.len(), word)),
                }
            }
        }
        end - at
    }

    /// A name that is no keyword of an item: notes where it begins a path.
    fn name(&mut self, code: &[usize], at: usize) {
        let (before, after) = (at.checked_sub(1).map_or("", |at| self.word(code, at)), self.word(code, at + 1));
        if before == "." && after == "(" {
            self.scopes.calls.push(code[at]);
        }
        let begins = !matches!(before, "::" | "." | "let");
        let is_variant = self.block() == Block::Enum && matches!(before, "{" | "," | "]");
        // The name of a field, a parameter or a macro.
        let is_other = matches!(after, ":" | "!") && !(after == "!" && self.word(code, at + 2) == "=");
        if begins && !is_variant && !is_other {
            self.start(code[at], self.word(code, at));
        }
    }
}

impl<'t> Scopes<'t> {
    /// The text of a token.
    pub(super) fn word(&self, index: usize) -> &'t str {
        self.tokens.get(index).and_then(|token| self.text.get(token.place.clone())).unwrap_or_default()
    }

    /// The token after this one that is no comment.
    pub(super) fn follows(&self, index: usize) -> &'t str {
        let next = (index + 1..self.tokens.len()).find(|at| self.tokens[*at].kind != Kind::Comment);
        next.map_or("", |next| self.word(next))
    }

    /// Notes declarations that have one name in the end.
    fn find_doubles(&mut self, restored: &dyn Fn(&str) -> String) {
        let mut found = Vec::new();
        for module in &self.modules {
            let mut tokens: Vec<usize> = module.types.values().copied().collect();
            tokens.sort_unstable();
            self.add_doubles(&tokens, restored, &mut found);
        }
        let traits: HashMap<&str, &Functions<'_>> =
            self.functions.iter().filter(|of| !of.name.is_empty()).map(|of| (of.name, of)).collect();
        for functions in &self.functions {
            // A call of one of two functions in a trait and in a trait below it is ambiguous.
            let above = functions.bounds.iter().filter_map(|bound| traits.get(bound)).flat_map(|of| &of.names);
            let tokens: Vec<usize> = above.chain(&functions.names).map(|(_, token)| *token).collect();
            self.add_doubles(&tokens, restored, &mut found);
        }
        self.doubles.extend(found);
    }

    fn add_doubles(&self, tokens: &[usize], restored: &dyn Fn(&str) -> String, found: &mut Vec<(usize, usize)>) {
        let mut names: HashMap<String, usize> = HashMap::new();
        for token in tokens {
            if let Some(first) = names.insert(restored(self.word(*token)), *token) {
                found.push((first, *token));
            }
        }
    }
}

#[cfg(test)]
mod tests;
