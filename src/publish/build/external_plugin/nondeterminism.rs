//! Compares the output of an external plugin with its earlier output for the same request.

use prost_types::compiler::code_generator_response::File;

use super::External;
use crate::generate::{ExternPathStyle, Generator, GeneratorError, PluginRequest};
use crate::model::{Plugin, Sha256Digest, Timestamp};
use crate::store::{PluginOutput, Store};

/// An external plugin whose outputs are compared with earlier ones.
pub(in crate::publish) struct Watched<'a> {
    /// The plugin.
    pub external: &'a External,
    /// The store that holds the digests of its outputs.
    pub store: &'a Store,
    /// The time of this output.
    pub now: Timestamp,
}

impl Generator for Watched<'_> {
    fn generate(&self, request: &PluginRequest) -> Result<Vec<File>, GeneratorError> {
        let files = self.external.generate(request)?;
        let answer =
            PluginOutput { request: Sha256Digest::of(request.encoded()), answer: digest(&files), at: self.now };
        self.remember(&self.external.plugin, &answer);
        Ok(files)
    }

    fn extern_path_style(&self) -> ExternPathStyle {
        self.external.extern_path_style()
    }
}

impl Watched<'_> {
    /// Stores the digest of an output, and logs a difference. A failure of the store does not fail the SDK.
    fn remember(&self, plugin: &Plugin, answer: &PluginOutput) {
        let (reference, request) = (plugin.reference(), answer.request);
        match self.store.record_plugin_output(plugin, answer) {
            Ok(false) => {}
            Ok(true) => tracing::warn!(
                plugin = %reference, %request,
                "the plugin's output for the same request changed; if its command was changed, raise `revision` in its \
                 [[plugin]], otherwise it is not deterministic"
            ),
            Err(error) => {
                tracing::error!(plugin = %reference, %error, "could not store the digest of the plugin's output")
            }
        }
    }
}

/// The digest of the files. Their order has no meaning, except among insertions into the same file.
fn digest(files: &[File]) -> Sha256Digest {
    let mut sorted: Vec<_> = files.iter().map(|file| (file.name(), file.insertion_point(), file.content())).collect();
    sorted.sort_by_key(|(name, point, _)| (*name, *point));
    let mut all = Vec::new();
    for part in sorted.iter().flat_map(|(name, point, content)| [name, point, content]) {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    Sha256Digest::of(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_files_makes_no_difference() {
        let file = |name: &str, content: &str| File {
            name: Some(name.to_owned()),
            content: Some(content.to_owned()),
            ..File::default()
        };
        let (a, b) = (file("a.rs", "x"), file("b.rs", "y"));
        assert_eq!(digest(&[a.clone(), b.clone()]), digest(&[b.clone(), a.clone()]));
        assert_ne!(digest(std::slice::from_ref(&a)), digest(&[a, b]));
    }
}
