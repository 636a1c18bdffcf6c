//! Rate limits hold under concurrent requests.

use std::time::Instant;

use crate::support::call::send_concurrently;
use crate::support::world::World;

/// How many requests the key may send in 60 s.
const LIMIT: u64 = 20;

#[tokio::test]
async fn fifty_concurrent_callers_never_exceed_the_limit() {
    let world = World::shared();
    let account = world.create_account().await;
    let (_, key) = world.create_limited_key(&account, LIMIT).await;
    let began = Instant::now();
    let answers = send_concurrently(50, |_| {
        let (world, key) = (world.clone(), key.clone());
        async move { world.redeem(&key).await }
    })
    .await;
    let refilled = began.elapsed().as_secs() * LIMIT / 60 + 1;
    let passed = answers.iter().filter(|answer| answer.status == 200).count() as u64;
    assert!((LIMIT..=LIMIT + refilled).contains(&passed), "{passed} passed, {refilled} refilled");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 429);
        let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=4).contains(&wait), "{wait}");
    }
}
