//! Files that say of a package no more than that it is there. buffa gives the module of a message another name where a
//! package has that name. So a chunk is shown the packages below those that it refers to, too.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorProto;

use crate::generate::generator::ExternPathStyle;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin};

/// An outline of each package, one for each module that has files in it.
#[derive(Debug, Default)]
pub(in crate::generate) struct Outlines(BTreeMap<(String, FileOrigin), DescriptorFile>);

impl Outlines {
    /// The outlines that generators of this style need.
    pub(in crate::generate) fn of(style: ExternPathStyle, descriptors: &DescriptorSet) -> Self {
        let mut outlines = BTreeMap::new();
        if style == ExternPathStyle::BuffaMessages {
            for file in &descriptors.files {
                let key = (file.proto.package().to_owned(), file.origin.clone());
                outlines.entry(key).or_insert_with_key(|(package, origin)| outline(package, origin));
            }
        }
        Self(outlines)
    }

    /// The outlines of packages below those in `shown`, but for those in it.
    pub(in crate::generate) fn below<'a>(&'a self, shown: &HashSet<&str>) -> Vec<&'a DescriptorFile> {
        let is_below = |package: &str| {
            let mut around = package.match_indices('.').map(|(at, _)| &package[..at]);
            shown.contains("") || around.any(|around| shown.contains(around))
        };
        let packages = self.0.iter().filter(|((package, _), _)| !shown.contains(package.as_str()) && is_below(package));
        packages.map(|(_, file)| file).collect()
    }
}

/// A file of the package that declares nothing. Its name is one that no source has.
fn outline(package: &str, origin: &FileOrigin) -> DescriptorFile {
    let name = match origin {
        FileOrigin::Module(module) => format!("{module}:{package}"),
        FileOrigin::WellKnown => format!(":{package}"),
    };
    let proto =
        FileDescriptorProto { name: Some(name), package: Some(package.to_owned()), ..FileDescriptorProto::default() };
    DescriptorFile { origin: origin.clone(), encoded: proto.encode_to_vec().into(), proto: Arc::new(proto) }
}
