//! `GET /.well-known/jwks.json`: the public keys that verify tokens (A1, RFC 7517).

use api::http::Method;
use api::{BootError, Clock, Endpoint, Reply, Request, Start};
use store::{Directory, Lookup};

/// What this endpoint needs: public keys, no secret.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

impl Endpoint for App {
    const NAME: &'static str = "jwks";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.public_directory().await?, clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let now = self.clock.now();
        let mut view = self.directory.view(now);
        view.fetch([Lookup::Issuer]).await?;
        api::cacheable(&view.issuer()?.jwks(now)?)
    }
}
