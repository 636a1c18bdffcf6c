//! The one table: its items' keys, reads in pages, and writes that go through together.

pub(crate) mod key;
pub(crate) mod page;
pub(crate) mod schema;
pub(crate) mod table;
pub(crate) mod transaction;

pub use page::{Cursor, MalformedCursor, Page, PageLimit};
pub use table::Table;
