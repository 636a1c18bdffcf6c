//! The one table: the keys of its items, reads, queries with pages and cursors, and transactions.

pub(crate) mod cursor;
pub(crate) mod key;
pub(crate) mod page;
pub(crate) mod query;
pub(crate) mod schema;
pub(crate) mod table;
pub(crate) mod transaction;

pub use cursor::{Cursor, MalformedCursor};
pub use page::{Page, PageLimit};
pub use table::Table;
