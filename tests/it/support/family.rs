//! Three modules for `buf` that depend on each other: common, pets, which imports common, and shop, which imports pets.
//! The digests of their first commits are known from elsewhere (`DIGESTS`).

use super::buf::Buf;

/// B5 digests of common, pets and shop, computed by hand from these sources.
pub(crate) const DIGESTS: [&str; 3] = [
    "b5:8c8a3f76eba4ea66eb7e5f395c54af15dfc4968d6cb95590b6fdc849b7470f7ce88c86bfba3acce62fe6e9660efad41861d7f95a3802e70baef15469258f3ce0",
    "b5:a4449af98a0def8a77a4415a7d1f758dd572d87e1262887c1ae949427680c07a4994258e8e6d8d8f01f5f89f03b9bcf2ffdb94a75cc8cce67859aedd8781da2e",
    "b5:74761b255766c26d3a9d523c65be106c2af4add752f54417f94c4d0d0260547f75526e3dc7dad9d35e4ac388cb7ee018ec8d464653b58be129c35cec57ccb31a",
];

/// The source of common.
pub(crate) const MONEY: &str = "syntax = \"proto3\";\npackage google_like.v1;\nmessage Money { int64 units = 1; }\n";

const PETS: &str = r#"syntax = "proto3";
package acme.pets.v1;
import "google_like/v1/money.proto";
import "google/protobuf/timestamp.proto";
message Pet { string name = 1; google_like.v1.Money price = 2; google.protobuf.Timestamp born = 3; }
service PetService { rpc GetPet(GetPetRequest) returns (GetPetResponse); }
message GetPetRequest {}
message GetPetResponse { Pet pet = 1; }
"#;

const SHOP: &str = r#"syntax = "proto3";
package shop.v1;
import "acme/pets/v1/pets.proto";
message Shop { repeated acme.pets.v1.Pet pets = 1; }
"#;

impl Buf {
    /// Creates the organization `acme`.
    pub(crate) fn acme(self) -> Self {
        self.run(["registry", "organization", "create", "HOST/acme"]).ok();
        self
    }

    /// Adds a module in a directory of its last name, with these dependencies in its `buf.yaml`.
    pub(crate) fn module(self, name: &str, dependencies: &[&str]) -> Self {
        let directory = name.split('/').next_back().unwrap();
        let mut yaml = format!("version: v2\nname: HOST/{name}\n");
        if !dependencies.is_empty() {
            yaml.push_str("deps:\n");
        }
        for dependency in dependencies {
            yaml.push_str(&format!("  - HOST/{dependency}\n"));
        }
        self.file(&format!("{directory}/buf.yaml"), &yaml)
    }

    /// Adds the sources of common, in `common/`.
    pub(crate) fn common(self) -> Self {
        self.module("acme/common", &[])
            .file("common/README.md", "root readme\n")
            .file("common/google_like/v1/money.proto", MONEY)
    }

    /// Adds the sources of pets, in `pets/`.
    pub(crate) fn pets(self) -> Self {
        self.module("acme/pets", &["acme/common"])
            .file("pets/LICENSE", "Lic\n")
            .file("pets/README.md", "# Pets\n")
            .file("pets/acme/pets/v1/pets.proto", PETS)
    }

    /// Adds the sources of shop, in `shop/`.
    pub(crate) fn shop(self) -> Self {
        self.module("acme/shop", &["acme/pets"]).file("shop/shop/v1/shop.proto", SHOP)
    }

    /// Updates the `buf.lock` of a directory, pushes it, and returns the commit.
    #[track_caller]
    pub(crate) fn lock_and_push(&self, directory: &str) -> String {
        self.run(["dep", "update", directory]).ok();
        self.push(directory)
    }
}
