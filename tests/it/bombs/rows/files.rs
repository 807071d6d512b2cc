//! Many files, and their imports.

use super::super::row::Shape::{Deep, Long, Product, Repeated, Wide};
use super::super::row::{Cost, Files, Row, TEXT, each, number};

/// A file of a few bytes is a file all the same: read, hashed, stored, compiled.
const FILES: Cost = Cost { memory: 600, micros: 50 };

fn files(count: usize, text: impl Fn(usize) -> String) -> Files {
    (0..count).map(|at| (format!("f{at}.proto"), format!("syntax = \"proto3\"; {}", text(at)))).collect()
}

/// `files`, and one more that comes last.
fn with(mut files: Files, last: String) -> Files {
    files.push(("z.proto".into(), last));
    files
}

fn import(kind: &str, at: usize) -> String {
    if at == 0 { String::new() } else { format!("import {kind} \"f{}.proto\";", at - 1) }
}

pub(super) fn rows() -> Vec<Row> {
    let many = "public imports let files see more than the limit of 1000000 others in all";
    vec![
        Row::of_files("files", Wide, FILES, 2_000, |count| files(count, |at| format!("message M{at} {{}}"))),
        Row::of_files("files of one long package", Wide, FILES, 1_000, |count| {
            let package = vec!["abcdefgh"; 56].join(".");
            files(count, move |at| format!("package {package}; message M{at} {{}}"))
        }),
        Row::of_files("a chain of imports", Deep, FILES, 3_000, |count| files(count, |at| import("", at))),
        Row::of_files("weak imports", Wide, FILES, 1_000, |count| {
            with(
                files(count, |at| import("weak", at)),
                format!("syntax = \"proto3\"; {}", each(count, |at| import("weak", at))),
            )
        }),
        Row::of_files("imports of one file", Wide, FILES, 2_000, |count| {
            let all = each(count, |at| format!("import \"f{at}.proto\";"));
            with(files(count, |_| String::new()), format!("syntax = \"proto3\"; {all}"))
        }),
        Row::of_files("imports for options", Wide, FILES, 1_000, |count| {
            let all = each(count, |at| format!("import option \"f{at}.proto\";"));
            with(files(count, |_| String::new()), format!("edition = \"2024\"; {all}"))
        }),
        Row::of_files("imports that meet again and again", Product, FILES, 120, |count| {
            files(count, |at| {
                let below = (at - at % 2).saturating_sub(2);
                let both = format!("import public \"f{below}.proto\"; import public \"f{}.proto\";", below + 1);
                if at < 2 { String::new() } else { both }
            })
        }),
        Row::of_files("a chain of public imports", Deep, FILES, 3_000, |count| files(count, |at| import("public", at)))
            .refused(many),
        Row::of_files("public imports of all files before", Product, FILES, 700, |count| {
            files(count, |at| each(at.min(200), |back| format!("import public \"f{}.proto\";", at - 1 - back)))
        })
        .refused(many),
        Row::of_files("a circle", Deep, FILES, 2_000, |count| files(count, move |at| import("", (at + 1) % count + 1)))
            .refused("files import each other in a circle"),
        Row::of_files("circles", Product, FILES, 150, |count| {
            files(count, move |_| each(count, |at| format!("import \"f{at}.proto\";")))
        })
        .refused("files import each other in a circle"),
        Row::of_files("the same import", Repeated, FILES, 10_000, |count| {
            with(files(1, |_| String::new()), format!("syntax = \"proto3\"; {}", "import \"f0.proto\";".repeat(count)))
        })
        .refused("import \"f0.proto\" is there twice"),
        Row::new("imports that lead nowhere", Wide, FILES, 10_000, |count| {
            each(count, |at| format!("import \"x{at}.proto\";"))
        })
        .refused("import \"x0.proto\" was not found"),
        Row::new("the path of an import", Long, TEXT, 1_000_000, |count| format!("import \"{}\";", "x".repeat(count)))
            .refused("was not found in this module"),
        Row::of_files("long paths of imports", Long, TEXT, 200, |count| {
            let path = |at: usize| format!("{}/f{at}.proto", vec!["d".repeat(200); 15].join("/"));
            let text = |at: usize| if at == 0 { String::new() } else { format!("import \"{}\";", path(at - 1)) };
            (0..count).map(|at| (path(at), format!("syntax = \"proto3\"; {}", text(at)))).collect()
        }),
        Row::of_files("imports times references to what is not imported", Product, FILES, 1_500, |count| {
            let mut all = files(count, |at| format!("package a{at}.b;"));
            all.push(("q.proto".into(), "syntax = \"proto3\"; package p.q; message M {}".into()));
            let imports = each(count, |at| format!("import \"f{at}.proto\";"));
            let fields = each(4 * count, |at| format!("p.q.M f{at} = {};", number(at)));
            with(all, format!("syntax = \"proto3\"; {imports} message Z {{ {fields} }}"))
        })
        .refused("which is not imported by 'z.proto'"),
        Row::of_files("imports for options times references", Product, FILES, 1_500, |count| {
            let mut all = files(count, |at| format!("package a{at}.b;"));
            all.push(("q.proto".into(), "edition = \"2024\"; package p.q; message M {}".into()));
            let imports = each(count, |at| format!("import option \"f{at}.proto\";"));
            let fields = each(4 * count, |at| format!("p.q.M f{at} = {};", number(at)));
            with(all, format!("edition = \"2024\"; import \"q.proto\"; {imports} message Z {{ {fields} }}"))
        }),
    ]
}
