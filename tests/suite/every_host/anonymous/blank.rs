//! Window F: blank fields of a form (F18).

use jsonwebtoken::Algorithm;

use crate::every_host::verify::verified;
use crate::support::oauth::FORM;
use crate::support::world::World;

#[tokio::test]
async fn f18_a_blank_optional_form_field_counts_as_absent() {
    let world = World::shared();
    for body in [
        "first_name=&last_name=&email=&email_domain=&metadata=",
        "first_name=+&email=%20%20&metadata=+",
        "email=",
    ] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).body(FORM, body);
        let answer = call.send().await.expect(200);
        let token = answer.json.as_str().expect("a token");
        let (_, claims) = verified(&world, token, Algorithm::EdDSA).await;
        for name in ["first_name", "last_name", "metadata"] {
            assert!(claims.get(name).is_none(), "{body}: {claims}");
        }
        assert!(claims["email"].as_str().expect("an address").ends_with("@anonymous.invalid"), "{body}");
    }
}

#[tokio::test]
async fn f18_an_unknown_blank_field_and_a_field_given_twice_are_still_refused() {
    let world = World::shared();
    for (body, field) in [("nickname=", "nickname"), ("first_name=&first_name=A", "first_name")] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).body(FORM, body);
        call.send().await.expect_invalid(field);
    }
}
