//! Parameters in PostgreSQL's terms: the store writes `?1` and `:name`, PostgreSQL has `$1` only.

use crate::store::db::engine::params::Parameter;

/// A statement as PostgreSQL reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) sql: String,
    /// The names of its parameters, with their colons, in the order of their numbers.
    names: Vec<String>,
}

impl Translated {
    /// Translates a statement of the store, which has no comments.
    pub(super) fn of(sql: &str) -> Self {
        let mut translated = Self { sql: String::with_capacity(sql.len()), names: vec![] };
        let mut rest = sql;
        while let Some(at) = rest.find(['\'', '?', ':']) {
            let (before, from) = rest.split_at(at);
            translated.sql.push_str(before);
            rest = translated.take(from);
        }
        translated.sql.push_str(rest);
        translated
    }

    /// Translates what `from` begins with: a quoted text, or a parameter. Returns what follows.
    fn take<'s>(&mut self, from: &'s str) -> &'s str {
        let (first, after) = from.split_at(1);
        match first {
            "'" => {
                let end = after.find('\'').map_or(from.len(), |end| end + 2);
                let (quoted, rest) = from.split_at(end);
                self.sql.push_str(quoted);
                rest
            }
            "?" => {
                self.sql.push('$');
                after
            }
            _ => self.take_name(from),
        }
    }

    fn take_name<'s>(&mut self, from: &'s str) -> &'s str {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = from.get(1..).and_then(|name| name.find(|c| !is_part(c))).map_or(from.len(), |end| end + 1);
        let (name, rest) = from.split_at(end);
        let known = self.names.iter().position(|known| known == name);
        let number = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        self.sql.push_str(&format!("${}", number + 1));
        rest
    }

    /// The number of a parameter, from 0 on.
    pub(super) fn index(&self, parameter: Parameter<'_>) -> Option<usize> {
        match parameter {
            Parameter::Number(number) => number.checked_sub(1),
            Parameter::Name(name) => self.names.iter().position(|known| known == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_numbers_and_texts_stay() {
        let numbered = Translated::of("SELECT 'a?1 :b', x FROM t WHERE a = ?2 AND b = ?1");
        assert_eq!(numbered.sql, "SELECT 'a?1 :b', x FROM t WHERE a = $2 AND b = $1");
        let named = Translated::of("SELECT 1 WHERE :two OR x = :one AND (:two)");
        assert_eq!(named.sql, "SELECT 1 WHERE $1 OR x = $2 AND ($1)");
        assert_eq!(named.index(Parameter::Name(":one")), Some(1));
        assert_eq!(named.index(Parameter::Name(":three")), None);
        assert_eq!(named.index(Parameter::Number(1)), Some(0));
    }
}
