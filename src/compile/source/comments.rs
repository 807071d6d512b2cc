//! Comments between two tokens, and to which of the two they belong: as `buf` attributes them.
//!
//! Comments come in paragraphs: a block comment is one, and so are lines of `//` that follow each other. The first
//! paragraph may trail the token before it, the last may lead the token after it, and those in between are detached.

/// The comments between two tokens.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::compile) struct GapComments {
    /// Belongs to the token before.
    pub(in crate::compile) trailing: Option<String>,
    /// Stand before the next token, apart from it.
    pub(in crate::compile) detached: Vec<String>,
    /// Belongs to the next token.
    pub(in crate::compile) leading: Option<String>,
}

/// What stands around the comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) struct Around {
    /// A token stands before them: they do not begin the source.
    pub(in crate::compile) has_previous: bool,
    /// The token before them opens a parenthesis, bracket or brace.
    pub(in crate::compile) opens: bool,
    /// The token after them closes a parenthesis, bracket or brace.
    pub(in crate::compile) closes: bool,
}

/// Attributes the comments in `gap`, the whole text between two tokens.
pub(in crate::compile) fn attribute(gap: &str, around: Around) -> GapComments {
    if !gap.contains('/') {
        return GapComments::default();
    }
    let gap = &Gap::new(gap);
    let paragraphs = paragraphs(gap, around.has_previous);
    let mut rest = &paragraphs[..];
    let mut comments = GapComments::default();
    if let [first, others @ ..] = rest
        && around.has_previous
        && trails(gap, first, !others.is_empty(), around.closes)
    {
        comments.trailing = Some(first.text(gap));
        rest = others;
    }
    if let [others @ .., last] = rest
        && last.lines_behind(gap) == 1
    {
        comments.leading = Some(last.text(gap));
        rest = others;
    }
    let first = rest.iter().position(|paragraph| stands_apart(gap, paragraph, around));
    let detached = first.and_then(|first| rest.get(first..)).unwrap_or_default();
    comments.detached = detached.iter().map(|paragraph| paragraph.text(gap)).collect();
    // A comment that says nothing is none.
    comments.trailing = comments.trailing.filter(|text| !text.is_empty());
    comments.leading = comments.leading.filter(|text| !text.is_empty());
    comments
}

/// The text between two tokens. Its lines are counted for each of its comments, so they are found once.
struct Gap<'a> {
    text: &'a str,
    line_ends: Vec<usize>,
}

impl<'a> Gap<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, line_ends: text.match_indices('\n').map(|(offset, _)| offset).collect() }
    }

    /// How many lines end between two offsets.
    fn lines(&self, from: usize, to: usize) -> usize {
        let before = |offset: usize| self.line_ends.partition_point(|end| *end < offset);
        before(to).saturating_sub(before(from))
    }
}

/// Whether the first paragraph belongs to the token before.
fn trails(gap: &Gap<'_>, first: &Paragraph, has_others: bool, closes: bool) -> bool {
    if first.is_on_the_line_of_the_token {
        return true;
    }
    gap.lines(0, first.start) < 2 && (has_others || closes || first.lines_behind(gap) > 1)
}

/// Whether an empty line stands somewhere between `paragraph` and each of the two tokens, or nothing comes before it.
fn stands_apart(gap: &Gap<'_>, paragraph: &Paragraph, around: Around) -> bool {
    let is_first = !around.has_previous || around.opens;
    (is_first || gap.lines(0, paragraph.start) >= 2) && paragraph.lines_behind(gap) >= 2
}

/// Comments that belong together.
#[derive(Debug)]
struct Paragraph {
    start: usize,
    /// The end of the last comment, without the end of its line.
    comment_end: usize,
    /// The offsets of its comments.
    comments: Vec<(usize, usize)>,
    /// It is a comment to the end of the line of the token before.
    is_on_the_line_of_the_token: bool,
}

impl Paragraph {
    /// How many lines end between it and the next token.
    fn lines_behind(&self, gap: &Gap<'_>) -> usize {
        gap.lines(self.comment_end, gap.text.len())
    }

    fn text(&self, gap: &Gap<'_>) -> String {
        let gap = gap.text;
        let mut text = String::new();
        for (start, end) in &self.comments {
            let comment = gap.get(*start..*end).unwrap_or_default();
            if let Some(line) = comment.strip_prefix("//") {
                text.push_str(line);
                if !self.is_on_the_line_of_the_token && gap.get(*end..).is_some_and(|rest| rest.starts_with('\n')) {
                    text.push('\n');
                }
            } else {
                push_block(comment, &mut text);
            }
        }
        text
    }
}

/// Appends the text of a block comment, without the asterisks that begin its lines.
fn push_block(comment: &str, text: &mut String) {
    let inside = comment.strip_prefix("/*").and_then(|inside| inside.strip_suffix("*/")).unwrap_or_default();
    for (number, line) in inside.split_inclusive('\n').enumerate() {
        if number == 0 {
            text.push_str(line);
        } else {
            let line = line.trim_start_matches(|first: char| first != '\n' && first.is_whitespace());
            text.push_str(line.strip_prefix('*').unwrap_or(line));
        }
    }
}

fn paragraphs(gap: &Gap<'_>, has_previous: bool) -> Vec<Paragraph> {
    let text = gap.text;
    let mut found: Vec<Paragraph> = Vec::new();
    // A line comment goes on in the next line, if nothing else stands there.
    let mut is_open = false;
    let first_line = text.find('\n').unwrap_or(text.len());
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('/')).map(|offset| at + offset) {
        let is_line = text.get(start..).is_some_and(|rest| rest.starts_with("//"));
        let terminator = if is_line { "\n" } else { "*/" };
        let inside = text.get(start + 2..).unwrap_or_default();
        let length = inside.find(terminator).map_or(inside.len(), |end| if is_line { end } else { end + 2 });
        let end = start + 2 + length;
        let same = found.last_mut().filter(|last| is_open && is_line && gap.lines(last.comment_end, start) == 1);
        if let Some(paragraph) = same {
            paragraph.comments.push((start, end));
            paragraph.comment_end = end;
        } else {
            let is_on_the_line_of_the_token = is_line && has_previous && start < first_line;
            is_open = is_line && !is_on_the_line_of_the_token;
            found.push(Paragraph {
                start,
                comment_end: end,
                comments: vec![(start, end)],
                is_on_the_line_of_the_token,
            });
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const BETWEEN: Around = Around { has_previous: true, opens: false, closes: false };

    fn attributed(gap: &str, around: Around) -> (Option<String>, Vec<String>, Option<String>) {
        let comments = attribute(gap, around);
        (comments.trailing, comments.detached, comments.leading)
    }

    #[test]
    fn paragraphs_are_attributed_as_buf_does() {
        let some = |text: &str| Some(text.to_owned());
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (gap, expected) in [
            (" // t\n", (some(" t"), vec![], None)),
            (" // t\n // l\n", (some(" t"), vec![], some(" l\n"))),
            ("\n// a\n  // b\n", (None, vec![], some(" a\n b\n"))),
            ("\n// t\n\n// l\n", (some(" t\n"), vec![], some(" l\n"))),
            ("\n\n// d\n\n// l\n", (None, all(&[" d\n"]), some(" l\n"))),
            ("\n\n// d\n\n", (None, all(&[" d\n"]), None)),
            ("\n// t\n\n", (some(" t\n"), vec![], None)),
            (" /* l */\n", (None, vec![], some(" l "))),
            (" /* dropped */ ", (None, vec![], None)),
            (" /* t */ // dropped\n\n", (some(" t "), vec![], None)),
            ("\n/* a\n\t * b\n\n   c */\n", (None, vec![], some(" a\n b\n\nc "))),
            (" //\n", (None, vec![], None)),
            ("\n// t\n/* d */\n/* e */\n// l\n", (some(" t\n"), all(&[" d ", " e "]), some(" l\n"))),
        ] {
            assert_eq!(attributed(gap, BETWEEN), expected, "{gap:?}");
        }
        for gap in [" // t\n // d\n\n", " /* t */\n // d\n\n"] {
            assert_eq!(attributed(gap, BETWEEN).1, [""; 0]);
            assert_eq!(attributed(gap, Around { opens: true, ..BETWEEN }).1, [" d\n"]);
        }
        assert_eq!(attributed("\n// t\n", Around { closes: true, ..BETWEEN }), (some(" t\n"), vec![], None));
        assert_eq!(
            attributed("// d\n\n// l\n", Around { has_previous: false, ..BETWEEN }),
            (None, all(&[" d\n"]), some(" l\n"))
        );
    }
}
