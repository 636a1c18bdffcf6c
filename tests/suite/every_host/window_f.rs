//! Window F: secure anonymous tokens.

use crate::world::World;

#[tokio::test]
async fn f14_the_answer_is_a_bare_json_string() {
    let world = World::shared();
    let answer = world.token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    assert_eq!(answer.json.as_str().expect("a string").split('.').count(), 3);
}
