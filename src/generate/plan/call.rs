//! One call of a generator: with marks in names where names may be in the way, and with what went wrong said of a file.

use std::sync::Arc;

use super::{Bounds, Doubt, Plan};
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
use crate::model::{DescriptorFile, Generated, PluginResponse};

/// Most files that are tried one by one to find the one at which a plugin breaks down.
const TRIED_ALONE: usize = 64;

/// One call, as the generator can read it.
struct Call<'c> {
    /// What is asked for, of the files as they were compiled.
    source: &'c Request<'c>,
    /// The same of files that the generator can read.
    request: Request<'c>,
    /// Options that those files need.
    more: Vec<String>,
    doubt: Doubt,
}

impl Plan<'_> {
    pub(super) fn call(
        &self,
        request: &Request<'_>,
        chunk: &Chunk<'_>,
        options: &[&str],
        bounds: &Bounds<'_>,
        doubt: Doubt,
    ) -> Result<Generated, GenerateError> {
        let made = self.checked_call(request, chunk, options, bounds, doubt);
        made.map_err(|error| preflight::texts::said(error, request.descriptors))
    }

    fn checked_call(
        &self,
        request: &Request<'_>,
        chunk: &Chunk<'_>,
        options: &[&str],
        bounds: &Bounds<'_>,
        doubt: Doubt,
    ) -> Result<Generated, GenerateError> {
        if !(bounds.goes_on)() {
            return Err(GenerateError::Stopped { plugin: self.plugin.reference() });
        }
        let style = self.generator.extern_path_style();
        let lowered = lowered_editions::lower(style, request.descriptors, request.module)?;
        let more = lowered.options(self.plugin)?;
        let call =
            Call { source: request, request: Request { descriptors: &lowered.descriptors, ..*request }, more, doubt };
        preflight::check(self.plugin, style, &call.request)?;
        self.make_call(&call, chunk, options, bounds).map_err(|error| self.said_of_a_file(error, &call, chunk, bounds))
    }

    /// The failure of a call as one of the file that it failed at: what a plugin says when it breaks down helps nobody.
    fn said_of_a_file(
        &self,
        error: GenerateError,
        call: &Call<'_>,
        chunk: &Chunk<'_>,
        bounds: &Bounds<'_>,
    ) -> GenerateError {
        let GenerateError::Panicked { plugin, .. } = &error else { return error };
        if chunk.len() > TRIED_ALONE {
            return error;
        }
        let fails = |file: &&DescriptorFile| {
            let options: Vec<_> =
                self.options.iter().chain(self.externs.iter().map(|entry| &entry.option)).map(String::as_str).collect();
            let made = self.make_call(call, &Chunk::from([file.proto.name()]), &options, bounds);
            matches!(made, Err(GenerateError::Panicked { .. }))
        };
        let request = &call.request;
        let mut files = request.descriptors.of_module(request.module).filter(|file| chunk.contains(file.proto.name()));
        match files.find(fails) {
            Some(file) => GenerateError::Unexpected { plugin: plugin.clone(), file: file.proto.name().into() },
            None => error,
        }
    }

    fn make_call(
        &self,
        call: &Call<'_>,
        chunk: &Chunk<'_>,
        options: &[&str],
        bounds: &Bounds<'_>,
    ) -> Result<Generated, GenerateError> {
        let renaming = match call.doubt {
            Doubt::Unknown => self.names.renaming(self.plugin, self.generator, &call.request, chunk)?,
            Doubt::None => None,
        };
        if let Some(made) =
            renaming.map(|renaming| self.call_marked(renaming, call, chunk, bounds)).transpose()?.flatten()
        {
            return Ok(made);
        }
        let options: Vec<_> = options.iter().copied().chain(call.more.iter().map(String::as_str)).collect();
        let mut generated = self.answer(&call.request, chunk, &options, bounds)?;
        if self.adds_sets {
            descriptor_sets::add(self.plugin, call.source, &mut generated);
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
    fn call_marked(
        &self,
        renaming: Renaming,
        call: &Call<'_>,
        chunk: &Chunk<'_>,
        bounds: &Bounds<'_>,
    ) -> Result<Option<Generated>, GenerateError> {
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
            descriptor_sets::add(self.plugin, call.source, generated);
        }
        Ok(made)
    }
}
