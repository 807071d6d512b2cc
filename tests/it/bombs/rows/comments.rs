//! What is between tokens: comments and white space.

use super::super::row::Shape::{Deep, Long, Repeated, Wide};
use super::super::row::{DECLARATIONS, Row, TEXT, each, number};

fn before(comments: String) -> String {
    format!("syntax = \"proto3\";\n\n{comments}\nmessage M {{}}\n")
}

pub(super) fn rows() -> Vec<Row> {
    let field = |at: usize| format!("M f{at} = {};", number(at));
    vec![
        Row::new("lines of one comment", Long, TEXT, 50_000, |count| before("// x\n".repeat(count))),
        Row::new("lines of one comment, too many", Long, TEXT, 100_000, |count| before("// xyz\n".repeat(count)))
            .refused("lines; at most 50000 are supported"),
        Row::new("comments apart", Repeated, TEXT, 9_999, |count| before("// x\n\n".repeat(count))),
        Row::new("comments apart, too many", Repeated, TEXT, 50_000, |count| before("// x\n\n".repeat(count)))
            .refused("comments stand before this; at most 10000 are supported"),
        Row::new("comments in blocks", Repeated, TEXT, 9_999, |count| before("/**/".repeat(count))),
        Row::new("a comment in one block", Long, TEXT, 1_000_000, |count| before(format!("/*{}*/", "x".repeat(count)))),
        Row::new("lines of a block", Long, TEXT, 49_999, |count| before(format!("/*{}*/", " * x\n".repeat(count)))),
        Row::new("a block beyond ASCII", Long, TEXT, 500_000, |count| before(format!("/*{}*/", "é".repeat(count)))),
        Row::new("a line beyond ASCII", Long, TEXT, 500_000, |count| before(format!("//{}\n", "é".repeat(count)))),
        Row::new("blocks in each other", Deep, DECLARATIONS, 50_000, |count| {
            before(format!("{}*/", "/* ".repeat(count)))
        }),
        Row::new("a block that does not end", Long, TEXT, 1_000_000, |count| {
            before(format!("/*{}", "x".repeat(count)))
        })
        .refused("unterminated block comment"),
        Row::new("comments of a shell", Repeated, DECLARATIONS, 50_000, |count| before("# x\n".repeat(count)))
            .refused("but found '#'"),
        Row::new("comments before fields", Wide, DECLARATIONS, 10_000, move |count| {
            format!(
                "syntax = \"proto3\"; message M {{\n{} }}",
                each(count, |at| format!("// apart\n\n// x\n{}\n", field(at)))
            )
        }),
        Row::new("comments behind fields", Wide, DECLARATIONS, 10_000, move |count| {
            format!("syntax = \"proto3\"; message M {{\n{} }}", each(count, |at| format!("{} // x\n", field(at))))
        }),
        Row::new("comments inside a field", Repeated, TEXT, 100_000, |count| {
            format!("syntax = \"proto3\"; message M {{ M {} a = 1; }}", "/* x */".repeat(count))
        }),
        Row::new("spaces", Repeated, TEXT, 1_000_000, |count| before(" ".repeat(count))),
        Row::new("tabs", Repeated, TEXT, 1_000_000, |count| before("\t".repeat(count))),
        Row::new("ends of lines", Repeated, TEXT, 1_000_000, |count| before("\n".repeat(count))),
        Row::new("ends of lines of another system", Repeated, TEXT, 500_000, |count| before("\r\n".repeat(count))),
        Row::new("statements that are none", Repeated, DECLARATIONS, 500_000, |count| {
            format!("syntax = \"proto3\"; {} message M {{ {} }}", ";".repeat(count), ";".repeat(count))
        }),
    ]
}
