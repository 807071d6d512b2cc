//! Pages of lists, and their order.

use super::sql_values::Count;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Offset of the next page; `None` on the last.
    pub next: Option<u64>,
}

/// Order of listed modules and labels. Equal times are ordered by id, so pages do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By creation, newest first.
    #[default]
    NewestFirst,
    /// By creation, oldest first.
    OldestFirst,
    /// By last change, latest first.
    UpdatedFirst,
    /// By last change, latest last.
    UpdatedLast,
    /// By name, in byte order.
    Name,
}

/// The requested part of a list. The statement ends in `LIMIT :limit OFFSET :offset`.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct PageWindow {
    offset: u64,
    limit: u64,
}

impl PageWindow {
    /// At most `limit` items after the first `offset`; at least one item, or a client that reads all pages would never
    /// end.
    pub(in crate::store) fn new(offset: u64, limit: u64) -> Self {
        Self { offset, limit: limit.max(1) }
    }

    /// One row more than requested, to know whether there is a next page.
    pub(in crate::store) fn limit(self) -> Count {
        Count(self.limit.saturating_add(1))
    }

    pub(in crate::store) fn offset(self) -> Count {
        Count(self.offset)
    }

    /// The page of `items`, which were read with [`PageWindow::limit`].
    pub(in crate::store) fn page<T>(self, mut items: Vec<T>) -> Page<T> {
        let more = items.len() as u64 > self.limit;
        if more {
            items.pop();
        }
        Page { items, next: more.then(|| self.offset + self.limit) }
    }
}
