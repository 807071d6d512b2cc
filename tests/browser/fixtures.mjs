// The module that the walks push, in the states in which they need it.

import { call, createModule, createOwner, push } from "./support.mjs";

const README = `# Zoo

Animals, their keepers, and *how to find them*; see [the map](https://example.com/map).

| gate | opens |
|------|-------|
| east | 9:00  |

    registry push ./proto --module acme/zoo

\`\`\`toml
[dependencies] # of the keeper's program
zoo = { package = "acme_zoo_community_neoeinstein-prost", version = "0.5.0-0", registry = "buf" }
\`\`\`

\`\`\`rust
/// Finds the animals that are awake.
#[must_use]
pub fn awake<'a>(animals: &'a [Animal]) -> Option<&'a Animal> {
    animals.iter().find(|animal| animal.kind != 0 && animal.name == "Otto")
}
\`\`\`
`;

/** The sources of acme/zoo; \`more\` is put into its main message. */
export function zoo(more = "") {
  return `syntax = "proto3";

// Animals of all kinds, and how to find them.
package acme.zoo.v1;

import "google/protobuf/descriptor.proto";
import "google/protobuf/timestamp.proto";

extend google.protobuf.FieldOptions {
  // Who answers questions about a field.
  string team = 50001;
}

// Looks after animals.
service ZooService {
  // Finds an animal by its name.
  rpc GetAnimal(GetAnimalRequest) returns (GetAnimalResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc WatchAnimals(GetAnimalRequest) returns (stream Animal);
}

message GetAnimalRequest {
  string name = 1;
}

message GetAnimalResponse {
  Animal animal = 1;
}

// An animal as the zoo knows it.
message Animal {
  // Unique, and never given to another one.
  string name = 1 [(team) = "keepers"];
  Kind kind = 2;
  map<string, int64> visits = 3;
  google.protobuf.Timestamp born = 4;
  // Where it sleeps.
  oneof home {
    string cage = 5;
    Pool pool = 6;
  }
  optional int32 type = 7 [deprecated = true];
  ${more}
  message Pool {
    double depth = 1;
  }
}

enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_CAT = 1;
}
`;
}

/** Sources of which tonic makes nothing: no function can be called \`_\`. */
export const BROKEN = `syntax = "proto3";
package acme.broken.v1;
message Order {}
service Shop {
  rpc _(Order) returns (Order);
}
`;

/** What builds on acme/zoo. */
const TOURS = `syntax = "proto3";
package acme.tours.v1;
import "acme/zoo/v1/zoo.proto";
message Tour {
  acme.zoo.v1.Animal first = 1;
}
`;

/** A package that is too large for one page. */
export function large(count) {
  const message = (at) => `// Number ${at} of many.\nmessage Message${at} {\n  string name = 1;\n  Message0 first = 2;\n}\n`;
  return `syntax = "proto3";\npackage acme.large.v1;\n${Array.from({ length: count }, (_, at) => message(at)).join("")}`;
}

/** A source that is too long to be shown at once. */
function long(count) {
  const value = (at) => `  // Number ${at} of many, with a comment that is as long as people write them.\n  LONG_VALUE_${at} = ${at};\n`;
  return `syntax = "proto3";\npackage acme.long.v1;\nenum Long {\n${Array.from({ length: count }, (_, at) => value(at)).join("")}}\n`;
}

/** Three packages, of which the first needs the second. */
export const MANY = {
  "a.proto": `syntax = "proto3";\npackage acme.a;\nimport "b.proto";\nmessage A {\n  acme.b.B b = 1;\n}\n`,
  "b.proto": `syntax = "proto3";\npackage acme.b;\nmessage B {}\n`,
  "c.proto": `syntax = "proto3";\npackage acme.c;\nmessage C {}\n`,
};

/** What acme/zoo asks of its crates. */
const WISHES = "version: v1\nbtree_map: [.acme.zoo.v1.Animal.visits]\n";

/** acme/zoo with two releases, a label and a webhook that is not delivered, acme/tours, which builds on it, acme/broken, whose tonic SDK fails, acme/large, and acme/many of many packages. */
export async function everything() {
  await createOwner("acme");
  await createModule("acme/zoo", { description: "Animals and where they live", url: "https://example.com/zoo" });
  const scope = { owner: "acme", module: "zoo" };
  await call("registry.v1.WebhookService/CreateWebhook", { scope, url: "https://localhost:1/hook" });
  await push("acme/zoo", { "README.md": README, "acme/zoo/v1/zoo.proto": zoo("string diet = 8;") });
  const released = await push("acme/zoo", { "README.md": README, "acme/zoo/v1/zoo.proto": zoo("int64 diet = 8; reserved 9, 11 to 20;"), "registry.yaml": WISHES }, { source: "https://example.com/zoo/commit/1" });
  await push("acme/zoo", { "README.md": README, "acme/zoo/v1/zoo.proto": zoo("string colour = 9;") }, { label: "feature/colour" });
  await createModule("acme/tours");
  await push("acme/tours", { "tours.proto": TOURS }, { needs: [released] });
  await createModule("acme/broken");
  await push("acme/broken", { "broken.proto": BROKEN });
  await createModule("acme/large");
  await push("acme/large", { "large.proto": large(400), "long.proto": long(3_000) });
  await createModule("acme/many");
  await push("acme/many", MANY);
  await createModule("acme/empty");
}
