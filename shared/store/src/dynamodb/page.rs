//! Pages of a list.

use crate::dynamodb::cursor::Cursor;

/// The maximum number of items on a page: 1 to 100, by default 50.
#[derive(Debug, Clone, Copy)]
pub struct PageLimit(u8);

impl Default for PageLimit {
    fn default() -> Self {
        Self(50)
    }
}

impl PageLimit {
    /// The largest limit.
    pub const MAX: Self = Self(100);

    /// The smallest limit.
    pub const ONE: Self = Self(1);

    /// Returns the limit, or `None` if it is not between 1 and 100.
    #[must_use]
    pub fn new(limit: u8) -> Option<Self> {
        (1..=100).contains(&limit).then_some(Self(limit))
    }

    /// This limit, or `largest` if it is less.
    #[must_use]
    pub fn at_most(self, largest: Self) -> Self {
        Self(self.0.min(largest.0))
    }

    /// What is left of the limit after `items`, or `None` if it is reached.
    pub(crate) fn less(self, items: usize) -> Option<Self> {
        Self::new(self.0.saturating_sub(u8::try_from(items).unwrap_or(u8::MAX)))
    }
}

impl From<PageLimit> for i32 {
    fn from(limit: PageLimit) -> Self {
        Self::from(limit.0)
    }
}

impl From<PageLimit> for usize {
    fn from(limit: PageLimit) -> Self {
        Self::from(limit.0)
    }
}

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Converts each item and keeps the cursor.
    #[must_use]
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }

    /// Converts each item and keeps the cursor.
    ///
    /// # Errors
    /// The first error of `convert`.
    pub(crate) fn try_map<U, E>(self, convert: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(convert).collect::<Result<_, E>>()?;
        Ok(Page { items, next: self.next })
    }
}
