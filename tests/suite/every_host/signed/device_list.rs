//! Window S: the pages of the list of a user's devices (S7, S12).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::project::Project;
use crate::support::world::World;

const PATH: &str = "/v2/access/user/u/attached_devices";

/// The user `u` with three devices of signed calls and two of unsigned calls. Another device is of both.
async fn project_with_devices(world: &World) -> Project {
    let project = world.create_project(&json!({})).await;
    let token = project.token("u");
    for (token, device) in
        [(&*token, "s3"), (&token, "s1"), (&token, "s2"), ("", "u2"), ("", "a1"), ("", "s2")]
    {
        world.attach(&project, token, &json!({ "user": "u", "device_id": device })).await.expect(200);
    }
    project
}

async fn page(world: &World, project: &Project, query: &str) -> Answer {
    world.get(&format!("{PATH}{query}")).bearer(&project.api_secret).send().await
}

/// The ids of all pages, and the number of pages. Follows `Link` (RFC 8288).
async fn all_pages(world: &World, project: &Project, query: &str) -> (Vec<String>, usize) {
    let (mut query, mut ids, mut pages) = (query.to_owned(), Vec::new(), 0);
    loop {
        let answer = page(world, project, &query).await.expect(200);
        ids.extend(
            answer.json.as_array().expect("a bare array").iter().map(|device| device["_id"].to_string()),
        );
        pages += 1;
        match answer.header("link") {
            "" => return (ids, pages),
            link => {
                let target = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
                query = target.expect("the next page alone").to_owned();
            }
        }
    }
}

#[tokio::test]
async fn s12_the_list_of_devices_is_paged_and_has_each_device_once() {
    let world = World::shared();
    let project = project_with_devices(&world).await;
    let expected = ["\"s1\"", "\"s2\"", "\"s3\"", "\"a1\"", "\"u2\""];
    for (query, pages) in [
        ("", 1..=1),
        ("?limit=100", 1..=1),
        ("?limit=4", 2..=2),
        ("?limit=3", 2..=3),
        ("?limit=2", 3..=3),
        ("?limit=1", 5..=6),
        ("?other=1&limit=5", 1..=1),
    ] {
        let (ids, found) = all_pages(&world, &project, query).await;
        assert_eq!(ids, expected, "{query}");
        assert!(pages.contains(&found), "{query}: {found}");
    }
}

#[tokio::test]
async fn s12_a_cursor_works_on_its_own_list_only() {
    let world = World::shared();
    let project = project_with_devices(&world).await;
    for limit in [2, 4] {
        let answer = page(&world, &project, &format!("?limit={limit}")).await.expect(200);
        let link = answer.header("link").to_owned();
        let cursor = link.split("cursor=").nth(1).and_then(|rest| rest.split('>').next()).expect("a cursor");
        page(&world, &project, &format!("?cursor={cursor}")).await.expect(200);
        let of_other_user = format!("/v2/access/user/v/attached_devices?cursor={cursor}");
        world.get(&of_other_user).bearer(&project.api_secret).send().await.expect_invalid("cursor");
        page(&world, &project, &format!("?cursor={cursor}a")).await.expect_invalid("cursor");
    }
    for (query, field) in [
        ("?cursor=s1.aaaaaaaaaaaaaaaaaaaaaaaaaa", "cursor"),
        ("?cursor=", "cursor"),
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=x", "limit"),
        ("?limit=1&limit=1", "limit"),
    ] {
        page(&world, &project, query).await.expect_invalid(field);
    }
}

#[tokio::test]
async fn s12_a_page_has_100_devices_unless_set() {
    let world = World::shared();
    let project =
        world.create_project(&json!({ "user_rate_limit": { "requests": 1000, "seconds": 60 } })).await;
    let token = project.token("u");
    for number in 0..101 {
        let device = format!("{}{number:03}", "x".repeat(125));
        world.attach(&project, &token, &json!({ "user": "u", "device_id": device })).await.expect(200);
    }
    let first = page(&world, &project, "").await.expect(200);
    assert_eq!(first.json.as_array().expect("an array").len(), 100);
    assert!(first.header("link").starts_with("<?limit=100&cursor="), "{}", first.header("link"));
    let (ids, pages) = all_pages(&world, &project, "").await;
    assert_eq!((ids.len(), pages), (101, 2), "also with the longest ids");
}
