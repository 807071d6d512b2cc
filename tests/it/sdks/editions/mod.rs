//! Modules of editions 2023 and 2024: the descriptors are those of the real `buf`, and every plugin makes crates that
//! build and run, and that read and write the same bytes.

mod descriptors;
mod same_bytes;
mod sdks;
mod verdicts;

use crate::support::{Buf, Registry};

/// Edition 2023: presence of every kind, a closed enum, groups in all but name, extensions, and a service.
const PETS: &str = r#"// What a file says of itself.
edition = "2023";

package acme.pets.v1;

import "google/protobuf/timestamp.proto";

option features.enum_type = OPEN;

// A pet.
message Pet {
  // Has presence.
  string name = 1;
  int32 legs = 2 [features.field_presence = IMPLICIT]; // Has none.
  Kind kind = 3;
  Pet mother = 4 [features.message_encoding = DELIMITED];
  repeated int32 ratings = 5 [features.repeated_field_encoding = EXPANDED];
  map<string, Pet> friends = 6;
  google.protobuf.Timestamp born = 7;
  oneof home {
    string house = 8;
    .acme.pets.v1.Pet host = 9;
  }
  bytes chip = 10 [default = "\001"];

  extensions 100 to 199;
  extensions 250 [verification = UNVERIFIED];
  reserved 20, 30 to 39;
  reserved colour, to;

  // Taken by whom it wants.
  message Mood {
    bool good = 1 [features = { field_presence: LEGACY_REQUIRED }];
  }
  Mood mood = 11;
}

extend Pet {
  Mood.Level level = 100;
  repeated string tags = 101;
}

message Mood {
  enum Level {
    option features.enum_type = CLOSED;
    LEVEL_LOW = 1;
    LEVEL_HIGH = 2;
    reserved LEVEL_MIDDLE;
  }
}

enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_DOG = 1 [deprecated = true];
}

service PetService {
  rpc GetPet(GetPetRequest) returns (Pet) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

message GetPetRequest { string name = 1; }
"#;

/// Edition 2024: types that stay in their file, options that only an `import option` brings.
const SHOP: &str = r#"edition = "2024";

package acme.shop.v1;

import "acme/pets/v1/pets.proto";
import option "acme/shop/v1/notes.proto";

option (note) = "a shop";

// Sells.
export message Shop {
  repeated acme.pets.v1.Pet pets = 1;
  Stock stock = 2 [(weight) = -inf];
  local enum State { STATE_UNSPECIFIED = 0; STATE_OPEN = 1; }
  State state = 3;
}

local message Stock {
  uint32 count = 1;
  message Shelf {}
  export message Box { Shelf shelf = 1; }
}
"#;

const NOTES: &str = r#"edition = "2024";

package acme.shop.v1;

import "google/protobuf/descriptor.proto";

extend google.protobuf.FileOptions { string note = 50000; }
extend google.protobuf.FieldOptions { double weight = 50000; }
"#;

/// Both modules in one directory each, `pets` and `shop`.
fn sources(registry: &Registry) -> Buf {
    Buf::new(registry)
        .acme()
        .module("acme/pets", &[])
        .file("pets/acme/pets/v1/pets.proto", PETS)
        .module("acme/shop", &["acme/pets"])
        .file("shop/acme/shop/v1/shop.proto", SHOP)
        .file("shop/acme/shop/v1/notes.proto", NOTES)
}
