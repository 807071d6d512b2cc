//! Markdown as hostile as it gets, and what ordinary texts look like.

use std::time::Duration;

use super::*;

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://evil.example/pixel.png)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<svg/onload=alert(1)>",
    "`` </code><script>x</script> ``",
    "<javascript:alert(1)>",
    "a\n<iframe src=//evil></iframe>\n",
    // Shown as it is written, because it nests too deep or in too long a line.
    ">>>>>>>>>>>>>>>>>>>>>>>> <script>alert(1)</script>",
];

#[test]
fn nothing_hostile_survives() {
    for text in HOSTILE {
        for html in [readme(text).html, comment(text, MAX_COMMENT, &|_| None)] {
            for bad in ["<script", "<img", "<svg", "<iframe", "<a href=\"j", "<a href=\"J", "<a href=\"d"] {
                assert!(!html.contains(bad), "{text} became {html}");
            }
        }
    }
}

#[test]
fn ordinary_texts_look_as_meant() {
    assert_eq!(readme("# Pets\n\nSee [docs](https://example.com).").html.matches("<h2>Pets</h2>").count(), 1);
    assert!(readme("a | b\n--|--\n1 | 2").html.contains("<table>"));
    assert!(readme(&format!("a\n\n{}\n\nb", "- ".repeat(200))).html.contains("<hr>"));
    let quoted = readme(&format!("{} deep", ">".repeat(MAX_MARKERS))).html;
    assert_eq!(quoted.matches("<blockquote>").count(), MAX_MARKERS);
    let comment = |text| comment(text, MAX_COMMENT, &|_| None);
    assert_eq!(comment("A pet, as sold."), "<p>A pet, as sold.</p>");
    assert!(comment("The `name` of <it>").contains("<code>name</code> of &lt;it&gt;"));
    assert!(comment(" 1 < 2 & 3").contains("1 &lt; 2 &amp; 3"));
}

#[test]
fn code_of_a_known_language_is_marked_and_nothing_else_passes() {
    let html = readme("```toml\na = 1 # <b>\n```\n\n```rust,no_run\nfn f() {}\n```\n\n```x\na = <1>\n```\n").html;
    let expected = "<pre tabindex=\"0\"><code><span class=\"d\">a</span> = <span class=\"m\">1</span> \
        <span class=\"c\"># &lt;b&gt;</span>\n</code></pre>\n<pre tabindex=\"0\"><code><span class=\"k\">fn</span> f() {}\n\
        </code></pre>\n<pre tabindex=\"0\"><code>a = &lt;1&gt;\n</code></pre>\n";
    assert_eq!(html, expected);
    let own = readme("<span class=\"evil\">x</span>\n\n```proto\n\"<span class=evil>\n```").html;
    assert!(!own.contains("<span class=\"evil") && own.contains("&lt;span class=evil&gt;"), "{own}");
    let grows = readme(&format!("```json\n{}\n```", "1,".repeat(1000))).html;
    assert!(!grows.contains("<span") && grows.contains("1,1,1"), "{grows}");
}

#[test]
fn references_lead_to_what_is_known_and_nowhere_else() {
    let known = |name: &str| (name == "a.b.X").then(|| "/a/b#\"X".to_owned());
    let html = comment("See [X][a.b.X], [a.b.X], [`a.b.X`][], [y][a.b.Y], [z] and [k](/k).", MAX_COMMENT, &known);
    let link = "<a href=\"/a/b#%22X\">";
    let expected = format!(
        "<p>See {link}X</a>, {link}a.b.X</a>, [<code>a.b.X</code>][], [y][a.b.Y], [z] and <a href=\"#\">k</a>.</p>\n"
    );
    assert_eq!(html, expected);
}

#[test]
fn an_endless_text_is_cut() {
    let long = readme(&"ä ".repeat(MAX_README));
    assert!(long.cut && long.html.len() < 2 * MAX_README && !readme("short").cut);
    assert!(comment(&"a ".repeat(MAX_COMMENT), MAX_COMMENT, &|_| None).ends_with("<p>…</p>"));
    assert_eq!(comment("some words", 4, &|_| None), "<p>some</p>\n<p>…</p>");
}

#[test]
fn what_nests_deeper_than_people_write_is_shown_as_it_is_written() {
    for deep in [">".repeat(500), "+ ".repeat(500), "1. ".repeat(500), "**a ".repeat(200) + &" b**".repeat(200)] {
        let html = readme(&deep).html;
        assert!(html.starts_with("<pre") && html.matches('<').count() == 4, "{html}");
    }
}

/// A text of about so many bytes.
type Make = Box<dyn Fn(usize) -> String>;

fn repeated(unit: &'static str) -> Make {
    Box::new(move |size| unit.repeat(size / unit.len()))
}

/// One half of `first`, one of `second`.
fn halves(first: &'static str, between: &'static str, second: &'static str) -> Make {
    Box::new(move |size| {
        let half = |unit: &str| unit.repeat(size / 2 / unit.len());
        [&half(first), between, &half(second)].concat()
    })
}

/// Lines that are different, each made from its number.
fn lines(line: fn(usize) -> String) -> Make {
    Box::new(move |size| {
        let mut text = String::new();
        for at in 0.. {
            text.push_str(&line(at));
            text.push('\n');
            if text.len() >= size {
                break;
            }
        }
        text
    })
}

/// Code of a language that is marked, in a block that is never closed.
fn code(unit: &'static str) -> Make {
    Box::new(move |size| format!("```rust\n{}", unit.repeat(size / unit.len())))
}

/// Every construct of the language: repeated, opened and never closed, nested, and in pairs that could meet each other.
fn shapes() -> Vec<(&'static str, Make)> {
    let mut shapes: Vec<(&str, Make)> = REPEATED.iter().map(|unit| (*unit, repeated(unit))).collect();
    shapes.extend(HALVES.iter().map(|(first, between, second)| (*first, halves(first, between, second))));
    shapes.extend([
        ("code of a language", code("a 1 ")),
        ("code of a language, never closed", code("/*\"r#")),
        ("nested items", lines(|at| format!("{}- a", "  ".repeat(at)))),
        ("nested items with tabs", lines(|at| format!("{}- a", "\t".repeat(at)))),
        ("nested items, many in a line", lines(|at| "  ".repeat(at * 15) + &"+ ".repeat(15) + "a")),
        ("nested quotes", lines(|at| ">".repeat(at) + " a")),
        ("growing fences", lines(|at| "`".repeat(at + 3))),
        ("growing code", lines(|at| "`".repeat(at) + "a")),
        ("references", lines(|at| format!("[r{at}]: https://example.com/{at} \"t\""))),
        (
            "long reference, often used",
            Box::new(|size| format!("[r]: https://a.example/{}\n\n{}", "x".repeat(size / 2), "[r]".repeat(size / 6))),
        ),
        (
            "wide table without cells",
            Box::new(|size| {
                let columns = size / 8;
                format!("{}\n{}\n{}", "|a".repeat(columns), "|-".repeat(columns), "|\n".repeat(size / 4))
            }),
        ),
        (
            "table without cells",
            Box::new(|size| format!("{}\n{}\n{}", "|a".repeat(200), "|-".repeat(200), "|a\n".repeat(size / 3))),
        ),
        (
            "deep item, then lines",
            Box::new(|size| {
                let deep: String = (0..20).map(|at| "  ".repeat(at * 15) + &"+ ".repeat(15) + "a\n").collect();
                deep + &"b\n".repeat(size / 2)
            }),
        ),
    ]);
    shapes
}

const REPEATED: &[&str] = &[
    ">",
    "> ",
    "> a\n",
    "> a\nb\n",
    "> a\n\n",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "> - 1. ",
    "- a\n",
    "- a\n\n",
    "- a\n+ b\n",
    "-\n",
    "- a\n\n  b\n\n",
    "- [ ] a\n",
    "[",
    "]",
    "[]",
    "![",
    "[a](",
    "[a](<b",
    "[a](b) ",
    "[![a](b)](c)",
    "[a](b \"",
    "[a](((((",
    "[a]:\n",
    "[a]: b \"\n",
    "[a][b",
    "[a][b]",
    "[\\",
    "*",
    "_",
    "*a ",
    "a* ",
    "_a ",
    "*a_ ",
    "a**b*c* ",
    "***a ** b *",
    "~a ",
    "~~a ",
    "`",
    "`a ",
    "\\``",
    "```\n",
    "```a\n```\n",
    "- ```\n",
    "<",
    "<a ",
    "<a b=\"",
    "<!--",
    "a <!--a-",
    "a <?",
    "a <!A ",
    "a <![CDATA[",
    "<div>",
    "<div>\n\n",
    "<http://a>",
    "<http://a",
    "<a@b",
    "</",
    "</a b",
    "|",
    "|`a\n",
    "a|b\n-|-\n1|2\n\n",
    "a|b\n-|-\n",
    "a|b\n",
    "# a\n",
    "#",
    "# a {",
    "a\n=\n",
    "---\n",
    "- - ",
    "a\n",
    "\n",
    " ",
    "\t",
    "a  \n",
    "    a\n\n",
    "&amp;",
    "&",
    "&#0;",
    "&aaaaaaa",
    "\0",
    "a\r",
    "\\",
    "\"",
    "a",
    "ä ",
];

const HALVES: &[(&str, &str, &str)] = &[
    ("> ", "a\n", "b\n"),
    ("> ", "a\n", "\n"),
    ("- ", "a\n", "b\n"),
    ("+ ", "a\n", "b\n"),
    ("+ ", "a\n", "\n"),
    ("1) ", "a\n", "b\n"),
    ("- > ", "a\n", "b\n"),
    ("[", "a", "]"),
    ("[", "a", "](b)"),
    ("![", "a", "](b)"),
    ("[a](", "b", ")"),
    ("*a", " ", "a*"),
    ("**a ", "b", " b**"),
    ("*a **a ", "b", " b** b*"),
    ("~~a", "b", "b~~"),
    ("<a ", "b", ">"),
    ("a|b\n-|-\n", "\n", "\\|`"),
    ("[r]: x\n", "\n", "[r]"),
    ("`", "a", "`a"),
    ("&", ";", "amp;"),
];

/// CPU that `work` took on this thread, and what came of it; where the system does not say, the time.
fn cpu<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    // The first number is nanoseconds on the processor.
    let spent = || -> Option<u64> {
        std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
    };
    let (started, before) = (std::time::Instant::now(), spent());
    let made = work();
    match before.zip(spent()) {
        Some((before, after)) => (Duration::from_nanos(after - before), made),
        None => (started.elapsed(), made),
    }
}

/// Whether rendering `large` once takes much longer than rendering `small` eight times, which is as much text; the
/// measured times if it does.
///
/// What is quadratic takes eight times as long. Both sides are the same amount of work, so that a coarse clock or a
/// slow machine changes both; it only counts if it is so in every one of five runs.
fn grows_faster_than_text(render: fn(&str) -> String, small: &str, large: &str) -> Option<(Duration, Duration)> {
    let mut worst = None;
    for _ in 0..5 {
        let (eight, _) = cpu(|| (0..8).for_each(|_| drop(render(small))));
        let (one, _) = cpu(|| render(large));
        // Some systems count processor time in ticks of 10 ms.
        if one <= eight * 3 + Duration::from_millis(20) {
            return None;
        }
        worst = Some((eight, one));
    }
    worst
}

#[test]
fn time_and_room_grow_with_the_text_whatever_it_holds() {
    let mut slow = vec![];
    for (name, make) in shapes() {
        for (kind, most, render) in [
            ("README", MAX_README / 4, (|text| readme(text).html) as fn(&str) -> String),
            ("comment", MAX_COMMENT, |text| comment(text, MAX_COMMENT, &|_| None)),
        ] {
            let (small, large) = (make(most / 8), make(most));
            if let Some((eight, one)) = grows_faster_than_text(render, &small, &large) {
                slow.push(format!("{name:?} as {kind}: eight parts take {eight:?}, the whole {one:?}"));
            }
            let html = render(&large);
            // The cleaner says of each link whom not to tell.
            if html.len() > 4096 + 2 * MAX_GROWTH * large.len() {
                slow.push(format!("{name:?} as {kind}: {} bytes, then {}", large.len(), html.len()));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
