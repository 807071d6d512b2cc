//! One call of a generator: with marks in names where names may be in the way, and with what went wrong said of a file.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Asked, Bounds, Doubt, Plan};
use crate::generate::error::GenerateError;
use crate::generate::generator::Generator as _;
use crate::generate::pieces::{self, Pieces};
use crate::generate::preflight;
use crate::generate::renaming::Renaming;
use crate::generate::request::chunk_request::encode_chunk;
use crate::generate::request::partition::Chunk;
use crate::generate::request::{Request, extern_paths, lowered_editions};
use crate::generate::response::descriptor_sets;
use crate::generate::response::own_files::keep_own_files;
use crate::generate::run::run;
use crate::model::{DescriptorFile, Generated, PluginResponse, declared_types};

/// Most files that are tried one by one to find the one at which a plugin breaks down.
const TRIED_ALONE: usize = 64;

/// One call, as the generator can read it.
struct Call<'c> {
    /// What is asked for, of the files as they were compiled.
    asked: Asked<'c>,
    /// The request for files that the generator can read.
    request: Request<'c>,
    /// Options that those files need.
    more: Vec<String>,
}

impl Plan<'_> {
    pub(super) fn call(&self, asked: Asked<'_>) -> Result<Generated, GenerateError> {
        self.checked_call(asked).map_err(|error| preflight::texts::said(error, asked.request.descriptors))
    }

    fn checked_call(&self, asked: Asked<'_>) -> Result<Generated, GenerateError> {
        if !(asked.bounds.goes_on)() {
            return Err(GenerateError::Stopped { plugin: self.plugin.reference() });
        }
        let (style, request) = (self.generator.extern_path_style(), asked.request);
        let lowered = lowered_editions::lower(style, request.descriptors, request.module)?;
        let more = lowered.options(self.plugin)?;
        let call = Call { asked, request: Request { descriptors: &lowered.descriptors, ..*request }, more };
        preflight::check(self.plugin, style, &call.request)?;
        self.make_call(&call).map_err(|error| self.said_of_a_file(error, &call))
    }

    /// The failure of a call as one of the file that it failed at: a plugin that breaks down says what helps nobody, and
    /// one that refuses a declaration does not say where that is.
    fn said_of_a_file(&self, error: GenerateError, call: &Call<'_>) -> GenerateError {
        let (Asked { chunk, .. }, request) = (call.asked, &call.request);
        if chunk.len() > TRIED_ALONE || !matches!(error, GenerateError::Panicked { .. } | GenerateError::Refused { .. })
        {
            return error;
        }
        let options: Vec<_> = self.all_options().collect();
        let fails = |file: &&DescriptorFile| {
            let chunk = Chunk::from([file.proto.name()]);
            let asked = Asked { chunk: &chunk, options: &options, ..call.asked };
            let alone = self.make_call(&Call { asked, request: call.request, more: call.more.clone() });
            match (alone, &error) {
                (Err(GenerateError::Panicked { .. }), GenerateError::Panicked { .. }) => true,
                (Err(GenerateError::Refused { message: alone, .. }), GenerateError::Refused { message, .. }) => {
                    alone == *message && names_declaration_of(message, file)
                }
                _ => false,
            }
        };
        let mut files = request.descriptors.of_module(request.module).filter(|file| chunk.contains(file.proto.name()));
        let file = files.find(fails).map(|file| file.proto.name().to_owned());
        match (error, file) {
            (GenerateError::Panicked { plugin, .. }, Some(file)) => GenerateError::Unexpected { plugin, file },
            (GenerateError::Refused { plugin, message }, Some(file)) => {
                GenerateError::RefusedFile { plugin: plugin.into(), file, message }
            }
            (error, _) => error,
        }
    }

    fn make_call(&self, call: &Call<'_>) -> Result<Generated, GenerateError> {
        let Asked { request, chunk, options, doubt, bounds } = call.asked;
        let renaming = match doubt {
            Doubt::Unknown => self.names.renaming(self.plugin, self.generator, &call.request, chunk)?,
            Doubt::None => None,
        };
        if let Some(made) = renaming.map(|renaming| self.call_marked(renaming, call)).transpose()?.flatten() {
            return Ok(made);
        }
        let options: Vec<_> = options.iter().copied().chain(call.more.iter().map(String::as_str)).collect();
        let mut generated = self.answer(&call.request, chunk, &options, bounds)?;
        if self.adds_sets {
            descriptor_sets::add(self.plugin, request, &mut generated);
        }
        Ok(generated)
    }

    /// The files of the module that are made of `request`.
    fn answer(
        &self,
        request: &Request<'_>,
        chunk: &Chunk<'_>,
        options: &[&str],
        bounds: &Bounds<'_>,
    ) -> Result<Generated, GenerateError> {
        let answer = match self.pieces(request, chunk, options)? {
            Some(pieces) => pieces.make(self.plugin, |piece| {
                let request = Request { descriptors: &piece.descriptors, ..*request };
                self.run_once(&request, &piece.chunk, options, bounds)
            })?,
            None => self.run_once(request, chunk, options, bounds)?,
        };
        keep_own_files(self.plugin, self.generator.extern_path_style(), request, chunk, answer)
    }

    fn run_once(
        &self,
        request: &Request<'_>,
        chunk: &Chunk<'_>,
        options: &[&str],
        bounds: &Bounds<'_>,
    ) -> Result<PluginResponse, GenerateError> {
        if !(bounds.goes_on)() {
            return Err(GenerateError::Stopped { plugin: self.plugin.reference() });
        }
        let encoded = encode_chunk(self.generator, request, chunk, options)?;
        run(self.plugin, encoded, bounds.call, Arc::clone(&bounds.held))
    }

    /// The pieces in which code of `chunk` is made, if one call would take too much memory.
    pub(super) fn pieces<'r>(
        &self,
        request: &Request<'r>,
        chunk: &Chunk<'r>,
        options: &[&str],
    ) -> Result<Option<Pieces<'r>>, GenerateError> {
        if !self.generator.joins {
            return Ok(None);
        }
        Pieces::of(&self.generator.rates, request, chunk, options, pieces::MOST)
    }

    /// The same call with marks in the names that may be in the way; nothing if they are not.
    fn call_marked(&self, renaming: Renaming, call: &Call<'_>) -> Result<Option<Generated>, GenerateError> {
        let Asked { chunk, bounds, .. } = call.asked;
        let style = self.generator.extern_path_style();
        let marked = Request { descriptors: renaming.descriptors(), ..call.request };
        let externs = extern_paths::entries(style, marked.descriptors, marked.module, marked.externs)?;
        let (sets, options): (Vec<_>, Vec<_>) = self
            .options
            .iter()
            .chain(&call.more)
            .map(|option| renaming.option(option))
            .partition(|option| option == descriptor_sets::OPTION);
        let options: Vec<_> =
            options.iter().chain(externs.iter().map(|entry| &entry.option)).map(String::as_str).collect();
        let answer = self.answer(&marked, chunk, &options, bounds).map_err(|error| renaming.said(error))?;
        let mut made = renaming.restore(self.plugin, &self.names, answer)?;
        if let Some(generated) = made.as_mut().filter(|_| self.adds_sets || !sets.is_empty()) {
            // The set holds the sources, whose names have no marks.
            descriptor_sets::add(self.plugin, call.asked.request, generated);
        }
        Ok(made)
    }
}

/// Whether `message` tells of a declaration in `file`, and not of an option.
fn names_declaration_of(message: &str, file: &DescriptorFile) -> bool {
    let words: HashSet<&str> =
        message.split(|letter: char| !(letter.is_alphanumeric() || "_.".contains(letter))).collect();
    let package = file.proto.package();
    let is_told = |full_name: &str| {
        words.contains(full_name.trim_start_matches('.'))
            || full_name.rsplit('.').next().is_some_and(|name| words.contains(name))
    };
    let types = declared_types(&file.proto).into_iter().map(|declared| declared.full_name(package));
    let services = file.proto.service.iter().map(|service| format!("{package}.{}", service.name()));
    let extensions = file.proto.extension.iter().map(|extension| format!("{package}.{}", extension.name()));
    types.chain(services).chain(extensions).any(|name| is_told(&name))
}
