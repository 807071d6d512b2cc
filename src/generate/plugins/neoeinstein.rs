//! The plugins of the `protoc-gen-prost` family as they were published: their libraries are their executables
//! without the reading and writing.

use prost_types::compiler::code_generator_response::File;
// Pinned, and only called by the published libraries, whose output they make.
use {prost_build as _, prost_build_0_12 as _, tonic_build as _, tonic_build_0_12 as _};

use crate::generate::request::plugin_request::PluginRequest;

/// Declares a function that runs a published library. Each brings its own version of `prost-types`, so files are
/// moved field by field.
macro_rules! published {
    ($(#[$doc:meta])* $name:ident = $library:ident) => {
        $(#[$doc])*
        pub(in crate::generate) fn $name(request: &PluginRequest) -> Result<Vec<File>, String> {
            let files = $library::execute(request.encoded()).map_err(|e| e.to_string())?;
            Ok(files
                .into_iter()
                .map(|file| File {
                    name: file.name,
                    insertion_point: file.insertion_point,
                    content: file.content,
                    generated_code_info: None,
                })
                .collect())
        }
    };
}

published!(
    /// `protoc-gen-prost` 0.5.0.
    prost_0_5 = protoc_gen_prost
);
published!(
    /// `protoc-gen-prost` 0.3.1.
    prost_0_3 = protoc_gen_prost_0_3
);
published!(
    /// `protoc-gen-tonic` 0.5.0.
    tonic_0_5 = protoc_gen_tonic
);
published!(
    /// `protoc-gen-tonic` 0.4.1.
    tonic_0_4 = protoc_gen_tonic_0_4
);
published!(
    /// `protoc-gen-prost-serde` 0.4.0.
    serde_0_4 = protoc_gen_prost_serde
);
