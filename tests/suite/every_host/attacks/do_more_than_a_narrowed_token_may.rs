//! An attacker has a token that was narrowed to a few scopes (A8).

use crate::support::world::World;

#[tokio::test]
async fn a08_a_token_for_tokens_reads_no_entities_roles_or_audit_records() {
    let world = World::shared();
    let token = world.client_token(&world.demo.admin_key, "token:r").await;
    for path in ["/admin/v1/entities", "/admin/v1/roles", "/admin/v1/audit-log"] {
        let answer = world.get(path).bearer(&token).send().await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    }
}
