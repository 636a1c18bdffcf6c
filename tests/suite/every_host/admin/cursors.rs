//! The cursors of all lists of the Admin API.

use serde_json::json;

use crate::support::partner::Partner;
use crate::support::world::{World, unique};

#[tokio::test]
async fn a_cursor_that_was_not_made_for_a_list_is_refused_there() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let (first, second) =
        (world.create_entity(&organization).await, world.create_entity(&organization).await);
    let own = format!("/admin/v1/entities?parent_id={organization}");
    let cursor = world.read(&format!("{own}&limit=1")).await.expect(200).text_at("next_cursor");
    assert_eq!(world.read(&format!("{own}&cursor={cursor}")).await.expect(200).ids("id"), [second]);

    let partner = Partner::new(&world, &first).await.path;
    let integration = world.create_integration(&first, "auditor").await;
    let entity = format!("/admin/v1/entities/{first}");
    for list in [
        "/admin/v1/entities?".to_owned(),
        format!("/admin/v1/entities?parent_id={}&", world.demo.customer_id),
        "/admin/v1/audit-log?".to_owned(),
        format!("/admin/v1/audit-log?entity_id={first}&"),
        format!("{entity}/integrations?"),
        format!("{entity}/integrations/{integration}/keys?"),
        format!("{entity}/providers?"),
        format!("{entity}/partners?"),
        format!("{entity}/projects?"),
        format!("{partner}/keys?"),
        format!("{partner}/sites?"),
    ] {
        for foreign in [&*cursor, "invented", "site-1.aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            world.read(&format!("{list}cursor={foreign}")).await.expect_invalid("cursor");
        }
    }
}

#[tokio::test]
async fn an_altered_cursor_is_refused() {
    let world = World::shared();
    let path = format!("/admin/v1/entities/{}/projects", world.create_account().await);
    for _ in 0..3 {
        world.create(&path, &json!({ "name": unique("project") })).await.expect(201);
    }
    let cursor = world.read(&format!("{path}?limit=2")).await.expect(200).text_at("next_cursor");
    let other = |last: char| if last == 'a' { 'b' } else { 'a' };
    let last = cursor.chars().last().expect("a character");
    let replaced = format!("{}{}", &cursor[..cursor.len() - 1], other(last));
    for altered in [&cursor[1..], &cursor[..cursor.len() - 1], &replaced, &format!("{cursor}a")] {
        world.read(&format!("{path}?cursor={altered}")).await.expect_invalid("cursor");
    }
    assert_eq!(world.read(&format!("{path}?cursor={cursor}")).await.expect(200).ids("id").len(), 1);
}
