//! The reuse index of a large crate: the place of each part in it, so that the next version of the crate can copy parts
//! without generating or compressing them again. An index is a few bytes per part and can be lost at any time.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::write::{Archive, BlockRange, Content, Deflated, Entry};
use crate::model::{Sha256Digest, Snapshot};
use crate::package::generated_source::Source;
use crate::package::part::Part;

/// A index as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct ReuseIndex {
    /// Parts by fingerprint.
    parts: BTreeMap<String, Option<PartLocation>>,
    /// Other files by the digest of their content.
    files: BTreeMap<String, Blocks>,
}

/// A [`Source`] as the index describes it; its contents are inside the crate.
#[derive(Debug, Serialize, Deserialize)]
struct PartLocation {
    file: String,
    package: String,
    unit: Vec<String>,
    modules: Vec<String>,
    stem: String,
    first_type: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    renamed: Vec<String>,
    text: Blocks,
    descriptors: Option<Blocks>,
}

/// Compressed content inside the crate.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Blocks {
    offset: usize,
    length: usize,
    size: u64,
    crc: u32,
}

/// A crate that was made before, and the parts of it that can be used again.
#[derive(Debug)]
pub struct PreviousCrate {
    index: ReuseIndex,
    crate_bytes: Bytes,
}

impl PreviousCrate {
    /// An earlier crate with its index; nothing if the index cannot be read or does not fit.
    #[must_use]
    pub fn new(index: &[u8], crate_bytes: Bytes) -> Option<Self> {
        let index: ReuseIndex = serde_json::from_slice(index).ok()?;
        let in_parts = index.parts.values().flatten().flat_map(|part| [Some(part.text), part.descriptors]);
        let mut all = in_parts.flatten().chain(index.files.values().copied());
        let fits =
            |blocks: Blocks| blocks.offset.checked_add(blocks.length).is_some_and(|end| end <= crate_bytes.len());
        all.all(fits).then_some(Self { index, crate_bytes })
    }

    pub(in crate::package) fn part(&self, fingerprint: Sha256Digest) -> Option<Part> {
        let part = self.index.parts.get(&fingerprint.to_string())?;
        let source = part.as_ref().map(|part| Source {
            file: part.file.clone(),
            package: part.package.clone(),
            unit: part.unit.clone(),
            modules: part.modules.clone(),
            stem: part.stem.clone(),
            text: self.content(part.text),
            descriptors: part.descriptors.map(|blocks| self.content(blocks)),
            first_type: part.first_type.clone(),
            renamed: part.renamed.clone(),
        });
        Some(Part { fingerprint: Some(fingerprint), source })
    }

    /// A file of the module, if one with this digest is there.
    pub(in crate::package) fn file(&self, digest: Sha256Digest) -> Option<Content> {
        self.index.files.get(&digest.to_string()).map(|blocks| self.content(*blocks))
    }

    fn content(&self, blocks: Blocks) -> Content {
        let bytes = self.crate_bytes.slice(blocks.offset..blocks.offset + blocks.length);
        Content::Deflated(Deflated { size: blocks.size, crc: blocks.crc, blocks: bytes })
    }
}

/// The index of a finished archive; nothing if none of its parts could be used again.
pub(in crate::package) fn reuse_index(
    parts: &[Part],
    snapshot: &Snapshot,
    entries: &[Entry<'_>],
    archive: &Archive,
) -> Option<Vec<u8>> {
    let placed = entries.iter().zip(&archive.places).filter_map(|(entry, place)| {
        let BlockRange { offset, length, crc } = (*place)?;
        Some((entry.path.as_str(), Blocks { offset, length, size: entry.content.len(), crc }))
    });
    let placed: HashMap<&str, Blocks> = placed.collect();
    if placed.is_empty() {
        return None;
    }
    let mut index = ReuseIndex::default();
    for part in parts {
        let Some(fingerprint) = part.fingerprint else { continue };
        match &part.source {
            None => _ = index.parts.insert(fingerprint.to_string(), None),
            Some(source) => {
                let kept = part_location(source, &placed)?;
                index.parts.insert(fingerprint.to_string(), Some(kept));
            }
        }
    }
    for (file, digest) in snapshot.sources() {
        if let Some(blocks) = placed.get(format!("proto/{}", file.path).as_str()) {
            index.files.insert(digest.to_string(), *blocks);
        }
    }
    serde_json::to_vec(&index).ok()
}

fn part_location(source: &Source, placed: &HashMap<&str, Blocks>) -> Option<PartLocation> {
    let at = |name: String| placed.get(format!("src/{name}").as_str()).copied();
    let descriptors = match source.descriptors {
        Some(_) => Some(at(source.descriptors_name())?),
        None => None,
    };
    Some(PartLocation {
        file: source.file.clone(),
        package: source.package.clone(),
        unit: source.unit.clone(),
        modules: source.modules.clone(),
        stem: source.stem.clone(),
        first_type: source.first_type.clone(),
        renamed: source.renamed.clone(),
        text: at(source.name())?,
        descriptors,
    })
}
