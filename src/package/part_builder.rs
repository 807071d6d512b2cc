//! Builds the parts of a crate from the output of a plugin, as soon as the plugin makes it: checks the text, and in a
//! large module compresses it at once, so that the texts of all packages are never in memory together.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::archive::reuse::PreviousCrate;
use super::archive::write::Content;
use super::error::PackageError;
use super::generated_source::{Reader, Source};
use super::part::Part;
use crate::model::{DescriptorSet, Generated, ModuleName, Plugin, Sha256Digest};

/// A module counts as large from this many encoded bytes of its own files. This affects how the work is done, not the
/// result.
const LARGE: usize = 1 << 20;

/// Builds parts from the output of one plugin for one module.
pub struct PartBuilder<'a> {
    reader: Reader<'a>,
    fingerprints: HashMap<Vec<String>, Sha256Digest>,
    is_large: bool,
}

impl<'a> PartBuilder<'a> {
    /// For the output of `plugin` for `module`.
    #[must_use]
    pub fn new(plugin: &'a Plugin, descriptors: &DescriptorSet, module: &'a ModuleName) -> Self {
        let is_large = descriptors.of_module(module).map(|file| file.encoded.len()).sum::<usize>() >= LARGE;
        Self { reader: Reader::new(plugin, descriptors, module), fingerprints: HashMap::new(), is_large }
    }

    /// Whether the module is so large that looking for parts of an earlier crate is worth it.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.is_large
    }

    /// Records the digest of all inputs of a Rust module's code, so that a later crate can reuse it.
    pub fn expect(&mut self, modules: Vec<String>, fingerprint: Sha256Digest) {
        self.fingerprints.insert(modules, fingerprint);
    }

    /// The parts of `generated`; `modules` are the requested Rust modules.
    ///
    /// # Errors
    /// When a file belongs to no package of the module, or is not Rust.
    pub fn build(&self, modules: &[Vec<String>], generated: Generated) -> Result<Vec<Part>, PackageError> {
        // Collected first, so that of several failures the first file's is reported, not the first thread's.
        let read: Vec<_> = generated.files.into_par_iter().map(|file| self.part(file)).collect();
        let mut parts: Vec<Part> = read.into_iter().collect::<Result<_, _>>()?;
        let there: HashSet<&[String]> = parts.iter().filter_map(|part| Some(&*part.source.as_ref()?.unit)).collect();
        let absent = modules.iter().filter(|unit| !there.contains(&***unit));
        let expected = absent.filter_map(|unit| self.fingerprints.get(unit));
        let nothing: Vec<_> = expected.map(|it| Part { fingerprint: Some(*it), source: None }).collect();
        parts.extend(nothing);
        Ok(parts)
    }

    fn part(&self, file: crate::model::GeneratedFile) -> Result<Part, PackageError> {
        let mut source = self.reader.read(file)?;
        if self.is_large {
            source.text = Content::Deflated(source.text.deflated()?);
            let descriptors = source.descriptors.as_ref().map(Content::deflated).transpose()?;
            source.descriptors = descriptors.map(Content::Deflated);
        }
        Ok(Part { fingerprint: self.fingerprints.get(&source.unit).copied(), source: Some(source) })
    }

    /// The part with this fingerprint out of an earlier crate, if it is there and would be called the same.
    #[must_use]
    pub fn reuse(&self, reusable: &PreviousCrate, fingerprint: Sha256Digest) -> Option<Part> {
        let part = reusable.part(fingerprint)?;
        let is_called = |source: &Source| source.stem == self.reader.stem(&source.file);
        part.source.as_ref().is_none_or(is_called).then_some(part)
    }
}
