//! What a plugin made becomes parts of a crate, as soon as it is made: the text is checked, and in a large module
//! compressed at once, so that the texts of all packages never have to be held together.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::archive::reuse::PreviousCrate;
use super::archive::write::Content;
use super::error::PackageError;
use super::generated_source::{Reader, Source};
use super::part::Part;
use crate::model::{DescriptorSet, Generated, ModuleName, Plugin, Sha256Digest};

/// Encoded bytes of a module's own files from which on it counts as large. It decides how the work is done, not what
/// comes out.
const LARGE: usize = 1 << 20;

/// Makes parts of what one plugin makes of one module.
pub struct Parts<'a> {
    reader: Reader<'a>,
    fingerprints: HashMap<Vec<String>, Sha256Digest>,
    is_large: bool,
}

impl<'a> Parts<'a> {
    /// For what `plugin` makes of `module`.
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

    /// Tells the digest of all that the code of a Rust module depends on, so that it can be taken over later.
    pub fn expect(&mut self, modules: Vec<String>, fingerprint: Sha256Digest) {
        self.fingerprints.insert(modules, fingerprint);
    }

    /// The parts that `generated` makes; `modules` are the Rust modules that were asked for.
    ///
    /// # Errors
    /// When a file belongs to no package of the module, or is not Rust.
    pub fn of(&self, modules: &[Vec<String>], generated: Generated) -> Result<Vec<Part>, PackageError> {
        // Collected first, so that of several failures the first file's is told, not the first thread's.
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
