//! Keeps the names of a schema and the names of generated code apart.
//!
//! A generator writes `Option` and means the standard library's, while a service of that name stands beside it; or two
//! declarations are one name in Rust. Where a look at the descriptors shows that this may be so, and only there, code
//! is generated with [`marks`] in the names of the schema. The marks tell names of the schema from names of the
//! generator: one of the generator's own that would be hidden is written as an absolute path, one of two declarations
//! with one name gets a number, and the marks are taken out. If nothing was to be changed, the code without marks is
//! used, as it always was.

mod absolute;
mod descriptors;
mod foreign;
mod marks;
mod one_module;
mod probe;
mod restore;
mod scopes;
mod suspects;
mod vocabulary;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::embedded::Embedded;
use super::error::GenerateError;
use super::generator::{ExternPathStyle, Generator as _};
use super::options::{Options, split};
use super::request::Request;
use super::request::chunk_request::encode_chunk;
use super::request::extern_paths::{self, ExternCrate};
use super::request::partition::{self, Chunk};
use super::response::own_files::file_modules;
use super::run::run;
use super::rust_naming::namesakes::{Namesake, namesakes, renamed_oneofs};
use crate::model::{
    DescriptorSet, Generated, GeneratedFile, ModuleName, Plugin, PluginResponse, declared_types, rust_module,
    rust_modules, rust_type,
};
use absolute::is_everyones;
use descriptors::Changes;
use marks::{Mark, Marks};
use one_module::OneModule;
use restore::{Around, restore};
use scopes::{Scopes, read};
use suspects::Suspects;
use vocabulary::Vocabulary;

/// How often a declaration is given another number.
const ATTEMPTS: usize = 64;

/// What is known about the names of a whole module.
pub(super) struct Names {
    namesakes: Vec<Namesake>,
    /// Those of other files whose types code may refer to.
    foreign: Vec<Namesake>,
    /// The Rust modules of the module's packages.
    packages: BTreeSet<Vec<String>>,
    /// The Rust modules with a package in them that is called as something that the generator refers to.
    hiding: HashSet<Vec<String>>,
    vocabulary: Arc<Vocabulary>,
}

impl Names {
    /// Looks at the module of `request`.
    pub(super) fn of(
        plugin: &Plugin,
        generator: &'static Embedded,
        request: &Request<'_>,
    ) -> Result<Self, GenerateError> {
        let style = generator.extern_path_style();
        let mut namesakes = namesakes(plugin.family, request.descriptors, request.module)?;
        if style == ExternPathStyle::Types {
            namesakes.extend(renamed_oneofs(request.descriptors, request.module));
        }
        let foreign = foreign::namesakes_of_others(plugin.family, request);
        let packages: BTreeSet<_> =
            request.descriptors.packages_of(request.module).into_iter().map(rust_modules).collect();
        let vocabulary = words(plugin, generator, request.options);
        let mut hiding = HashSet::new();
        for package in &packages {
            let hides = |at: &usize| vocabulary.paths.contains(&package[*at]);
            hiding.extend((0..package.len()).filter(hides).map(|at| package[..at].to_vec()));
        }
        Ok(Self { namesakes, foreign, packages, hiding, vocabulary })
    }

    /// The names that differ from what the generator makes by itself, for a digest.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for Namesake { full, type_suffix, module_suffix, .. } in self.namesakes.iter().chain(&self.foreign) {
            let _ = writeln!(text, "{full} {type_suffix} {module_suffix}");
        }
        text
    }

    /// The marks for a call that makes code of `chunk`; nothing if no name is in doubt.
    pub(super) fn renaming(
        &self,
        plugin: &Plugin,
        generator: &'static Embedded,
        request: &Request<'_>,
        chunk: &Chunk<'_>,
    ) -> Result<Option<Renaming>, GenerateError> {
        let (style, crates) = (generator.extern_path_style(), crates(plugin));
        let mut suspects = Suspects {
            style,
            words: &self.vocabulary,
            crates: &crates,
            hidden: generator.hidden,
            expanded: generator.expanded,
            descriptors: request.descriptors,
            marks: Marks::default(),
            changes: Changes::default(),
            aliases: OnceCell::new(),
            is_certain: false,
        };
        let files: HashSet<&str> = request.descriptors.files.iter().map(|file| file.proto.name()).collect();
        for file in &request.descriptors.files {
            suspects.of_package(file.proto.package(), file.proto.name());
            suspects.of_digits(&file.proto);
        }
        let own: Vec<_> = request.descriptors.of_module(request.module).map(|file| &*file.proto).collect();
        for file in own.iter().filter(|file| chunk.contains(file.name())) {
            suspects.of_file(file);
        }
        if style.is_stubs() {
            suspects.of_similar_services(&own);
        }
        let mut own_files = own.iter().filter(|file| chunk.contains(file.name()));
        let referred: Vec<_> = match self.foreign.is_empty() {
            true => Vec::new(),
            false => foreign::referred(&self.foreign, &mut own_files),
        };
        let referred = referred.into_iter().filter(|namesake| !chunk.contains(namesake.file.as_str()));
        let own_namesakes = self.namesakes.iter().filter(|namesake| files.contains(namesake.file.as_str()));
        for namesake in own_namesakes.chain(referred) {
            suspects.is_certain = true;
            suspects.mark(&namesake.full, mark_of(namesake));
        }
        // prost makes one file of them by itself.
        let one_module = if style.is_buffa() { OneModule::of(request, chunk) } else { OneModule::default() };
        one_module.mark(&mut suspects);
        let mut modules =
            own.iter().filter(|file| chunk.contains(file.name())).map(|file| rust_modules(file.package()));
        let is_hidden = !self.hiding.is_empty() && modules.any(|module| self.hiding.contains(&module));
        if !suspects.is_certain && !is_hidden && suspects.marks.iter().next().is_none() {
            return Ok(None);
        }
        if style == ExternPathStyle::Messages {
            // Where no marks are needed, these are renamed elsewhere.
            for oneof in renamed_oneofs(request.descriptors, request.module) {
                suspects.mark(&oneof.full, mark_of(&oneof));
            }
        }
        let Suspects { marks, mut changes, is_certain, .. } = suspects;
        changes.keep_packages(request.descriptors);
        let unreadable =
            |(file, error): (String, prost::DecodeError)| GenerateError::Descriptor { file, reason: error.to_string() };
        let descriptors = changes.apply(request.descriptors).map_err(unreadable)?;
        let hidden = generator.hidden;
        let module = request.module.clone();
        Ok(Some(Renaming { marks, changes, is_certain, descriptors, module, one_module, crates, hidden }))
    }

    /// The modules of packages that stand in this one.
    fn inner_modules(&self, module: &[String]) -> HashSet<String> {
        let below = self.packages.iter().filter_map(|package| package.strip_prefix(module)?.first());
        below.cloned().collect()
    }
}

fn mark_of(namesake: &Namesake) -> Mark {
    let Namesake { kind, full, file, type_suffix, module_suffix } = namesake.clone();
    Mark { kind, name: full[1..].to_owned(), file, type_suffix, module_suffix, ..Mark::default() }
}

/// The crates that code may refer to by their names.
fn crates(plugin: &Plugin) -> HashSet<String> {
    let runtime = plugin.runtime.iter().map(|library| library.name.replace('-', "_"));
    runtime.chain(["std", "core", "alloc"].map(str::to_owned)).collect()
}

/// The words of a generator, which makes code of a small schema to show them.
fn words(plugin: &Plugin, generator: &'static Embedded, options: &[String]) -> Arc<Vocabulary> {
    // What is about a path of the module means nothing for a schema of other names.
    let options: Vec<String> = options.iter().filter(|option| !option.contains("=.")).cloned().collect();
    let key = [plugin.generator.as_str(), &options.join(",")].join(" ");
    vocabulary::of(&key, || {
        let Ok(module) = "qxprobe/qxprobe".parse::<ModuleName>() else { return Vec::new() };
        let descriptors = probe::probe(&module);
        let externs = [ExternCrate { module: module.clone(), lib_name: "qxprobecrate".to_owned(), numbered: None }];
        let request = Request { descriptors: &descriptors, module: &module, externs: &externs, options: &options };
        let entries = extern_paths::entries(generator.extern_path_style(), &descriptors, &module, &externs);
        let options = Options::read_list(plugin, request.options).map(|options| options.texts());
        let (Ok(entries), Ok(options)) = (entries, options) else { return Vec::new() };
        let options: Vec<_> =
            options.iter().chain(entries.iter().map(|entry| &entry.option)).map(String::as_str).collect();
        let chunk = partition::whole(&request);
        let made = encode_chunk(generator, &request, &chunk, &options)
            .and_then(|encoded| run(plugin, encoded, None, Arc::new(())));
        let texts = |made: PluginResponse| {
            made.files.into_values().chain(made.insertions.into_iter().map(|insertion| insertion.content)).collect()
        };
        made.map(texts).unwrap_or_default()
    })
}

/// A call with marks.
pub(super) struct Renaming {
    marks: Marks,
    changes: Changes,
    is_certain: bool,
    descriptors: DescriptorSet,
    module: ModuleName,
    one_module: OneModule,
    crates: HashSet<String>,
    hidden: &'static [&'static str],
}

impl Renaming {
    /// The files with marks.
    pub(super) fn descriptors(&self) -> &DescriptorSet {
        &self.descriptors
    }

    /// An option as it is for the files with marks: the path in it may lead to a declaration with a mark.
    pub(super) fn option(&self, option: &str) -> String {
        let change = |piece: &str| match piece.split_once('=') {
            Some((name, rest)) if rest.starts_with('.') && rest.len() > 1 => {
                let (path, value) = rest.split_once('=').map_or((rest, None), |(path, value)| (path, Some(value)));
                let value = value.map(|value| format!("={value}")).unwrap_or_default();
                format!("{name}={}{value}", self.changes.path(path))
            }
            _ => piece.to_owned(),
        };
        split(option).into_iter().map(change).collect::<Vec<_>>().join(",")
    }

    /// The failure of a call with marks, in the words of the source.
    pub(super) fn said(&self, error: GenerateError) -> GenerateError {
        let plain = |message: String| self.marks.text(&message, false);
        match error {
            GenerateError::Refused { plugin, message } => GenerateError::Refused { plugin, message: plain(message) },
            GenerateError::Panicked { plugin, message } => GenerateError::Panicked { plugin, message: plain(message) },
            other => other,
        }
    }

    /// Takes the marks out of what was made. Nothing if no name was in the way after all.
    pub(super) fn restore(
        mut self,
        plugin: &Plugin,
        names: &Names,
        made: Generated,
    ) -> Result<Option<Generated>, GenerateError> {
        self.number(&made)?;
        let mut files = Vec::new();
        let mut is_mended = self.is_certain || self.marks.iter().any(Mark::is_numbered);
        for file in made.files {
            let marks = &self.marks;
            let name = marks.text(&file.name, false);
            let modules = file_modules(plugin, &name);
            // Stubs with a module of their own stand beside no package.
            let inner_modules = match plugin.submodule {
                Some(_) => HashSet::new(),
                None => names.inner_modules(&modules),
            };
            let around = Around { marks, crates: &self.crates, hidden: self.hidden, inner_modules };
            let scopes = read(&file.content, &|word| marks.ident(word));
            let restored = restore(&scopes, &around).map_err(|hidden| self.taken(plugin, hidden.by, &hidden.name))?;
            is_mended |= restored.is_mended;
            let renamed = self.renamed(&modules);
            files.push(GeneratedFile { name, content: restored.text, descriptors: file.descriptors, renamed });
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(is_mended.then_some(Generated { files }))
    }

    /// Sentences on the declarations in the package of these Rust modules that have another name.
    fn renamed(&self, modules: &[String]) -> Vec<String> {
        let is_here = |mark: &&Mark| {
            let file = self.descriptors.file(&mark.file).filter(|file| file.is_of(&self.module));
            file.is_some_and(|file| rust_modules(&self.marks.text(file.proto.package(), false)) == modules)
        };
        let sentence = |Mark { kind, name, type_suffix, module_suffix, .. }: &Mark| match type_suffix.as_str() {
            "" => format!("the module of {kind} `{name}` has `{module_suffix}` behind its name in Rust"),
            suffix => format!("{kind} `{name}` has `{suffix}` behind its name in Rust"),
        };
        let numbered = self.marks.iter().filter(|mark| mark.is_numbered()).filter(is_here).map(sentence);
        self.one_module.sentence(modules).into_iter().chain(numbered).collect()
    }

    /// Gives services and calls numbers until no two names are the same.
    fn number(&mut self, made: &Generated) -> Result<(), GenerateError> {
        for file in &made.files {
            for attempt in 0..=ATTEMPTS {
                let late = self.late(file, attempt < ATTEMPTS)?;
                if late.is_empty() {
                    break;
                }
                late.into_iter().for_each(|index| self.marks.number(index));
            }
        }
        Ok(())
    }

    /// The marks of services and calls whose names in `file` are taken.
    fn late(&self, file: &GeneratedFile, may_number: bool) -> Result<BTreeSet<usize>, GenerateError> {
        let marks = &self.marks;
        let scopes = read(&file.content, &|word| marks.ident(word));
        let is_everyones = |call: &&usize| {
            let word = scopes.word(**call);
            marks.first(word).is_some() && is_everyones(&marks.ident(word))
        };
        let calls = scopes.calls.iter().filter(is_everyones).map(|call| (*call, *call));
        let taken = scopes.doubles.iter().copied().chain(calls);
        let index = |(first, second): (usize, usize)| {
            renamable(marks, &scopes, [second, first]).filter(|_| may_number).ok_or_else(|| {
                let by = [second, first].into_iter().find_map(|token| marks.first(scopes.word(token)));
                self.taken_in(&file.name, by, &marks.ident(scopes.word(second)))
            })
        };
        taken.map(index).collect()
    }

    fn taken(&self, plugin: &Plugin, by: Option<usize>, rust: &str) -> GenerateError {
        self.taken_in(&plugin.reference().to_string(), by, rust)
    }

    /// The refusal because of the declaration with this mark.
    fn taken_in(&self, generated: &str, by: Option<usize>, rust: &str) -> GenerateError {
        match by.and_then(|index| self.marks.get(index)).cloned() {
            Some(Mark { kind, name, file, .. }) => {
                GenerateError::ReservedName { file, kind, name, rust: rust.to_owned() }
            }
            None => called(&self.descriptors, rust)
                .unwrap_or_else(|| GenerateError::Twice { generated: generated.to_owned(), rust: rust.to_owned() }),
        }
    }
}

/// The refusal of a declaration without a mark that is called so in Rust.
fn called(descriptors: &DescriptorSet, rust: &str) -> Option<GenerateError> {
    let is_called = |name: &str| rust_type(name) == rust || rust_module(name) == rust || name == rust;
    descriptors.files.iter().find_map(|file| {
        let types =
            declared_types(&file.proto).into_iter().map(|of| (of.kind.word(), of.full_name(file.proto.package())));
        let scope = descriptors::scope_of(file.proto.package());
        let services = file.proto.service.iter().map(|of| ("service", format!("{scope}.{}", of.name())));
        let mut all = types.chain(services);
        let (kind, full) = all.find(|(_, full)| full.rsplit('.').next().is_some_and(is_called))?;
        let (file, name) = (file.proto.name().to_owned(), full[1..].to_owned());
        Some(GenerateError::ReservedName { file, kind, name, rust: rust.to_owned() })
    })
}

/// The mark of a service or a call in one of these tokens: other code refers to types by their names.
fn renamable(marks: &Marks, scopes: &Scopes<'_>, tokens: [usize; 2]) -> Option<usize> {
    let found = tokens.into_iter().filter_map(|token| {
        let word = scopes.word(token);
        let (place, first) = marks.find(word, 0)?;
        // In the name of a constant, the call stands after the service.
        Some(marks.find(word, place.end).map_or(first, |(_, second)| second))
    });
    let mut found = found.filter(|index| marks.get(*index).is_some_and(|mark| matches!(mark.kind, "service" | "call")));
    found.next()
}

#[cfg(test)]
mod tests;
