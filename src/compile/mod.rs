//! Snapshots become a descriptor set, or diagnostics that point into the sources.
//!
//! The order is: estimate the memory that the sources take (`resources::memory_estimate`) and wait until it is free
//! (`resources::compile_memory`); parse the sources (`source`) and the files that they import (`imports::load`); check
//! and sort the imports (`imports::order`); bound the work ahead (`imports::work_limits`); refuse misplaced options
//! (`options::placement`); resolve names and interpret options (`link`, with `names` and `options`); refuse what breaks
//! the other rules (`validate`); encode (`encode`). No `protoc` is involved.

mod cache;
mod encode;
mod error;
mod findings;
pub(crate) mod fuzzing;
mod imports;
mod input;
mod link;
mod names;
mod options;
mod outline;
mod resources;
mod source;
#[cfg(test)]
mod testing;
mod validate;
#[cfg(test)]
mod verdicts;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cache::fingerprints;
use encode::descriptor_set;
use imports::{load, order, work_limits};
use options::placement;
use resources::deadline::Deadline;
use resources::threads::{Size, within};
use resources::{compile_memory, memory_estimate};

pub use cache::files::CompileCache;
pub use error::CompileError;
pub use imports::order::DEPS_ADVICE;
pub use input::{Role, Source};
pub use outline::outline;
pub(crate) use source::source_tokens::{SourceToken, SourceTokenKind, source_tokens};

use crate::model::{DescriptorSet, Limits, ModuleName};

/// A successful compilation.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// All content files and what they reach, dependencies first.
    pub descriptors: DescriptorSet,
    /// Per module that has a file in the set: the other modules whose files those files import. Well-known types
    /// count only when a module provides the path.
    pub imports: BTreeMap<ModuleName, BTreeSet<ModuleName>>,
    /// What the next compilation can use again: see [`compile_with`].
    pub earlier: CompileCache,
}

/// Compiles the content among `sources` with the dependencies that it reaches.
///
/// # Errors
/// When a source is not valid Protobuf, an import leads nowhere, or a limit is exceeded.
pub fn compile(sources: &[Source<'_>], limits: &Limits) -> Result<Compiled, CompileError> {
    compile_with(sources, limits, &CompileCache::default())
}

/// Compiles the content among `sources`, and uses the results of an earlier compilation for files that are the same. The
/// result is that of [`compile`].
///
/// # Errors
/// As [`compile`].
pub fn compile_with(sources: &[Source<'_>], limits: &Limits, earlier: &CompileCache) -> Result<Compiled, CompileError> {
    let memory = within(Size::Small, || memory_estimate::memory(sources, limits, earlier))?;
    let _reserved = compile_memory::reserve(memory, limits)?;
    let size = if memory <= compile_memory::SMALL { Size::Small } else { Size::Large };
    within(size, || match compile_here(sources, limits, earlier) {
        // Cached results hold no source locations, which findings need.
        Err(CompileError::Invalid(_)) if !earlier.is_empty() => compile_here(sources, limits, &CompileCache::default()),
        result => result,
    })
}

fn compile_here<'a>(
    sources: &[Source<'a>],
    limits: &Limits,
    earlier: &'a CompileCache,
) -> Result<Compiled, CompileError> {
    let deadline = &Deadline::new(limits);
    let mut loaded = load::load(sources, deadline, earlier)?;
    let order = order::order(&loaded)?;
    let fingerprints = fingerprints::fingerprints(&loaded, &order);
    load::replace_outdated(&mut loaded, &fingerprints, deadline)?;
    work_limits::check(&loaded, limits)?;
    placement::check(&loaded)?;
    let imports = order::modules(&loaded);
    let (linked, texts) = link::link(loaded, &order, deadline)?;
    validate::validate(&linked, deadline)?;
    let facts = linked.iter().map(|file| (file.proto.name().to_owned(), Arc::clone(&file.facts))).collect();
    let descriptors = descriptor_set::encode(linked)?;
    let earlier = CompileCache::of(&descriptors, &texts, &fingerprints, &facts);
    Ok(Compiled { descriptors, imports, earlier })
}

#[cfg(test)]
mod tests {
    use super::testing::snapshot;
    use super::*;

    fn compile_nested(levels: usize, nesting: u64) -> Result<Compiled, CompileError> {
        let (open, close) = ("m {".repeat(levels), "}".repeat(levels));
        let source = format!(
            "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; message M {{ optional M m = 1; }}
             extend google.protobuf.FileOptions {{ optional M o = 50000; }} option (o) = {{ {open}{close} }};"
        );
        let module = "acme/content".parse().unwrap();
        let snapshot = snapshot(&[("a.proto", &source)]);
        let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
        compile(&[source], &Limits { nesting, ..Limits::default() })
    }

    #[test]
    fn nesting_up_to_the_limit_compiles_and_beyond_is_refused() {
        assert!(compile_nested(29, 30).is_ok());
        assert!(matches!(compile_nested(30, 30), Err(CompileError::Limit(limit)) if limit.actual == 31));
    }

    #[test]
    fn what_a_finding_quotes_is_cut_in_its_middle() {
        let name = "é".repeat(100_000);
        let long = format!("syntax = \"proto3\"; import \"{name}\";");
        let text = super::testing::refusal(&[("a.proto", &long)]);
        assert!(
            text.len() < 1_200
                && text.contains("é … ")
                && text.ends_with("(and run `buf dep update` if there is a buf.lock)"),
            "{text}"
        );
    }

    #[test]
    fn the_deepest_nesting_that_can_be_allowed_fits_the_stack() {
        let levels = usize::try_from(super::source::nesting_limit::MAX_LEVELS).unwrap() - 1;
        assert!(matches!(compile_nested(levels, u64::MAX), Ok(_) | Err(CompileError::Invalid(_))));
    }
}
