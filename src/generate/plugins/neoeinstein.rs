//! The plugins of the `protoc-gen-prost` family as they were published: their libraries are their executables
//! without the reading and writing.

use prost_types::compiler::code_generator_response::File;

/// Declares a function that runs a published library. Each brings its own version of `prost-types`, so files are
/// moved field by field.
macro_rules! published {
    ($(#[$doc:meta])* $name:ident = $library:ident) => {
        $(#[$doc])*
        pub(in crate::generate) fn $name(request: &[u8]) -> Result<Vec<File>, String> {
            let files = $library::execute(request).map_err(|e| e.to_string())?;
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
published!(
    /// `protoc-gen-prost-crate` 0.5.0, without its option that reads a file: see [`crate_0_5`].
    any_crate_0_5 = protoc_gen_prost_crate
);

/// `protoc-gen-prost-crate` 0.5.0. Its option `gen_crate` reads a template from the disk, which here would be the
/// disk of the server.
pub(in crate::generate) fn crate_0_5(request: &[u8]) -> Result<Vec<File>, String> {
    let request_parameter = super::parameter(request)?;
    let reads = |option: &str| option.split('=').next() == Some("gen_crate");
    if request_parameter.split(',').any(reads) {
        return Err(
            "option gen_crate reads a file of the machine that the plugin runs on, so it is not available in a \
                    registry; run protoc-gen-prost-crate as a local plugin, or leave the option out"
                .to_owned(),
        );
    }
    any_crate_0_5(request)
}
