//! The Admin API (A4).

mod audit;
mod auth;
mod cursors;
mod entities;
mod integrations;
mod keys;
mod lists;
mod origins;
mod partners;
mod projects;
mod providers;
mod signed_records;
mod sites;
mod token_sets;
mod token_settings;
mod users;

use crate::support::world::World;

/// Reads a list page by page, from the path of its first page, and returns the member `name` of all items. Asserts that
/// no page has more than `limit` items.
async fn read_all_pages(world: &World, first_page: &str, limit: usize, name: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.read(&format!("{first_page}{cursor}")).await.expect(200);
        let items = page.ids(name);
        assert!(items.len() <= limit, "{}", page.text);
        all.extend(items);
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
