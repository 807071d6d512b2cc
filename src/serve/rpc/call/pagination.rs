//! Page sizes and page tokens of lists, and limits on batches.

use crate::model::Sha256Digest;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::Page;

/// The default number of items on a page.
const DEFAULT_SIZE: u32 = 10;

/// The most items of a page, and of a batch.
const MOST: u32 = 250;

/// The requested part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve::rpc) struct Window {
    /// The number of items before it.
    pub offset: u64,
    /// The most items in it.
    pub limit: u64,
}

impl Window {
    /// The part of a list that a request asks for.
    ///
    /// # Errors
    /// When the size is above the limit, or this registry did not issue the token.
    pub(in crate::serve::rpc) fn of(page_size: u32, page_token: &str) -> Answer<Self> {
        if page_size > MOST {
            return Err(Refusal::invalid(format!("page_size is {page_size}; at most {MOST} items fit on a page")));
        }
        let limit = if page_size == 0 { DEFAULT_SIZE } else { page_size };
        let offset = if page_token.is_empty() { Some(0) } else { read_token(page_token) };
        let foreign = "page_token is not one that this registry gave out; leave it empty to begin with the first page";
        Ok(Self { offset: offset.ok_or_else(|| Refusal::invalid(foreign))?, limit: limit.into() })
    }

    /// This part of a complete list.
    pub(in crate::serve::rpc) fn cut<T>(self, all: Vec<T>) -> Page<T> {
        let total = all.len() as u64;
        let (offset, limit) = (to_usize(self.offset), to_usize(self.limit));
        let items = all.into_iter().skip(offset).take(limit).collect();
        let end = self.offset.saturating_add(self.limit);
        Page { items, next: (end < total).then_some(end) }
    }
}

fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The token for the page at `next`; empty after the last page. It consists of letters, digits and a dash, because
/// `buf` prints it as part of a command.
pub(in crate::serve::rpc) fn next_token(next: Option<u64>) -> String {
    next.map_or_else(String::new, |offset| format!("{offset:x}-{}", check(offset)))
}

fn read_token(token: &str) -> Option<u64> {
    let offset = u64::from_str_radix(token.split_once('-')?.0, 16).ok()?;
    (next_token(Some(offset)) == token).then_some(offset)
}

/// A check value that keeps clients from making up tokens, and from relying on their content. It is not a secret.
fn check(offset: u64) -> String {
    Sha256Digest::of(format!("page at {offset}").as_bytes()).to_string()[..8].to_owned()
}

/// Checks the number of items in a request.
///
/// # Errors
/// When there are none, or too many.
pub(in crate::serve::rpc) fn batch<T>(field: &str, items: &[T]) -> Answer<()> {
    match items.len() {
        0 => Err(Refusal::invalid(format!("{field} is empty; name at least one"))),
        count if count > MOST as usize => {
            Err(Refusal::invalid(format!("{field} holds {count} items; at most {MOST} go into one request")))
        }
        _ => Ok(()),
    }
}

/// Every item of a list that the store returns page by page.
///
/// # Errors
/// When `part` fails.
pub(in crate::serve::rpc) fn all<T>(part: impl Fn(u64, u64) -> crate::store::Result<Page<T>>) -> Answer<Vec<T>> {
    let mut items = vec![];
    let mut offset = Some(0);
    while let Some(from) = offset {
        let page = part(from, 500)?;
        items.extend(page.items);
        offset = page.next.filter(|next| *next > from);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bounded_and_have_a_default() {
        let size = |size| Window::of(size, "").map(|window| window.limit).ok();
        assert_eq!([0, 1, 250, 251].map(size), [Some(10), Some(1), Some(250), None]);
    }

    #[test]
    fn a_token_leads_on_and_a_made_up_one_nowhere() {
        let token = next_token(Some(250));
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{token} is not safe in a shell");
        assert_eq!(Window::of(10, &token).unwrap(), Window { offset: 250, limit: 10 });
        let zeros = format!("0{token}");
        for made_up in ["250", "fa-", "fa-00000000", "-", zeros.as_str(), &token.to_uppercase()] {
            assert!(Window::of(10, made_up).is_err(), "{made_up} was accepted");
        }
    }

    #[test]
    fn pages_of_a_whole_list_meet_without_gap() {
        let list: Vec<u32> = (0..5).collect();
        let page = |offset| Window { offset, limit: 2 }.cut(list.clone());
        assert_eq!(page(0), Page { items: vec![0, 1], next: Some(2) });
        assert_eq!(page(4), Page { items: vec![4], next: None });
        assert_eq!(Window { offset: 3, limit: 2 }.cut(list.clone()).next, None);
        assert!(page(u64::MAX).items.is_empty());
    }

    #[test]
    fn a_batch_is_neither_empty_nor_endless() {
        assert!(batch("values", &[0; 250]).is_ok());
        for bad in [0, 251] {
            assert!(batch("values", &vec![0; bad]).is_err(), "{bad} items were accepted");
        }
    }
}
