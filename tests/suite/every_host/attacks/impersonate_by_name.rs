//! An administrator of one part of a tenant wants a resource that others take for another one: by a name that looks the
//! same, or by invisible characters.

use serde_json::{Value, json};

use crate::support::world::{World, unique};

/// The collections whose resources have unique names, with a body for a new resource.
async fn collections(world: &World) -> Vec<(&'static str, String, Value)> {
    let account = world.create_account().await;
    let base = format!("/admin/v1/entities/{account}");
    let integration = world.create_integration(&account, "auditor").await;
    let project = world.create_project(&json!({})).await;
    let grants = json!([{ "role": "auditor", "entity_id": account }]);
    let parent = world.create_entity(&world.demo.customer_id).await;
    vec![
        ("entities", "/admin/v1/entities".to_owned(), json!({ "parent_id": parent })),
        ("integrations", format!("{base}/integrations"), json!({ "grants": grants })),
        ("keys", format!("{base}/integrations/{integration}/keys"), json!({})),
        ("partners", format!("{base}/partners"), json!({})),
        ("projects", format!("{base}/projects"), json!({})),
        ("token sets", format!("{}/token-sets", project.path), json!({})),
    ]
}

fn named(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body["name"] = json!(name);
    body
}

/// A name, and names that look the same.
const LOOK_ALIKES: [(&str, &[&str]); 4] = [
    (
        "Payroll",
        &[
            "P\u{430}yroll",  // Cyrillic a
            "\u{420}ayroll",  // Cyrillic capital er
            "payro11",        // digits
            "PAYR\u{41e}LL",  // Cyrillic capital o
            "\u{ff30}ayroll", // full width
            "P\u{251}yroll",  // Latin alpha
            " Payroll",       // spaces
            "Payroll\u{a0}",
        ],
    ),
    (
        "Admin 1",
        &[
            "Admin l",
            "Admin I",
            "Adrnin 1",
            "Admin |",
            "Admin  1",
            "Adm\u{131}n 1",
            "Admi\u{307}n 1",
            "Adml\u{307}n 1",
        ],
    ),
    ("Cafe\u{301}", &["Caf\u{e9}", "CAF\u{c9}"]),
    (
        "\u{421}\u{43e}\u{444}\u{438}\u{44f}",
        &["C\u{43e}\u{444}\u{438}\u{44f}", "\u{421}o\u{444}\u{438}\u{44f}"],
    ),
];

#[tokio::test]
async fn a6_a_sibling_cannot_have_a_name_that_looks_the_same() {
    let world = World::shared();
    for (what, path, body) in collections(&world).await {
        let sets_left = if what == "token sets" { 1 } else { LOOK_ALIKES.len() };
        for (name, look_alikes) in LOOK_ALIKES.into_iter().take(sets_left) {
            world.create(&path, &named(&body, name)).await.expect(201);
            for look_alike in look_alikes {
                let answer = world.create(&path, &named(&body, look_alike)).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.text_at("code").as_str()),
                    (409, "name_taken"),
                    "{what}: {look_alike:?} beside {name:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a6_a_resource_cannot_be_renamed_to_look_like_its_sibling() {
    let world = World::shared();
    for (what, path, body) in collections(&world).await {
        world.create(&path, &named(&body, "Payroll")).await.expect(201);
        let other = world.create(&path, &named(&body, "Stock")).await.expect(201).text_at(id_of(what));
        let refused = world.change(&format!("{path}/{other}"), &json!({ "name": "P\u{430}yroll" })).await;
        assert_eq!(refused.status, 409, "{what}: {}", refused.text);
    }
}

/// The member of an answer that has the resource's id.
fn id_of(what: &str) -> &'static str {
    if what == "keys" { "client_id" } else { "id" }
}

#[tokio::test]
async fn a4_a_name_is_free_again_after_a_rename_and_after_a_delete() {
    let world = World::shared();
    for (what, path, body) in collections(&world).await {
        let first = world.create(&path, &named(&body, "Team 1")).await.expect(201).text_at(id_of(what));
        world.change(&format!("{path}/{first}"), &json!({ "name": "TEAM 1" })).await.expect(200);
        world.change(&format!("{path}/{first}"), &json!({ "name": "Team l" })).await.expect(200);
        world.change(&format!("{path}/{first}"), &json!({ "name": "Stock" })).await.expect(200);
        let second = world.create(&path, &named(&body, "Team l")).await.expect(201).text_at(id_of(what));
        world.delete(&format!("{path}/{second}")).await.expect(204);
        world.create(&path, &named(&body, "team 1")).await.expect(201);
        let taken = world.create(&path, &named(&body, "St\u{43e}ck")).await;
        assert_eq!(taken.status, 409, "{what}: {}", taken.text);
    }
}

#[tokio::test]
async fn f04_a_rotated_key_passes_its_name_with_its_look_alikes_to_its_successor() {
    let world = World::shared();
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "auditor").await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    let old = world.create(&path, &json!({ "name": "Deploy 1" })).await.expect(201).text_at("client_id");
    let new =
        world.create(&format!("{path}/{old}/rotate"), &json!({})).await.expect(201).text_at("client_id");
    let look_alike = json!({ "name": "Deploy l" });
    world.create(&path, &look_alike).await.expect_problem(409, "name_taken");
    world.delete(&format!("{path}/{old}")).await.expect(204);
    world.create(&path, &look_alike).await.expect_problem(409, "name_taken");
    world.delete(&format!("{path}/{new}")).await.expect(204);
    world.create(&path, &look_alike).await.expect(201);
}

#[tokio::test]
async fn a4_a_name_with_an_invisible_character_is_refused() {
    let world = World::shared();
    let (_, path, body) = collections(&world).await.swap_remove(3);
    for (case, bad) in [
        ("right-to-left override", "Pay\u{202e}llor"),
        ("left-to-right embedding", "\u{202a}Pay"),
        ("isolate", "Pay\u{2066}roll\u{2069}"),
        ("left-to-right mark", "Pay\u{200e}"),
        ("right-to-left mark", "\u{200f}Pay"),
        ("Arabic letter mark", "Pay\u{61c}"),
        ("zero width space", "Pay\u{200b}roll"),
        ("word joiner", "Pay\u{2060}roll"),
        ("byte order mark", "\u{feff}Payroll"),
        ("soft hyphen", "Pay\u{ad}roll"),
        ("combining grapheme joiner", "Pay\u{34f}roll"),
        ("Hangul filler", "Pay\u{3164}roll"),
        ("invisible times", "Pay\u{2062}roll"),
        ("tag characters", "Pay\u{e0061}roll"),
        ("line separator", "Pay\u{2028}roll"),
        ("paragraph separator", "Pay\u{2029}roll"),
        ("joiner between Latin letters", "Pay\u{200d}roll"),
        ("non-joiner between Latin letters", "Pay\u{200c}roll"),
        ("a variation selector", "Payroll\u{fe0f}"),
        ("private use", "Pay\u{e000}roll"),
        ("a head of no note", "Payroll\u{1d159}"),
        ("nothing but a head of no note", "\u{1d159}"),
        ("a blank hieroglyph", "Payroll\u{13441}"),
        ("half a blank hieroglyph", "Payroll\u{13442}"),
        ("nothing but a blank hieroglyph", "\u{13441}"),
        ("Khitan filler", "Payroll\u{16fe4}"),
        ("shorthand selector", "Payroll\u{1bc9d}"),
        ("place of an embedded object", "Payroll\u{fffc}"),
        ("Braille without dots", "Pay\u{2800}roll"),
        ("hair space", "Pay\u{200a}roll"),
        ("Khmer mark on a Latin letter", "Payroll\u{17d2}"),
        ("stacker without a second letter", "\u{1001}\u{1039}"),
        ("mark without a letter", "Payroll \u{301}"),
        ("one mark twice", "Caf\u{e9}\u{301}"),
        ("many marks", "Pa\u{300}\u{302}\u{304}\u{306}\u{30c}"),
        ("nothing visible", "\u{a0}\u{2003}"),
    ] {
        let answer = world.create(&path, &named(&body, bad)).await;
        assert_eq!(answer.status, 400, "{case}: {}", answer.text);
        assert_eq!(answer.json["field"], "name", "{case}");
    }
}

#[tokio::test]
async fn a4_joiners_are_accepted_where_scripts_need_them() {
    let world = World::shared();
    let (_, path, body) = collections(&world).await.swap_remove(3);
    for good in [
        "\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}", // Persian, between a joining letter and the next one
        "\u{915}\u{94d}\u{200d}\u{937}",                      // Devanagari, after a virama
        "\u{915}\u{94d}\u{200c}\u{937}",
        "\u{d9a}\u{dca}\u{200d}\u{dbb}\u{dd3}", // Sinhala
    ] {
        let created = world.create(&path, &named(&body, good)).await.expect(201);
        assert_eq!(created.json["name"], good, "{good:?}");
        world.delete(&format!("{path}/{}", created.text_at("id"))).await.expect(204);
    }
}

#[tokio::test]
async fn a4_a_name_is_answered_in_its_composed_form() {
    let world = World::shared();
    let (_, path, body) = collections(&world).await.swap_remove(3);
    let name = unique("Cafe\u{301}");
    let created = world.create(&path, &named(&body, &name)).await.expect(201);
    assert_eq!(created.text_at("name"), name.replace("e\u{301}", "\u{e9}"));
}
