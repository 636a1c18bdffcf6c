//! What every function of the Admin API needs, and the session of a request.

use admin::Session;
use api::{AuditHead, Clock, Limiter, PlainSignatures, Problem, Reply, Request, Start};
use store::{AuditReceipt, Directory, Registry, StoreError};

use crate::refusal;

/// What every function of the Admin API needs.
#[derive(Debug)]
pub struct Backend {
    pub(crate) registry: Registry,
    directory: Directory,
    plain_signatures: PlainSignatures,
    pub(crate) limiter: Limiter,
    clock: Clock,
}

impl Backend {
    /// Opens the table and the data key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn boot(start: &Start) -> Result<Self, StoreError> {
        let directory = start.administering_directory().await?;
        let registry = Registry::new(start.table.clone(), directory.keys()?.clone())
            .keeping_addresses(start.audit_address_days);
        Ok(Self {
            registry,
            directory,
            plain_signatures: start.admin_plain_signatures,
            limiter: start.limiter(),
            clock: start.clock.clone(),
        })
    }

    /// Finishes the answer of `function` to a request of the session's caller. A change adds the head of its audit chain to
    /// the response, for the log. A call that the caller's grants do not allow is recorded as a notice (A13).
    ///
    /// # Errors
    /// The problem in `reply`.
    pub async fn finish(
        &self,
        session: &Session<'_>,
        (function, request): (&'static str, &Request),
        reply: Reply,
    ) -> Reply {
        if let Err(problem) = &reply {
            refusal::record(self, session, (function, request), problem).await;
        }
        let mut response = reply?;
        if let Some((entity, head)) = session.receipt.head() {
            let (entity, sequence, hash) = (*entity, head.sequence, head.hash.clone());
            response.extensions_mut().insert(AuditHead { entity, sequence, hash });
        }
        Ok(response)
    }

    /// Enforces the rate limits of the function.
    #[must_use]
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The session of the request's caller, whose key and entity are active.
    ///
    /// # Errors
    /// [`api::Code::InvalidCredentials`], [`api::Code::EntityDisabled`], or the store's.
    pub async fn session(&self, request: &Request) -> Result<Session<'_>, Problem> {
        let now = self.clock.now();
        self.registry.refresh_data_keys(now).await?;
        let mut view = self.directory.view(now);
        let caller = api::authenticate_administrator(request, self.plain_signatures, &mut view, now).await?;
        let issuer = view.issuer()?.clone();
        let source_ip = api::source_ip(request).map(str::to_owned);
        let receipt = AuditReceipt::default();
        Ok(Session { registry: &self.registry, caller, now, source_ip, issuer, receipt })
    }
}
