//! Snapshots become a descriptor set, or diagnostics that point into the sources.
//!
//! The order is: look through every source for what it will take (`survey`, `depth`) and wait for that (`budget`),
//! parse it (`parse`) and follow its imports (`load`), check and sort the imports (`imports`), bound the work ahead
//! (`bounds`), resolve names and interpret options (`link`), refuse what breaks the other rules (`validate`). No
//! `protoc` is involved.

mod bounds;
mod budget;
mod casing;
mod change;
mod clashes;
mod deadline;
mod defaults;
mod depth;
mod earlier;
mod edition;
mod elements;
mod extends;
mod finish;
pub(crate) mod fuzzing;
mod imports;
mod link;
mod load;
mod locate;
mod locations;
mod needed;
mod options;
mod parse;
mod pool_work;
mod resolve;
mod settle;
mod splice;
mod survey;
mod symbols;
mod target;
#[cfg(test)]
mod testing;
mod texts;
mod tokens;
mod validate;
mod view;
mod visible;
mod wellknown;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use deadline::Deadline;
pub use earlier::Earlier;

use crate::model::{DescriptorSet, Diagnostic, Diagnostics, LimitExceeded, Limits, ModuleName, Snapshot};

/// Most findings that are reported at once; more would bury the first.
const MAX_FINDINGS: usize = 50;

/// Most bytes of one finding's message, about: what it quotes may be as long as a file.
const MAX_MESSAGE: usize = 1_000;

/// Stack of a compiling thread, in bytes. The parser and the option interpreter recurse as deep as a source nests,
/// and `depth` lets at most [`depth::MAX_LEVELS`] levels pass; the pages are only taken when they are used.
const STACK: usize = 64 << 20;

/// Why a module takes part in a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is being pushed: all its files are compiled and checked.
    Content,
    /// It is in the registry already: only the files that content reaches are compiled.
    Dependency,
}

/// One module that takes part in a compilation.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name.
    pub module: &'a ModuleName,
    /// Its files.
    pub snapshot: &'a Snapshot,
    /// Why it takes part.
    pub role: Role,
}

/// A successful compilation.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// All content files and what they reach, dependencies first.
    pub descriptors: DescriptorSet,
    /// Per module that has a file in the set: the other modules whose files those files import. Well-known types
    /// count only when a module provides the path.
    pub imports: BTreeMap<ModuleName, BTreeSet<ModuleName>>,
    /// The same, for the next compilation: see [`compile_with`].
    pub earlier: Earlier,
}

/// Why sources were not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The sources are wrong.
    #[error(transparent)]
    Invalid(#[from] Diagnostics),
    /// The sources are larger or deeper than the server accepts.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The machine gave no threads to compile on.
    #[error("could not start threads to compile on: {0}; the machine is out of memory or threads, try again later")]
    Threads(String),
    /// Other compilations take the memory that there is for all.
    #[error(
        "could not begin to compile: others take all of the memory that there is for it; try again later, or raise \
         the server's --compile-memory"
    )]
    Busy,
    /// Something that cannot happen did.
    #[error("could not compile: {0}; this is a defect of the registry, please report it")]
    Internal(String),
}

/// Compiles the content among `sources` with the dependencies that it reaches.
///
/// # Errors
/// When a source is not valid Protobuf, an import leads nowhere, or a limit is exceeded.
pub fn compile(sources: &[Source<'_>], limits: &Limits) -> Result<Compiled, CompileError> {
    compile_with(sources, limits, &Earlier::default())
}

/// Compiles the content among `sources`, and takes over from an earlier compilation what it made of files that are the
/// same. The result is that of [`compile`].
///
/// # Errors
/// As [`compile`].
pub fn compile_with(sources: &[Source<'_>], limits: &Limits, earlier: &Earlier) -> Result<Compiled, CompileError> {
    let memory = within(Size::Small, || survey::memory(sources, limits, earlier))?;
    let _taken = budget::take(memory, limits)?;
    let size = if memory <= budget::SMALL { Size::Small } else { Size::Large };
    within(size, || match compile_here(sources, limits, earlier) {
        // What is taken over does not know the places that findings are about.
        Err(CompileError::Invalid(_)) if !earlier.is_empty() => compile_here(sources, limits, &Earlier::default()),
        result => result,
    })
}

fn compile_here<'a>(sources: &[Source<'a>], limits: &Limits, earlier: &'a Earlier) -> Result<Compiled, CompileError> {
    let deadline = &Deadline::new(limits);
    let mut loaded = load::load(sources, deadline, earlier)?;
    let order = imports::order(&loaded)?;
    let fingerprints = earlier::fingerprints(&loaded, &order);
    load::replace_outdated(&mut loaded, &fingerprints, deadline)?;
    bounds::check(&loaded, limits)?;
    written::check(&loaded)?;
    let imports = imports::modules(&loaded);
    let (linked, kept) = link::link(loaded, &order, deadline)?;
    validate::validate(&linked, deadline)?;
    let descriptors = finish::finish(linked)?;
    let earlier = Earlier::of(&descriptors, &kept, &fingerprints);
    Ok(Compiled { descriptors, imports, earlier })
}

/// Which threads a compilation gets: a large one must not keep small ones waiting.
#[derive(Debug, Clone, Copy)]
enum Size {
    Small,
    Large,
}

/// Does `work` on the threads for its size. The parser and the option interpreter are not ours: a panic in them refuses
/// a source, it does not end a worker.
fn within<T: Send>(size: Size, work: impl FnOnce() -> Result<T, CompileError> + Send) -> Result<T, CompileError> {
    let panicked = |_| Err(CompileError::Internal("the parser or the option interpreter panicked".into()));
    threads(size)?.install(|| catch_unwind(AssertUnwindSafe(work))).unwrap_or_else(panicked)
}

/// The threads that all compilations of a size share: they exist for their stacks.
fn threads(size: Size) -> Result<&'static rayon::ThreadPool, CompileError> {
    static POOLS: [OnceLock<Result<rayon::ThreadPool, String>>; 2] = [const { OnceLock::new() }; 2];
    let [small, large] = &POOLS;
    let (pool, kind) = match size {
        Size::Small => (small, "small"),
        Size::Large => (large, "large"),
    };
    let build = || {
        let name = move |index| format!("compile-{kind}-{index}");
        rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(name).build().map_err(|e| e.to_string())
    };
    pool.get_or_init(build).as_ref().map_err(|e| CompileError::Threads(e.clone()))
}

/// `findings` as an error when there are any: at most [`MAX_FINDINGS`] of them, each of at most [`MAX_MESSAGE`] bytes.
fn refuse_any(mut findings: Vec<Diagnostic>) -> Result<(), CompileError> {
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
        let levels = usize::try_from(depth::MAX_LEVELS).unwrap() - 1;
        assert!(matches!(compile_nested(levels, u64::MAX), Ok(_) | Err(CompileError::Invalid(_))));
    }
}
