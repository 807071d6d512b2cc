//! The work of generating one module, unit by unit, so that a unit that was made before need not be made again.

mod call;
mod side_by_side;

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;

use crate::generate::embedded::Embedded;
use crate::generate::embedded::find;
use crate::generate::error::GenerateError;
use crate::generate::generator::{ExternPathStyle, Generator as _};
use crate::generate::memory::cost::{self, Texts};
use crate::generate::memory::size::Size;
use crate::generate::pieces;
use crate::generate::renaming::Names;
use crate::generate::request::extern_paths::Entry;
use crate::generate::request::outlines::Outlines;
use crate::generate::request::partition::{self, Chunk, Imports, Unit};
use crate::generate::request::{Request, encode, lowered_editions};
use crate::generate::response::descriptor_sets;
use crate::model::wire_format::without_fields;
use crate::model::{
    Declared, DeclaredKind, DescriptorFile, DescriptorSet, Generated, Plugin, Sha256Digest, declared_types,
};
use side_by_side::side_by_side;

/// A Rust module to generate, and a digest of all inputs of its code: equal digests mean equal code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The path of the Rust module.
    pub modules: Vec<String>,
    /// The digest.
    pub digest: Sha256Digest,
}

/// The maximal memory of a plan, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The call that takes most.
    pub largest_call: u64,
    /// All calls that are made at the same time together.
    pub calls: u64,
    /// These, and what was made.
    pub memory: u64,
}

/// The bounds of a plan's calls.
#[derive(Clone)]
pub struct Bounds<'b> {
    /// How long a call may take. A longer call is abandoned, and runs until it ends by itself, because a thread cannot
    /// be stopped.
    pub call: Option<Duration>,
    /// The memory that calls may take together, in bytes. One of more is made while no other is.
    pub calls: u64,
    /// Asked before each call whether to go on.
    pub goes_on: &'b (dyn Fn() -> bool + Sync),
    /// Kept until the last call has ended, even an abandoned one.
    pub held: Arc<dyn Any + Send + Sync>,
}

impl Bounds<'static> {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self { call: None, calls: u64::MAX, goes_on: &|| true, held: Arc::new(()) }
    }
}

/// The work of one plugin on one module, divided into calls.
pub struct Plan<'a> {
    plugin: &'a Plugin,
    generator: &'static Embedded,
    request: Request<'a>,
    /// The options, without the one for descriptor sets if this layer adds the sets.
    options: Vec<String>,
    adds_sets: bool,
    externs: Vec<Entry>,
    imports: Imports,
    outlines: Outlines,
    names: Names,
    /// The units to generate; absent if the generator makes everything at once.
    units: Option<Vec<Unit>>,
}

impl<'a> Plan<'a> {
    /// Plans the work of `request`.
    ///
    /// # Errors
    /// When the plugin is not embedded, or types are used that no crate holds.
    pub fn new(plugin: &'a Plugin, request: &Request<'a>) -> Result<Self, GenerateError> {
        let generator = find(plugin)?;
        let style = generator.extern_path_style();
        // The plugin would print the lowered files.
        let adds_sets = generator.splits() || lowered_editions::is_needed(style, request.descriptors);
        let (sets, options): (Vec<_>, Vec<_>) =
            request.options.iter().cloned().partition(|option| adds_sets && option == descriptor_sets::OPTION);
        let externs = request.extern_entries(plugin, generator)?;
        let units = generator.enough.filter(|_| !prints_all(request.options)).map(|_| partition::units(request));
        let outlines = Outlines::of(style, request.descriptors);
        let imports = Imports::of(request.descriptors);
        let names = Names::of(plugin, generator, request)?;
        let adds_sets = !sets.is_empty();
        let mut options = options;
        options.extend(message_sets(style, request));
        Ok(Self { plugin, generator, request: *request, options, adds_sets, externs, imports, outlines, names, units })
    }

    /// The fingerprints of the units; none if the plugin makes everything at once.
    ///
    /// # Errors
    /// When a descriptor cannot be read.
    pub fn fingerprints(&self) -> Result<Vec<Fingerprint>, GenerateError> {
        let Some(units) = &self.units else { return Ok(vec![]) };
        let files = &self.request.descriptors.files;
        let digests: Vec<Digests> = files.par_iter().map(digests).collect::<Result<_, _>>()?;
        let mut externs: HashMap<&str, Vec<&str>> = HashMap::new();
        for entry in &self.externs {
            externs.entry(&entry.package).or_default().push(&entry.option);
        }
        // Every file follows its imports.
        let mut shown = Vec::with_capacity(files.len());
        for (index, digests) in digests.iter().enumerate() {
            let text = self.depends_on(index, digests.bare, &externs, &shown);
            shown.push(Sha256Digest::of(text.as_bytes()));
        }
        let of = |unit: &Unit| {
            let own = unit.files.iter().map(|file| self.depends_on(*file, digests[*file].whole, &externs, &shown));
            let shown = self.packages(&self.imports.shown_to(std::slice::from_ref(unit)));
            let below = self.outlines.below(&shown).into_iter().map(|file| format!("{}\n", file.proto.name()));
            let text = [self.made_by()].into_iter().chain(own).chain(below).collect::<String>();
            Fingerprint { modules: unit.modules.clone(), digest: Sha256Digest::of(text.as_bytes()) }
        };
        Ok(units.par_iter().map(of).collect())
    }

    /// What decides the code besides the files, as a part of the fingerprint: the generator and its options.
    fn made_by(&self) -> String {
        let plugin = self.plugin;
        format!(
            "{} {} {} {} {:?} {:?} {}\n",
            env!("CARGO_PKG_VERSION"),
            plugin.reference(),
            plugin.revision,
            plugin.generator,
            plugin.submodule,
            self.options,
            self.adds_sets
        ) + &self.names.text()
    }

    /// Everything of a file that its code can depend on: its `content`, where its types live, and by its digest in
    /// `shown`, without comments, each file that it imports.
    fn depends_on(
        &self,
        file: usize,
        content: Sha256Digest,
        externs: &HashMap<&str, Vec<&str>>,
        shown: &[Sha256Digest],
    ) -> String {
        let described = &self.request.descriptors.files[file];
        let mut text = format!("{:?} {} {content}\n", described.origin, described.proto.name());
        for option in externs.get(described.proto.package()).into_iter().flatten() {
            let _ = writeln!(text, "{option}");
        }
        for import in self.imports.of_file(file).iter().filter_map(|import| shown.get(*import)) {
            let _ = writeln!(text, "{import}");
        }
        text
    }

    fn package(&self, file: usize) -> &'a str {
        self.request.descriptors.files[file].proto.package()
    }

    /// The options of a call that makes everything.
    fn all_options(&self) -> impl Iterator<Item = &str> {
        self.options.iter().chain(self.externs.iter().map(|entry| &entry.option)).map(String::as_str)
    }

    fn externs_for<'s>(&'s self, packages: &HashSet<&str>) -> impl Iterator<Item = &'s str> {
        let is_needed = |entry: &&Entry| packages.contains(entry.package.as_str());
        self.externs.iter().filter(is_needed).map(|entry| entry.option.as_str()).collect::<Vec<_>>().into_iter()
    }

    /// Leaves out the Rust modules in `known`, which need not be generated.
    pub fn leave_out(&mut self, known: &HashSet<Vec<String>>) {
        if let Some(units) = &mut self.units {
            units.retain(|unit| !known.contains(&unit.modules));
        }
    }

    /// The cost of the remaining units, with as many calls side by side as `memory` allows.
    ///
    /// # Errors
    /// When a descriptor cannot be read.
    pub fn cost(&self, memory: u64) -> Result<Cost, GenerateError> {
        let mut calls = self.call_costs()?;
        calls.sort_unstable_by_key(|cost| std::cmp::Reverse(*cost));
        let own = self.request.descriptors.of_module(self.request.module);
        let kept = own.map(|file| file.encoded.len() as u64 * cost::KEPT).sum::<u64>();
        let largest_call = calls.first().copied().unwrap_or_default();
        let together = calls.into_iter().take(rayon::current_num_threads()).fold(0, u64::saturating_add);
        let calls = together.min(memory.saturating_sub(kept).max(largest_call));
        Ok(Cost { largest_call, calls, memory: kept.saturating_add(calls) })
    }

    fn call_costs(&self) -> Result<Vec<u64>, GenerateError> {
        let files = &self.request.descriptors.files;
        let sizes: Vec<Size> = files.par_iter().map(size).collect::<Result<_, _>>()?;
        let own = |file: &usize| files[*file].is_of(self.request.module);
        let texts = Texts::of(self.all_options());
        let Some(units) = &self.units else {
            let (made, shown): (Vec<_>, Vec<_>) = (0..files.len()).partition(own);
            return Ok(vec![self.call_cost(&sizes, &made, &shown, &texts)]);
        };
        let cost = |group: &&[Unit]| {
            let files: HashSet<usize> = group.iter().flat_map(|unit| &unit.files).copied().collect();
            let is_made = |file: &usize| own(file) && files.contains(file);
            let (made, shown): (Vec<_>, Vec<_>) = self.imports.shown_to(group).into_iter().partition(is_made);
            let whole = self.call_cost(&sizes, &made, &shown, &texts);
            let all = made.iter().chain(&shown).map(|file| sizes[*file]).sum();
            self.cost_in_pieces(group, whole, &all)
        };
        self.groups(units).par_iter().map(cost).collect()
    }

    /// The memory of a group's calls, of which one would take `whole`.
    fn cost_in_pieces(&self, group: &[Unit], whole: u64, all: &Size) -> Result<u64, GenerateError> {
        if !self.generator.joins || whole <= pieces::MOST {
            return Ok(whole);
        }
        let descriptors = self.shown_to(group);
        let request = Request { descriptors: &descriptors, ..self.request };
        let options: Vec<_> = self.options.iter().map(String::as_str).collect();
        let pieces = self.pieces(&request, &self.chunk(group), &options)?;
        Ok(pieces.map_or(whole, |pieces| cost::in_pieces(whole, pieces.largest(), all).min(whole)))
    }

    fn call_cost(&self, sizes: &[Size], made: &[usize], shown: &[usize], texts: &Texts) -> u64 {
        let seen = |file: &usize| if self.generator.splits() { sizes[*file].bare() } else { sizes[*file] };
        let made = made.iter().map(|file| sizes[*file]).sum();
        cost::SECOND_CALL + cost::call(&self.generator.rates, &made, &shown.iter().map(seen).sum(), texts)
    }

    fn groups<'u>(&self, units: &'u [Unit]) -> Vec<&'u [Unit]> {
        let enough = self.generator.enough.unwrap_or(usize::MAX);
        partition::groups(self.request.descriptors, &self.imports, units, enough)
    }

    /// Generates the remaining units with several concurrent calls, and passes each output with its Rust modules to
    /// `then`. The order of the results does not depend on the machine.
    ///
    /// # Errors
    /// When the plugin cannot make code of these sources, or the bounds end the work.
    pub fn run<T: Send>(
        &self,
        bounds: &Bounds<'_>,
        then: impl Fn(&[Vec<String>], Generated) -> T + Sync,
    ) -> Result<Vec<T>, GenerateError> {
        let Some(units) = &self.units else {
            let options: Vec<_> = self.all_options().collect();
            let (request, chunk) = (&self.request, partition::whole(&self.request));
            let asked = Asked { request, chunk: &chunk, options: &options, doubt: Doubt::Unknown, bounds };
            return Ok(vec![then(&[], self.call(asked)?)]);
        };
        let groups = self.groups(units);
        let costs = if bounds.calls == u64::MAX { vec![0; groups.len()] } else { self.call_costs()? };
        let one = |at: usize| {
            let group = groups.get(at).copied().unwrap_or_default();
            let modules: Vec<_> = group.iter().map(|unit| unit.modules.clone()).collect();
            Ok(then(&modules, self.make(group, bounds)?))
        };
        side_by_side(&costs, bounds.calls, one)
    }

    /// Makes code of `group`, of each unit by itself where a name is in doubt: marks lead to other line breaks, and what is
    /// made of a unit must not depend on those beside it.
    fn make(&self, group: &[Unit], bounds: &Bounds<'_>) -> Result<Generated, GenerateError> {
        if group.len() == 1 {
            return self.make_together(group, bounds, Doubt::Unknown);
        }
        if !self.is_in_doubt(group)? {
            return self.make_together(group, bounds, Doubt::None);
        }
        let mut all = Generated::default();
        for unit in group {
            all.files.extend(self.make_together(std::slice::from_ref(unit), bounds, Doubt::Unknown)?.files);
        }
        all.files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    fn is_in_doubt(&self, group: &[Unit]) -> Result<bool, GenerateError> {
        let descriptors = self.shown_to(group);
        let request = Request { descriptors: &descriptors, ..self.request };
        let renaming = self.names.renaming(self.plugin, self.generator, &request, &self.chunk(group))?;
        Ok(renaming.is_some())
    }

    fn make_together(&self, group: &[Unit], bounds: &Bounds<'_>, doubt: Doubt) -> Result<Generated, GenerateError> {
        let descriptors = self.shown_to(group);
        let packages = self.packages(&self.imports.shown_to(group));
        let options: Vec<_> = self.options.iter().map(String::as_str).chain(self.externs_for(&packages)).collect();
        let request = Request { descriptors: &descriptors, ..self.request };
        let chunk = self.chunk(group);
        self.call(Asked { request: &request, chunk: &chunk, options: &options, doubt, bounds })
    }

    /// The files of `group`, those that they import, and outlines.
    fn shown_to(&self, group: &[Unit]) -> DescriptorSet {
        let (files, shown) = (&self.request.descriptors.files, self.imports.shown_to(group));
        let outlines = self.outlines.below(&self.packages(&shown));
        DescriptorSet { files: shown.iter().map(|index| &files[*index]).chain(outlines).cloned().collect() }
    }

    fn packages(&self, files: &[usize]) -> HashSet<&'a str> {
        files.iter().map(|index| self.package(*index)).collect()
    }

    /// The files of `group` that code is made of.
    fn chunk(&self, group: &[Unit]) -> Chunk<'_> {
        let files = &self.request.descriptors.files;
        let own = group.iter().flat_map(|unit| &unit.files).map(|index| &files[*index]);
        own.filter(|file| file.is_of(self.request.module)).map(|file| file.proto.name()).collect()
    }
}

/// The option that buffa wants to be given for messages of the old form of sets.
fn message_sets(style: ExternPathStyle, request: &Request<'_>) -> Option<String> {
    const OPTION: &str = "allow_message_set";
    let is_set = |declared: &Declared<'_>| match declared.kind {
        DeclaredKind::Message(message) => {
            message.options.as_ref().is_some_and(|options| options.message_set_wire_format())
        }
        DeclaredKind::Enum(_) => false,
    };
    let is_told = request.options.iter().any(|option| option.split('=').next() == Some(OPTION));
    if style != ExternPathStyle::BuffaMessages || is_told {
        return None;
    }
    let mut files = request.descriptors.of_module(request.module);
    files.any(|file| declared_types(&file.proto).iter().any(is_set)).then(|| format!("{OPTION}=true"))
}

/// Whether code holds all descriptors that the generator is shown.
fn prints_all(options: &[String]) -> bool {
    options.iter().any(|option| matches!(option.split_once('='), Some(("reflection" | "reflect_mode", _))))
}

fn size(file: &DescriptorFile) -> Result<Size, GenerateError> {
    Size::of(&file.encoded).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &DescriptorFile, error: &prost::DecodeError) -> GenerateError {
    GenerateError::Descriptor { file: file.proto.name().into(), reason: error.to_string() }
}

/// What a call is to make.
#[derive(Clone, Copy)]
struct Asked<'c> {
    request: &'c Request<'c>,
    /// The files that code is made of.
    chunk: &'c Chunk<'c>,
    options: &'c [&'c str],
    doubt: Doubt,
    bounds: &'c Bounds<'c>,
}

/// Whether a name of what a call makes may be in the way of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    Unknown,
    None,
}

/// Digests of one file, with and without comments.
struct Digests {
    whole: Sha256Digest,
    bare: Sha256Digest,
}

fn digests(file: &DescriptorFile) -> Result<Digests, GenerateError> {
    let bare = without_fields(&file.encoded, &[encode::SOURCE_CODE_INFO]).map_err(|error| unreadable(file, &error))?;
    Ok(Digests { whole: Sha256Digest::of(&file.encoded), bare: Sha256Digest::of(&bare) })
}

#[cfg(test)]
mod tests;
