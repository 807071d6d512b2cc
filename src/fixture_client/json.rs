//! The JSON of one line: objects, texts, numbers and null, which is all that the program prints there.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Object(BTreeMap<String, Value>),
    /// A number or a word, as written.
    Other(String),
}

impl Value {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The members of the object that `line` is.
pub(crate) fn object(line: &str) -> Option<BTreeMap<String, Value>> {
    let mut rest = line.trim().chars().peekable();
    match value(&mut rest, 2)? {
        Value::Object(members) if rest.next().is_none() => Some(members),
        _ => None,
    }
}

/// One value, which holds objects of so many levels at most.
fn value(rest: &mut Peekable<Chars<'_>>, levels: u8) -> Option<Value> {
    match rest.peek()? {
        '"' => text(rest).map(Value::Text),
        '{' => members(rest, levels.checked_sub(1)?).map(Value::Object),
        _ => {
            let mut word = String::new();
            while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')) {
                word.push(c);
            }
            (!word.is_empty()).then_some(Value::Other(word))
        }
    }
}

fn members(rest: &mut Peekable<Chars<'_>>, levels: u8) -> Option<BTreeMap<String, Value>> {
    let mut members = BTreeMap::new();
    rest.next_if_eq(&'{')?;
    if rest.next_if_eq(&'}').is_some() {
        return Some(members);
    }
    loop {
        let name = text(rest)?;
        rest.next_if_eq(&':')?;
        members.insert(name, value(rest, levels)?);
        match rest.next()? {
            ',' => {}
            '}' => return Some(members),
            _ => return None,
        }
    }
}

fn text(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    rest.next_if_eq(&'"')?;
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(rest)?),
            c => text.push(c),
        }
    }
}

/// The character after a backslash. The program writes only control characters by their number.
fn escaped(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    Some(match rest.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits: String = rest.by_ref().take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
        }
        c @ ('"' | '\\' | '/') => c,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_one_object_inside_are_read() {
        let line = r#"{"url":"http://h:1","pid":12,"user":null,"dir":"a\\b\"\u0001","env":{"A":"1"},"none":{}}"#;
        let read = object(line).unwrap();
        assert_eq!(read["url"].text(), Some("http://h:1"));
        assert_eq!(read["dir"].text(), Some("a\\b\"\u{1}"));
        assert_eq!((read["pid"].text(), read["user"].text()), (None, None));
        assert_eq!(read["env"], Value::Object([("A".to_owned(), Value::Text("1".into()))].into()));
    }

    #[test]
    fn what_is_no_such_line_is_refused() {
        for bad in ["", "ready", "{", r#"{"a"}"#, r#"{"a":"b"#, r#"{"a":"b"} more"#, r#"{"a":{"b":{"c":"d"}}}"#] {
            assert_eq!(object(bad), None, "{bad}");
        }
    }
}
