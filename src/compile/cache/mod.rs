//! What an earlier compilation made of files, for the next one that has the same files.
//!
//! The result of a file depends on its text and on all files that it imports, directly or not: its fingerprint covers
//! both. Rules between files that do not import each other are checked in every compilation.

pub(super) mod files;
pub(super) mod fingerprints;

#[cfg(test)]
mod tests {
    use super::files::CompileCache;
    use crate::compile::input::{Role, Source};
    use crate::compile::testing::snapshot;
    use crate::compile::{Compiled, compile_with};
    use crate::model::{DescriptorFile, FileOrigin, Limits};

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

    fn made(files: &[(&str, &str)], earlier: &CompileCache) -> Result<Compiled, String> {
        let (module, snapshot) = ("acme/content".parse().unwrap(), snapshot(files));
        let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
        compile_with(&[source], &Limits::default(), earlier).map_err(|e| e.to_string())
    }

    /// Compiles `files` after [`FILES`], checks that the result is that of `files` alone, and returns the paths that
    /// were compiled again.
    #[track_caller]
    fn anew(files: &[(&str, &str)]) -> Vec<String> {
        let before = made(&FILES, &CompileCache::default()).unwrap();
        let cold = made(files, &CompileCache::default()).unwrap();
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
    fn files_with_an_edition_are_made_anew() {
        let edition = ("new.proto", "edition = \"2023\"; message E {}");
        let made = made(&[&FILES[..], &[edition]].concat(), &CompileCache::default()).unwrap();
        assert!(made.earlier.files.contains_key("user.proto") && !made.earlier.files.contains_key("new.proto"));
    }

    #[test]
    fn what_declarations_say_of_their_use_is_kept() {
        let declared = "import \"google/protobuf/descriptor.proto\";
            extend google.protobuf.FileOptions { optional int32 o = 50000 [targets = TARGET_TYPE_MESSAGE]; }";
        let files = |option| [("declared.proto", declared), ("use.proto", option)];
        let before = made(&files("import \"declared.proto\";"), &CompileCache::default()).unwrap();
        assert!(before.earlier.files.contains_key("declared.proto"));
        let error = made(&files("import \"declared.proto\"; option (o) = 1;"), &before.earlier).unwrap_err();
        assert!(error.contains("option 'o' cannot be set on a file"), "{error}");
    }

    #[test]
    fn findings_are_those_of_a_compilation_without_help() {
        let before = made(&FILES, &CompileCache::default()).unwrap();
        for (path, text) in [
            ("other.proto", "syntax = \"proto3\"; package b; message Base {}"),
            ("base.proto", "syntax = \"proto3\"; package b; message Renamed {}"),
            (
                "other.proto",
                "syntax = \"proto2\"; package x; import \"options.proto\"; extend o.Note { optional int32 more = 100; }",
            ),
        ] {
            let files = FILES.map(|(name, old)| (name, if name == path { text } else { old }));
            let cold = made(&files, &CompileCache::default()).unwrap_err();
            assert_eq!(made(&files, &before.earlier).unwrap_err(), cold);
        }
    }
}
