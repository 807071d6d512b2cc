//! Names in a crate that files decide which the module behind another crate does not import.

use crate::support::{Consumer, Module, Registry};

const EAGER: &str =
    "community/neoeinstein-prost,community/neoeinstein-tonic,local/prost-serde,anthropics/buffa,connectrpc/rust";

/// `lib.v1.Cluster` beside the package `lib.v1.cluster`, `lib.v1.Foo_Bar` beside `lib.v1.FooBar` of a file before it.
const CLUSTER: &str = "syntax = \"proto3\";
package lib.v1;
message Cluster { message Kind {} enum Mode { MODE_UNSPECIFIED = 0; } Kind kind = 1; Mode mode = 2; }
message Foo_Bar { message In { string text = 1; } In in = 1; }
";

const APP: &str = "syntax = \"proto3\";
package app.v1;
import \"v1/cluster.proto\";
message M {
  lib.v1.Cluster cluster = 1;
  repeated lib.v1.Cluster.Kind kinds = 2;
  map<string, lib.v1.Cluster.Mode> modes = 3;
  oneof one { lib.v1.Foo_Bar foo = 4; lib.v1.Foo_Bar.In in = 5; }
}
service S { rpc R(lib.v1.Foo_Bar.In) returns (stream lib.v1.Cluster.Kind); }
";

const LAST: &str = "syntax = \"proto3\";
package last;
import \"app/v1/app.proto\";
import \"v1/cluster.proto\";
message L { app.v1.M m = 1; lib.v1.Foo_Bar foo = 2; lib.v1.Cluster.Mode mode = 3; }
service S { rpc R(lib.v1.Foo_Bar) returns (app.v1.M); }
";

#[test]
fn crates_refer_to_names_that_other_files_of_a_dependency_decide() {
    let registry = Registry::with(|options| _ = options.flag("push-wait", "300").flag("eager-plugins", EAGER));
    let lib = Module::new("acme/lib")
        .file("v1/cluster.proto", CLUSTER)
        .file("v1/a.proto", "syntax = \"proto3\";\npackage lib.v1;\nmessage FooBar { string name = 1; }\n")
        .file("v1/cluster/x.proto", "syntax = \"proto3\";\npackage lib.v1.cluster;\nmessage X { string name = 1; }\n");
    let yaml = |name: &str, deps: &str| format!("version: v1\nname: localhost/{name}\ndeps: [{deps}]\n");
    let app =
        Module::new("acme/app").file("buf.yaml", yaml("acme/app", "localhost/acme/lib")).file("app/v1/app.proto", APP);
    let last = Module::new("acme/last")
        .file("buf.yaml", yaml("acme/last", "localhost/acme/app, localhost/acme/lib"))
        .file("last.proto", LAST);
    let consumer = Consumer::new(&registry);
    for module in [&lib, &app, &last] {
        for sdk in module.push(&registry).sdks {
            assert_eq!(sdk.state, "served", "{sdk:?}");
            consumer.add(&sdk.name);
        }
    }
    consumer.build();
}
