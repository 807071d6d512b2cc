//! Full-text search, which each engine has in its own words: rows are found by the beginnings of their words.

use super::connection::Connection;
use super::params::params;
use super::sql_error::SqlResult;

/// An index of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum WordIndex {
    /// Of the names of symbols: the table `symbol_words`.
    Symbols,
    /// Of what symbols hold: the table `detail_words`.
    Details,
}

impl WordIndex {
    const fn table(self) -> &'static str {
        match self {
            Self::Symbols => "symbol_words",
            Self::Details => "detail_words",
        }
    }
}

impl Connection {
    /// Adds a row that is found by these words, with blanks between them.
    pub(in crate::store) fn index_words(&self, index: WordIndex, row: i64, words: &str) -> SqlResult<()> {
        let table = index.table();
        let sql = match self {
            Self::Sqlite(_) => format!("INSERT INTO {table} (rowid, words) VALUES (?1, ?2)"),
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => format!("INSERT INTO {table} (rowid, words) VALUES (?1, CAST(?2 AS TSVECTOR))"),
        };
        self.execute(&sql, params![row, words]).map(drop)
    }

    /// The statement that finds at most `:limit` rows by the [`Connection::word_query`] `:words`.
    pub(in crate::store) fn find_by_words(&self, index: WordIndex) -> String {
        let table = index.table();
        match self {
            Self::Sqlite(_) => format!("SELECT rowid FROM {table} WHERE {table} MATCH :words LIMIT :limit"),
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => {
                format!("SELECT rowid FROM {table} WHERE words @@ CAST(:words AS TSQUERY) LIMIT :limit")
            }
        }
    }

    /// What finds the rows in which each of these words, which are letters and digits alone, begins a word.
    pub(in crate::store) fn word_query(&self, words: &[String]) -> String {
        let query = |word: &String| match self {
            Self::Sqlite(_) => format!("\"{word}\"*"),
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => format!("'{word}':*"),
        };
        let all = match self {
            Self::Sqlite(_) => " AND ",
            #[cfg(feature = "cluster")]
            Self::Postgres(_) => " & ",
        };
        words.iter().map(query).collect::<Vec<_>>().join(all)
    }
}
