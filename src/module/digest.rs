//! The digests that `buf` recomputes on every download: over a module's files, and over a module with its
//! dependencies. They must be equal to the last bit, or no client accepts the module.
//!
//! Hash under both: SHAKE256 with 64 bytes of output.

use rayon::prelude::*;
use shake::Shake256;
use shake::digest::{ExtendableOutput, Update, XofReader};

use crate::model::{FilePath, FilesDigest, ModuleDigest, ModuleFile, Shake256Digest, Snapshot};

/// The digest over the files of a module alone.
///
/// It is the hash of the manifest: per file, in the byte order of the paths, the line
/// `shake256:<hash of the content>`, two spaces, the path, a line feed.
#[must_use]
pub fn files_digest(snapshot: &Snapshot) -> FilesDigest {
    manifest(&snapshot.files().iter().collect::<Vec<_>>())
}

/// The b4 digest, by which v1 lock files pin commits: the same over the files and, where a mirrored commit has them,
/// its `buf.yaml` and `buf.lock`.
#[must_use]
pub fn b4_digest(snapshot: &Snapshot) -> FilesDigest {
    let mut files: Vec<_> = snapshot.files().iter().chain(snapshot.v1_files()).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    manifest(&files)
}

fn manifest(files: &[&ModuleFile]) -> FilesDigest {
    let contents: Vec<_> = files.par_iter().map(|file| content_digest(&file.content)).collect();
    listed_files_digest(files.iter().map(|file| &file.path).zip(contents))
}

/// The digest of the content of one file, as it stands in a manifest.
#[must_use]
pub fn content_digest(content: &[u8]) -> Shake256Digest {
    hash(content)
}

/// As [`files_digest`], of files whose contents were hashed before; in the byte order of their paths.
#[must_use]
pub fn listed_files_digest<'a>(files: impl IntoIterator<Item = (&'a FilePath, Shake256Digest)>) -> FilesDigest {
    let mut manifest = Shake256::default();
    for (path, content) in files {
        manifest.update(format!("{}  {path}\n", FilesDigest(content)).as_bytes());
    }
    FilesDigest(finish(manifest))
}

/// The B5 digest of a module with these files and `dependencies`, the digests of all direct and transitive ones.
///
/// It is the hash of the digests' texts, one per line: the files first, then the dependencies in the order of their
/// texts. There is no line feed at the end. A dependency given twice counts once.
#[must_use]
pub fn module_digest(files: FilesDigest, dependencies: &[ModuleDigest]) -> ModuleDigest {
    let mut sorted = dependencies.to_vec();
    // Hex digits sort as the bytes that they stand for, so this is the order of the texts.
    sorted.sort();
    sorted.dedup();
    let mut preimage = files.to_string();
    for dependency in sorted {
        preimage.push('\n');
        preimage.push_str(&dependency.to_string());
    }
    ModuleDigest(hash(preimage.as_bytes()))
}

fn hash(content: &[u8]) -> Shake256Digest {
    let mut hasher = Shake256::default();
    hasher.update(content);
    finish(hasher)
}

fn finish(hasher: Shake256) -> Shake256Digest {
    let mut digest = [0; 64];
    hasher.finalize_xof().read(&mut digest);
    Shake256Digest::from_bytes(digest)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::model::Limits;

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        let file = |(path, content): &(&str, &str)| ModuleFile {
            path: path.parse().unwrap(),
            content: Bytes::copy_from_slice(content.as_bytes()),
        };
        Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap()
    }

    fn b5(text: &str) -> ModuleDigest {
        text.parse().unwrap()
    }

    const COMMON: &[(&str, &str)] = &[
        ("README.md", "root readme\n"),
        (
            "google_like/v1/money.proto",
            "syntax = \"proto3\";\npackage google_like.v1;\nmessage Money { int64 units = 1; }\n",
        ),
    ];

    const PETS: &[(&str, &str)] = &[
        ("LICENSE", "Lic\n"),
        ("README.md", "# Pets\n"),
        (
            "acme/pets/v1/pets.proto",
            "syntax = \"proto3\";
package acme.pets.v1;
import \"google_like/v1/money.proto\";
import \"google/protobuf/timestamp.proto\";
message Pet { string name = 1; google_like.v1.Money price = 2; google.protobuf.Timestamp born = 3; }
service PetService { rpc GetPet(GetPetRequest) returns (GetPetResponse); }
message GetPetRequest {}
message GetPetResponse { Pet pet = 1; }
",
        ),
    ];

    const SHOP: &[(&str, &str)] = &[(
        "shop/v1/shop.proto",
        "syntax = \"proto3\";
package shop.v1;
import \"acme/pets/v1/pets.proto\";
message Shop { repeated acme.pets.v1.Pet pets = 1; }
",
    )];

    const COMMON_B5: &str = "b5:8c8a3f76eba4ea66eb7e5f395c54af15dfc4968d6cb95590b6fdc849b7470f7ce88c86bfba3acce62fe6e9660efad41861d7f95a3802e70baef15469258f3ce0";
    const PETS_B5: &str = "b5:a4449af98a0def8a77a4415a7d1f758dd572d87e1262887c1ae949427680c07a4994258e8e6d8d8f01f5f89f03b9bcf2ffdb94a75cc8cce67859aedd8781da2e";
    const SHOP_B5: &str = "b5:74761b255766c26d3a9d523c65be106c2af4add752f54417f94c4d0d0260547f75526e3dc7dad9d35e4ac388cb7ee018ec8d464653b58be129c35cec57ccb31a";

    #[test]
    fn the_files_of_three_modules_have_the_digests_that_buf_computes() {
        assert_eq!(
            files_digest(&snapshot(COMMON)).to_string(),
            "shake256:17e9f82e4678adf291b90dbea4d84b95166acb20d35d5f84f2167aa008affa1b9729c3824610f7dc625632a0d834116e2358ebd8388b6cb171027c9c27a98670"
        );
        assert_eq!(
            files_digest(&snapshot(PETS)).to_string(),
            "shake256:952772ecbd944a5a534c3eab48bd7edd552879ed9e0786b726ef758667f4dedfb499374cd4a7a5a4b03a238bbe27203f213dce0a62318a22c6e486ab986df664"
        );
        assert_eq!(
            files_digest(&snapshot(SHOP)).to_string(),
            "shake256:1cd69d8a1ed3178173d1f197b8de95ccfa6873c362f803954da2690d90f5104071028c16a26bce32e06cf581e74f5784e8eb183c8faceb642b2f68f3131229dc"
        );
    }

    #[test]
    fn a_module_digest_covers_all_dependencies_in_any_order() {
        let common = module_digest(files_digest(&snapshot(COMMON)), &[]);
        assert_eq!(common.to_string(), COMMON_B5);
        let pets = module_digest(files_digest(&snapshot(PETS)), &[common]);
        assert_eq!(pets.to_string(), PETS_B5);
        let shop = files_digest(&snapshot(SHOP));
        assert_eq!(module_digest(shop, &[common, pets]).to_string(), SHOP_B5);
        assert_eq!(module_digest(shop, &[pets, common, pets]), b5(SHOP_B5));
    }

    #[test]
    fn the_manifest_is_in_the_byte_order_of_paths() {
        let order = [
            "A.proto",
            "B/z.proto",
            "_u.proto",
            "a-b.proto",
            "a.b.proto",
            "a/ x y.proto",
            "a/x-y.proto",
            "a/x.proto",
            "z~.proto",
            "é.proto",
        ];
        let mut manifest = String::new();
        let mut files = Vec::new();
        for path in order {
            manifest.push_str(&format!("shake256:{}  {path}\n", hash(path.as_bytes()).to_hex()));
            files.insert(0, (path, path));
        }
        assert_eq!(files_digest(&snapshot(&files)).0, hash(manifest.as_bytes()));
    }

    #[test]
    fn the_hash_is_shake256_with_64_bytes() {
        assert!(hash(b"").to_hex().starts_with("46b9dd2b0ba88d13"));
        let common = COMMON[1].1;
        assert_eq!(
            hash(common.as_bytes()).to_hex(),
            "364121a7cc47420a9e3c84b16895555db389e766dc7df263275037d274ab3538049369f1d31332237502c103d782cff0bb89a85025586f60aec81a758c59b7a1"
        );
    }
}
