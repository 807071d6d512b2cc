//! What an earlier compilation made of files, for one that has the same files again.
//!
//! What is made of a file depends on its text, on what it imports, and so on: its fingerprint covers all of that. The
//! rules between files that do not import each other are checked anew every time.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::load::{Loaded, LoadedFile};
use super::symbols::Symbols;
use super::{Role, needed};
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin, Sha256Digest};

/// The files of an earlier compilation.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    files: HashMap<String, EarlierFile>,
}

/// What was made of one file.
#[derive(Debug, Clone)]
pub(super) struct EarlierFile {
    text: Sha256Digest,
    fingerprint: Sha256Digest,
    pub(super) file: DescriptorFile,
}

/// The fingerprints of all files, by path.
pub(super) type Fingerprints = HashMap<String, Sha256Digest>;

impl Earlier {
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Encoded bytes of all files, which is about half of what they take in memory.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.files.values().map(|earlier| earlier.file.encoded.len() as u64).sum()
    }

    /// The file `path`, if it had this text.
    pub(super) fn with_text(&self, path: &str, text: Sha256Digest, origin: &FileOrigin) -> Option<&EarlierFile> {
        self.files.get(path).filter(|earlier| earlier.text == text && earlier.file.origin == *origin)
    }

    /// What was made of `descriptors`. Files with an edition are left out: their descriptors do not hold all that
    /// is to be known of them.
    pub(super) fn of(descriptors: &DescriptorSet, kept: &HashMap<String, Sha256Digest>, prints: &Fingerprints) -> Self {
        let earlier = |file: &DescriptorFile| {
            let path = file.proto.name();
            let (text, fingerprint) = (*kept.get(path)?, *prints.get(path)?);
            let is_whole = file.proto.syntax() != "editions";
            is_whole.then(|| (path.to_owned(), EarlierFile { text, fingerprint, file: file.clone() }))
        };
        Self { files: descriptors.files.iter().filter_map(earlier).collect() }
    }
}

impl EarlierFile {
    /// Whether it can stand for a file with this fingerprint.
    pub(super) fn is(&self, fingerprint: Option<&Sha256Digest>) -> bool {
        fingerprint == Some(&self.fingerprint)
    }
}

/// The fingerprints of all `loaded` files; in `order` each stands behind those that it imports.
pub(super) fn fingerprints(loaded: &Loaded<'_>, order: &[String]) -> Fingerprints {
    let mut prints = Fingerprints::with_capacity(order.len());
    for path in order {
        let Some(file) = loaded.files.get(path) else { continue };
        let is_content = file.role == Role::Content;
        let mut text = format!("{path} {:?} {is_content} {}\n", file.origin, file.text);
        for import in &file.proto.dependency {
            let print = prints.get(import).map(Sha256Digest::to_string).unwrap_or_default();
            let _ = writeln!(text, "{import} {print}");
        }
        prints.insert(path.clone(), Sha256Digest::of(text.as_bytes()));
    }
    prints
}

/// The texts of the files that may be taken over next time: all but those whose options name something that they do not
/// import, which the fingerprint does not cover.
pub(super) fn kept(symbols: &Symbols, files: &[LoadedFile<'_>]) -> HashMap<String, Sha256Digest> {
    let is_covered = |(index, file): &(usize, &LoadedFile<'_>)| {
        file.earlier.is_some() || !needed::looks_beyond(symbols, *index, &file.proto)
    };
    let covered = files.iter().enumerate().filter(is_covered);
    covered.map(|(_, file)| (file.proto.name().to_owned(), file.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::snapshot;
    use super::super::{Compiled, Source, compile_with};
    use super::*;
    use crate::model::Limits;

    const OPTIONS: &str = "syntax = \"proto2\"; package o; import \"google/protobuf/descriptor.proto\";
        message Note { optional string text = 1; repeated int32 list = 2 [packed = true]; extensions 100 to 200; }
        extend google.protobuf.MessageOptions { optional Note note = 50000; repeated int32 many = 50001; }";
    const BASE: &str = "syntax = \"proto3\"; package b; // Base.\nmessage Base { int32 id = 1; }";
    const USER: &str = "syntax = \"proto3\"; package u; import \"base.proto\"; import \"options.proto\";
        // User.\nmessage User { option (o.note) = { text: \"t\" list: [1, 2] }; option (o.many) = 3; b.Base base = 1; }";
    const OTHER: &str = "syntax = \"proto3\"; package x; // Other.\nmessage Other { optional string s = 1; }";
    const EXTRA: &str = "syntax = \"proto2\"; package e; import \"options.proto\";
        extend o.Note { optional int32 extra = 100; }";

    const FILES: [(&str, &str); 5] = [
        ("base.proto", BASE),
        ("extra.proto", EXTRA),
        ("options.proto", OPTIONS),
        ("other.proto", OTHER),
        ("user.proto", USER),
    ];

    fn made(files: &[(&str, &str)], earlier: &Earlier) -> Result<Compiled, String> {
        let (module, snapshot) = ("acme/content".parse().unwrap(), snapshot(files));
        let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
        compile_with(&[source], &Limits::default(), earlier).map_err(|e| e.to_string())
    }

    /// Compiles `files` after [`FILES`], checks that it is as if they were compiled alone, and tells which were made anew.
    #[track_caller]
    fn anew(files: &[(&str, &str)]) -> Vec<String> {
        let before = made(&FILES, &Earlier::default()).unwrap();
        let cold = made(files, &Earlier::default()).unwrap();
        let warm = made(files, &before.earlier).unwrap();
        let shown = |compiled: &Compiled| -> Vec<_> {
            compiled.descriptors.files.iter().map(|f| (f.origin.clone(), f.encoded.clone(), f.proto.clone())).collect()
        };
        assert_eq!(shown(&warm), shown(&cold));
        assert_eq!(warm.imports, cold.imports);
        let is_shared = |file: &&DescriptorFile| {
            let old = before.descriptors.file(file.proto.name());
            old.is_some_and(|old| std::sync::Arc::ptr_eq(&old.proto, &file.proto))
        };
        let own = warm.descriptors.files.iter().filter(|file| file.origin != FileOrigin::WellKnown);
        let fresh = own.filter(|file| !is_shared(file));
        let mut fresh: Vec<_> = fresh.map(|file| file.proto.name().to_owned()).collect();
        fresh.sort();
        fresh
    }

    fn with(path: &str, text: &str) -> Vec<String> {
        anew(&FILES.map(|(name, old)| (name, if name == path { text } else { old })))
    }

    #[test]
    fn only_what_changed_and_what_imports_it_is_made_anew() {
        assert_eq!(anew(&FILES), [""; 0]);
        assert_eq!(with("other.proto", &OTHER.replace("Other.", "Another.")), ["other.proto"]);
        assert_eq!(
            with("base.proto", &BASE.replace("id = 1;", "id = 1; int32 more = 2;")),
            ["base.proto", "user.proto"]
        );
        assert_eq!(with("user.proto", &USER.replace("[1, 2]", "[1]")), ["user.proto"]);
        let options = with("options.proto", &OPTIONS.replace("[packed = true]", ""));
        assert_eq!(options, ["extra.proto", "options.proto", "user.proto"]);
        assert_eq!(anew(&FILES[..4]), [""; 0]);
        let new = ("new.proto", "syntax = \"proto3\"; import \"other.proto\"; message New { x.Other o = 1; }");
        assert_eq!(anew(&[&FILES[..], &[new]].concat()), ["new.proto"]);
    }

    #[test]
    fn what_fingerprints_do_not_cover_is_made_anew() {
        let extended = USER.replace("list: [1, 2]", "[e.extra]: 5");
        let files = FILES.map(|(name, old)| (name, if name == "user.proto" { extended.as_str() } else { old }));
        let before = made(&files, &Earlier::default()).unwrap();
        assert!(before.earlier.files.contains_key("extra.proto") && !before.earlier.files.contains_key("user.proto"));
        let edition = ("new.proto", "edition = \"2023\"; message E {}");
        let made = made(&[&FILES[..], &[edition]].concat(), &before.earlier).unwrap();
        assert!(!made.earlier.files.contains_key("new.proto"));
    }

    #[test]
    fn findings_are_those_of_a_compilation_without_help() {
        let before = made(&FILES, &Earlier::default()).unwrap();
        for (path, text) in [
            ("other.proto", "syntax = \"proto3\"; package b; message Base {}"),
            ("base.proto", "syntax = \"proto3\"; package b; message Renamed {}"),
            (
                "other.proto",
                "syntax = \"proto2\"; package x; import \"options.proto\"; extend o.Note { optional int32 more = 100; }",
            ),
        ] {
            let files = FILES.map(|(name, old)| (name, if name == path { text } else { old }));
            let cold = made(&files, &Earlier::default()).unwrap_err();
            assert_eq!(made(&files, &before.earlier).unwrap_err(), cold);
        }
    }
}
