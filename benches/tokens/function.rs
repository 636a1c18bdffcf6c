//! A booted function of any type.

use std::time::Duration;

use api::{Body, Edge, Endpoint, Reply, Request, Response, Start};
use futures_util::future::BoxFuture;
use model::SignedDuration;

use crate::Outcome;
use crate::batches;
use crate::test_clock::TestClock;

/// A booted function.
pub(crate) struct Function(Box<dyn BoxedEndpoint>);

/// [`Endpoint`] as a trait object.
trait BoxedEndpoint {
    fn handle_boxed<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Reply>;
    fn answer_boxed(&self, request: Request) -> BoxFuture<'_, Response<Body>>;
}

impl<E: Endpoint> BoxedEndpoint for E {
    fn handle_boxed<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Reply> {
        Box::pin(self.handle(request))
    }

    fn answer_boxed(&self, request: Request) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move { api::answer(self, &Edge::default(), request).await })
    }
}

impl Function {
    pub(crate) async fn boot<E: Endpoint>(start: &Start) -> Outcome<Self> {
        Ok(Self(Box::new(E::boot(start).await?)))
    }

    /// The body of a successful response.
    pub(crate) async fn handle(&self, request: &Request) -> Outcome<String> {
        let reply = self.0.handle_boxed(request).await;
        let response = reply.map_err(|problem| format!("refused: {}", problem.detail()))?;
        match response.into_body() {
            Body::Text(text) => Ok(text),
            Body::Empty => Ok(String::new()),
            _ => Err("the response is not text".into()),
        }
    }

    /// The rate limits that a response shows, in the format of the `RateLimit-Policy` header.
    pub(crate) async fn policy(&self, request: &Request) -> Outcome<String> {
        let response = self.0.answer_boxed(request.clone()).await;
        let policy = response.headers().get("ratelimit-policy").ok_or("a response without a policy")?;
        Ok(policy.to_str()?.to_owned())
    }

    /// The CPU time of `Endpoint::handle`. Before each request the clock advances by `gap`.
    pub(crate) async fn time_handling(
        &self,
        requests: &[Request],
        clock: &TestClock,
        gap: SignedDuration,
    ) -> Outcome<Duration> {
        let started = batches::cpu_time_now();
        for request in requests {
            clock.advance(gap);
            let reply = self.0.handle_boxed(request).await;
            std::hint::black_box(reply.map_err(|problem| problem.detail().to_owned())?);
        }
        Ok(batches::cpu_time_now().saturating_sub(started))
    }

    /// The CPU time of `api::answer`, which adds body limit, common headers and log line to the handler.
    pub(crate) async fn time_answering(
        &self,
        requests: Vec<Request>,
        clock: &TestClock,
        gap: SignedDuration,
    ) -> Outcome<Duration> {
        let started = batches::cpu_time_now();
        for request in requests {
            clock.advance(gap);
            let response = self.0.answer_boxed(request).await;
            if std::hint::black_box(response).status() != 200 {
                return Err("refused".into());
            }
        }
        Ok(batches::cpu_time_now().saturating_sub(started))
    }
}
