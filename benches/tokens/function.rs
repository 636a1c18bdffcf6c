//! A booted function, whichever it is.

use std::time::Duration;

use api::{Body, Endpoint, Reply, Request, Response, Start};
use futures_util::future::BoxFuture;
use model::SignedDuration;

use crate::Outcome;
use crate::cpu;
use crate::dial::Dial;

/// The longest time a rate limit of the demo tenant takes to bring a token back.
const REFILL: SignedDuration = SignedDuration::from_millis(200);

/// A booted function.
pub(crate) struct Function(Box<dyn Answering>);

/// [`Endpoint`], whatever the type.
trait Answering {
    fn handled<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Reply>;
    fn answered(&self, request: Request) -> BoxFuture<'_, Response<Body>>;
}

impl<E: Endpoint> Answering for E {
    fn handled<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Reply> {
        Box::pin(self.handle(request))
    }

    fn answered(&self, request: Request) -> BoxFuture<'_, Response<Body>> {
        Box::pin(api::answer(self, request))
    }
}

impl Function {
    pub(crate) async fn boot<E: Endpoint>(start: &Start) -> Outcome<Self> {
        Ok(Self(Box::new(E::boot(start).await?)))
    }

    /// The body of its answer, which must be a 200.
    pub(crate) async fn handle(&self, request: &Request) -> Outcome<String> {
        let reply = self.0.handled(request).await;
        let reply = reply.map_err(|problem| format!("refused: {}", problem.detail()))?;
        match reply.into_body() {
            Body::Text(text) => Ok(text),
            Body::Empty => Ok(String::new()),
            _ => Err("an answer of bytes".into()),
        }
    }

    /// The CPU time of `Endpoint::handle` alone, with full buckets for each request.
    pub(crate) async fn time_handling(&self, requests: &[Request], dial: &Dial) -> Outcome<Duration> {
        let started = cpu::now();
        for request in requests {
            dial.turn(REFILL);
            let reply = self.0.handled(request).await;
            std::hint::black_box(reply.map_err(|problem| problem.detail().to_owned())?);
        }
        Ok(cpu::now().saturating_sub(started))
    }

    /// The same of `api::answer`: with limits, common headers and log lines around the handler.
    pub(crate) async fn time_answering(&self, requests: Vec<Request>, dial: &Dial) -> Outcome<Duration> {
        let started = cpu::now();
        for request in requests {
            dial.turn(REFILL);
            let response = self.0.answered(request).await;
            if std::hint::black_box(response).status() != 200 {
                return Err("refused".into());
            }
        }
        Ok(cpu::now().saturating_sub(started))
    }
}
