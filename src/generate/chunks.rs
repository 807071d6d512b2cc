//! Splits the work on a large module, so that all processors take part.
//!
//! A plugin pays for every file that it is shown, and most for the comments. A chunk shows the comments (and to a
//! generator of stubs, the services) of its own files only; the answers together are those of one call.

use std::collections::{BTreeMap, HashSet};

use super::Request;
use crate::model::{DescriptorFile, rust_modules};

/// Fewest encoded bytes of a chunk: below it, showing all files once more costs more than it saves.
const SMALLEST: usize = 1 << 20;

/// Files of the module that are generated in one call, by path.
pub(super) type Chunk<'a> = HashSet<&'a str>;

/// The module's files in at most `most` chunks; at least one, though it be empty. The files of one Rust module stay
/// together.
pub(super) fn chunks<'a>(request: &Request<'a>, most: usize) -> Vec<Chunk<'a>> {
    let mut units: BTreeMap<Vec<String>, Vec<&DescriptorFile>> = BTreeMap::new();
    for file in request.descriptors.of_module(request.module) {
        units.entry(rust_modules(file.proto.package())).or_default().push(file);
    }
    let size = |files: &[&DescriptorFile]| files.iter().map(|file| file.encoded.len()).sum::<usize>();
    let all: usize = units.values().map(|files| size(files)).sum();
    let enough = (all / most.max(1)).max(SMALLEST);
    let mut chunks = vec![Chunk::new()];
    let mut filled = 0;
    for files in units.into_values() {
        if filled >= enough {
            chunks.push(Chunk::new());
            filled = 0;
        }
        filled += size(&files);
        if let Some(chunk) = chunks.last_mut() {
            chunk.extend(files.into_iter().map(|file| file.proto.name()));
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn every_file_is_in_one_chunk_and_packages_stay_together() {
        let comment = format!("// {}\n", "x".repeat(SMALLEST));
        let files: Vec<_> = (0..6)
            .map(|i| (format!("{i}.proto"), format!("package p{};\n{comment}message M{i} {{}}", i % 3)))
            .collect();
        let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", path.as_str(), source.as_str())).collect();
        let (descriptors, module) = (set(&files), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        let of = |most| {
            let sorted =
                |chunk: Chunk<'_>| chunk.into_iter().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
            chunks(&request, most).into_iter().map(sorted).collect::<Vec<_>>()
        };
        assert_eq!(of(1).len(), 1);
        let three = of(3);
        assert_eq!(three.len(), 3);
        assert!(three[0].contains("0.proto") && three[0].contains("3.proto") && three[0].len() == 2);
        assert!(three[2].contains("2.proto") && three[2].contains("5.proto"));
    }
}
