//! An attacker has a key with a role (A8), and sends every request of `openapi.yaml` that accepts an access token.

use model::Role;

use super::do_more_than_a_narrowed_token_may::{Operation, Resources, covers, is_forbidden, operations};

/// Whether one of the role's scopes is enough for the operation.
fn is_allowed(role: Role, operation: &Operation) -> bool {
    role.scopes().iter().any(|scope| covers(&scope.to_string(), &operation.scope))
}

#[tokio::test]
async fn a08_each_role_may_do_what_its_scopes_allow_and_nothing_else() {
    let (resources, operations) = (Resources::create().await, operations());
    assert!(operations.len() > 50, "only {} operations", operations.len());
    let world = &resources.world;
    let mut faults = Vec::new();
    for role in Role::ALL {
        let key = world.create_key_with_role(&world.demo.customer_id, role.name()).await;
        let token = world.redeem(&key).await.expect(200).text_at("token");
        for operation in &operations {
            let answer = resources.send(operation, &token).await;
            let Operation { method, path, .. } = operation;
            if is_forbidden(&answer) == is_allowed(role, operation)
                || answer.status == 401
                || answer.status == 404
            {
                faults.push(format!("{} at {method} {path}: {} {}", role.name(), answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
