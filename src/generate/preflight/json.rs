//! Declarations on which pbjson-build panics, or of which it makes code that does not compile.

use crate::generate::error::GenerateError;
use crate::generate::request::Request;
use crate::model::{DescriptorFile, FileOrigin};

/// Checks the module that `request` asks for.
pub(super) fn check(request: &Request<'_>) -> Result<(), GenerateError> {
    let bare = |file: &&DescriptorFile| file.origin != FileOrigin::WellKnown && file.proto.package().is_empty();
    if let Some(file) = request.descriptors.files.iter().find(bare) {
        return Err(GenerateError::NoPackage { file: file.proto.name().into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn refused(source: &str) -> Option<String> {
        let (descriptors, module) = (set(&[("acme/app", "a.proto", source)]), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        check(&request).err().map(|e| e.to_string())
    }

    #[test]
    fn what_pbjson_cannot_do_is_named() {
        assert_eq!(
            refused("message M {}").unwrap(),
            "file a.proto has no package, and code for JSON needs one; add a package, or use \
             community/neoeinstein-prost"
        );
        assert_eq!(refused("package p; message M { oneof kind { int32 x = 1; } }"), None);
    }
}
