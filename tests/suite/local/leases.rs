//! Several processes share the buckets of one table (A14). Each process is a `Limiter`, and all use one test clock.

use std::sync::Arc;

use api::{BucketKind, BucketRequest, Code, Edge, Limiter, OnFailure, PlainSignatures, RateLimits, Start};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use model::{AuditAddressDays, RateLimit, SignedDuration};
use store::{DataKeyFile, DataKeySource, Table};
use tokenbooth::{Embedded, TABLE};
use tokio::task::JoinSet;

use super::clock::TestClock;
use super::embedded::{client, empty_dynamodb};
use super::proxy::{Fault, Proxy};

const ROUTE: &str = "leases";

/// Processes with a proxy between them and their DynamoDB.
struct Processes {
    limiters: Vec<Arc<Limiter>>,
    start: Start,
    clock: TestClock,
    proxy: Proxy,
    direct: Client,
    _embedded: Embedded,
}

/// A bucket: its kind, its id and its limit.
#[derive(Clone, Copy)]
struct Bucket(BucketKind, &'static str, RateLimit);

impl Processes {
    async fn start(count: usize) -> Self {
        let embedded = empty_dynamodb().await;
        let proxy = Proxy::start(&embedded).await;
        let clock = TestClock::new();
        let start = Start {
            table: Table::new(client(&proxy.url), TABLE),
            data_key: DataKeySource::File(DataKeyFile::at("unused")),
            cache: SignedDuration::ZERO,
            rate_limits: RateLimits::On(OnFailure::Closed),
            admin_plain_signatures: PlainSignatures::Refused,
            audit_address_days: AuditAddressDays::default(),
            clock: clock.for_function(),
            edge: Edge::default(),
        };
        start.table.create_if_absent().await.expect("a table");
        let limiters = (0..count).map(|_| Arc::new(start.limiter())).collect();
        proxy.take_calls();
        Self { limiters, start, clock, proxy, direct: embedded.client(), _embedded: embedded }
    }

    /// Sends a request to a process. Returns whether its limits grant it.
    async fn request(&self, process: usize, buckets: &[Bucket]) -> bool {
        take(&self.limiters[process], buckets).await.is_ok()
    }

    /// Sends this number of requests to each process in turn, without a pause. Returns how many are granted.
    async fn requests(&self, count: usize, buckets: &[Bucket]) -> usize {
        let mut granted = 0;
        for number in 0..count {
            granted += usize::from(self.request(number % self.limiters.len(), buckets).await);
        }
        granted
    }

    /// Sends 50 requests to the first process at the same time. All of them have this answer.
    async fn send_50_at_once(&self, bucket: Bucket) -> Result<(), Code> {
        let send = |_| {
            let limiter = self.limiters[0].clone();
            tokio::spawn(async move { take(&limiter, &[bucket]).await })
        };
        let mut answers = Vec::new();
        for answer in (0..50).map(send).collect::<Vec<_>>() {
            answers.push(answer.await.expect("an answer"));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        answers[0]
    }

    /// The number of writes to buckets since the last call of this function.
    fn take_writes(&self) -> usize {
        self.proxy.take_calls().remove("UpdateItem").unwrap_or_default()
    }

    /// The number of tokens that are missing in `bucket`.
    async fn used_tokens(&self, bucket: Bucket) -> i64 {
        let missing = self.full_at(bucket).await - self.clock.unix_micros();
        missing.max(0) / bucket.2.interval_micros()
    }

    /// When `bucket` is full again, in microseconds since 1970. 0 if nothing was taken from it.
    async fn full_at(&self, Bucket(kind, id, limit): Bucket) -> i64 {
        let pk = format!("bucket#{ROUTE}#{}#{id}", kind.name());
        let sk = format!("{}/{}", limit.requests(), limit.seconds());
        let read = self.direct.get_item().table_name(TABLE);
        let read = read.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk)).send();
        let item = read.await.expect("read").item;
        item.map_or(0, |item| item["full_at"].as_n().expect("a number").parse().expect("a number"))
    }
}

async fn take(limiter: &Limiter, buckets: &[Bucket]) -> Result<(), Code> {
    let requests = buckets.iter().map(|Bucket(kind, id, limit)| BucketRequest::new(ROUTE, *kind, id, *limit));
    limiter.take(requests).await.map(|_| ()).map_err(|problem| problem.code())
}

const fn key(requests: u32) -> Bucket {
    Bucket(BucketKind::Key, "k", RateLimit::per_minute(requests))
}

const fn user(requests: u32) -> Bucket {
    Bucket(BucketKind::User, "u", RateLimit::per_minute(requests))
}

const PROJECT: Bucket = Bucket(BucketKind::Project, "p", RateLimit::per_minute(6000));

#[tokio::test]
async fn a14_a_request_that_an_exact_limit_refuses_takes_nothing_from_the_wider_one() {
    let processes = Processes::start(1).await;
    let (user, device) = (user(20), Bucket(BucketKind::Device, "d", RateLimit::per_minute(40)));
    assert_eq!(processes.requests(200, &[user, device]).await, 20);
    assert_eq!(processes.used_tokens(device).await, 20);
}

/// A process asks both buckets at once if it saw three quarters of the user's tokens at most a quarter of the limit's time
/// ago. A quarter of the tokens can be taken while three quarters are left, and another quarter is refilled in that time. So
/// at most half as many refused requests as the user's limit has take tokens from the project's bucket.
#[tokio::test]
async fn a14_one_user_above_its_limit_takes_almost_nothing_from_what_is_meant_for_all() {
    for requests in [20, 120, 600] {
        let processes = Processes::start(100).await;
        let (mut refused, mut refused_and_took, mut full_at) = (0, 0, 0);
        for number in 0..2_000 {
            let is_granted = processes.request(number % 100, &[user(requests), PROJECT]).await;
            if processes.take_writes() > 0 {
                let before = std::mem::replace(&mut full_at, processes.full_at(PROJECT).await);
                refused_and_took += u32::from(!is_granted && full_at != before);
            }
            refused += u32::from(!is_granted);
            // The requests of all others use 80 % of the project's limit.
            if number % 5 < 2 {
                let process = number * 7 % 100;
                assert!(processes.request(process, &[PROJECT]).await, "{requests}: another one is refused");
                full_at = processes.full_at(PROJECT).await;
            }
            processes.clock.advance_millis(5);
        }
        assert!(refused > 1_000, "{requests}: {refused} refused");
        assert!(refused_and_took <= requests / 2, "{requests}: {refused_and_took} of {refused} took tokens");
    }
}

#[tokio::test]
async fn a14_a_process_asks_both_buckets_at_once_while_the_narrower_has_tokens_to_spare() {
    let processes = Processes::start(1).await;
    let buckets = [user(20), Bucket(BucketKind::Device, "d", RateLimit::per_minute(40))];
    assert!(processes.request(0, &buckets).await, "the process has seen both buckets");
    processes.take_writes();
    // Each write is answered only when the other one has arrived.
    processes.proxy.fail_on("UpdateItem", 2, Fault::Paired);
    assert!(processes.request(0, &buckets).await);
    assert_eq!(processes.take_writes(), 2);
}

#[tokio::test]
async fn a14_requests_of_the_same_moment_above_the_narrower_limit_take_nothing_from_the_wider_one() {
    let processes = Processes::start(1).await;
    let buckets = [user(5), Bucket(BucketKind::Device, "d", RateLimit::per_minute(60))];
    assert!(processes.request(0, &buckets).await, "the process has seen both buckets");
    let send = |_| {
        let limiter = processes.limiters[0].clone();
        async move { take(&limiter, &buckets).await }
    };
    let answers = (0..40).map(send).collect::<JoinSet<_>>().join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    assert_eq!(processes.used_tokens(buckets[1]).await, 5);
}

#[tokio::test]
async fn a14_the_token_of_a_request_that_the_wider_bucket_refuses_is_put_back() {
    let processes = Processes::start(1).await;
    let buckets = [user(20), Bucket(BucketKind::Device, "d", RateLimit::per_minute(5))];
    assert_eq!(processes.requests(6, &buckets).await, 5);
    processes.clock.advance_millis(12_000);
    processes.take_writes();
    assert!(processes.request(0, &buckets).await, "the wider bucket has a token again");
    assert_eq!(processes.take_writes(), 1, "the user's token was put back");
}

#[tokio::test]
async fn a14_a_limit_below_64_requests_costs_one_write_per_request() {
    let processes = Processes::start(1).await;
    for number in 0..30 {
        assert!(processes.request(0, &[key(63)]).await);
        assert_eq!(processes.take_writes(), 1, "request {number}");
        processes.clock.advance_millis(100);
    }
}

#[tokio::test]
async fn a14_a_wider_limit_costs_few_writes() {
    for (count, most) in [(1, 20), (10, 60)] {
        let processes = Processes::start(count).await;
        for number in 0..600 {
            if number == 200 {
                processes.take_writes(); // every process knows by now how often requests come
            }
            assert!(processes.request(number % count, &[key(1200)]).await);
            processes.clock.advance_millis(100);
        }
        let writes = processes.take_writes();
        assert!(writes <= most, "{count} processes: {writes} writes of 400 requests");
    }
}

#[tokio::test]
async fn a14_a_process_refuses_from_memory_until_a_token_can_be_there() {
    let processes = Processes::start(1).await;
    assert_eq!(processes.requests(20, &[key(20)]).await, 20);
    assert!(!processes.request(0, &[key(20)]).await);
    processes.take_writes();
    for _ in 0..299 {
        processes.clock.advance_millis(10);
        assert!(!processes.request(0, &[key(20)]).await);
    }
    assert_eq!(processes.take_writes(), 0);
    processes.clock.advance_millis(10);
    assert!(processes.request(0, &[key(20)]).await, "a token is refilled after 3 s");
    assert_eq!(processes.take_writes(), 1);
}

#[tokio::test]
async fn a14_the_tokens_of_a_lost_answer_are_lost() {
    for (before, lost) in [(0, 1), (7, 1), (7, 2), (7, 3)] {
        let processes = Processes::start(2).await;
        let mut granted = processes.requests(before, &[key(20)]).await;
        processes.proxy.fail_on("UpdateItem", lost, Fault::ResponseLost);
        let answer = take(&processes.limiters[0], &[key(20)]).await;
        // The SDK sends a write three times.
        assert_eq!(answer, if lost < 3 { Ok(()) } else { Err(Code::TemporarilyUnavailable) }, "{lost}");
        granted += usize::from(answer.is_ok());
        granted += processes.requests(40, &[key(20)]).await;
        assert_eq!(granted, 20 - lost, "{before} requests, then {lost} lost answers");
    }
}

#[tokio::test]
async fn a14_the_tokens_of_a_lost_lease_are_lost() {
    let processes = Processes::start(2).await;
    let mut granted = 0;
    for number in 0..1_500 {
        if number % 100 == 0 {
            processes.proxy.fail_on("UpdateItem", 1, Fault::ResponseLost);
        }
        granted += usize::from(processes.request(number % 2, &[key(600)]).await);
    }
    assert!((200..600).contains(&granted), "{granted}");
    assert!(processes.used_tokens(key(600)).await >= 599);
}

#[tokio::test]
async fn a14_requests_that_wait_for_the_same_bucket_share_a_lease() {
    let processes = Processes::start(1).await;
    assert_eq!(processes.send_50_at_once(key(6000)).await, Ok(()));
    assert_eq!(processes.take_writes(), 2, "the first request's own, and a lease for the others");
}

#[tokio::test]
async fn a14_requests_that_wait_for_the_same_bucket_share_a_refusal() {
    let processes = Processes::start(1).await;
    assert_eq!(processes.requests(20, &[key(20)]).await, 20);
    processes.take_writes();
    assert_eq!(processes.send_50_at_once(key(20)).await, Err(Code::QuotaExceeded));
    assert_eq!(processes.take_writes(), 1);
}

#[tokio::test]
async fn a14_requests_that_wait_for_the_same_bucket_share_a_failure() {
    let processes = Processes::start(1).await;
    processes.proxy.fail(Fault::Exception("TransactionInProgressException"));
    assert_eq!(processes.send_50_at_once(key(6000)).await, Err(Code::TemporarilyUnavailable));
    assert_eq!(processes.take_writes(), 3, "the SDK sends the write three times");
}

#[tokio::test]
async fn a14_the_tokens_of_a_process_that_stops_are_lost() {
    let mut processes = Processes::start(2).await;
    let mut granted = 0;
    for number in 0..30 {
        granted += processes.requests(10, &[key(600)]).await;
        processes.limiters[number % 2] = Arc::new(processes.start.limiter());
    }
    granted += processes.requests(1_200, &[key(600)]).await;
    assert!((200..600).contains(&granted), "{granted}");
    assert!(processes.used_tokens(key(600)).await >= 599);
}
