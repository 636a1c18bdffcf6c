//! `GET /v2/proj/access-history`: lists the accepted calls of a user, a device or an identity (S8).

mod wire;

use api::http::Method;
use api::{BootError, Endpoint, Problem, ProjectCall, Reply, Request, SignedBackend, Start};
use store::HistoryFilter;
use wire::{Docs, Output};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

/// The query parameters.
#[derive(Debug)]
struct Input {
    filter: HistoryFilter,
    per: usize,
    page: usize,
}

impl Endpoint for App {
    const NAME: &'static str = "access-history";
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session::<Self>(request, ProjectCall::ByServer).await?;
        let Input { filter, per, page } = Input::read(request)?;
        let quotas = session.take_for_history().await?;
        let project = session.project();
        let window = ((page - 1).saturating_mul(per), per);
        let found = self.backend.devices.history(project, &filter, window, session.now).await?;
        let docs = found.items.iter().map(|access| Output::of(access, project.id)).collect();
        quotas.with_headers(api::json_reply(&Docs::new(docs, found.total, per, page)))
    }
}

impl Input {
    /// Reads the query, in which each name may occur once.
    fn read(request: &Request) -> Result<Self, Problem> {
        let mut input = Self { filter: HistoryFilter::default(), per: 10, page: 1 };
        let mut seen = Vec::new();
        for (name, value) in api::query_parameters(request)? {
            if seen.contains(&name) {
                return Err(Problem::invalid(name, "is given twice"));
            }
            input.set(&name, value)?;
            seen.push(name);
        }
        let HistoryFilter { user, device, identity, .. } = &input.filter;
        if user.is_none() && device.is_none() && identity.is_none() {
            return Err(Problem::invalid("user", "is required, or device, or identity"));
        }
        Ok(input)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let refuse = |rule: &'static str| Problem::invalid(name.to_owned(), rule);
        match name {
            "user" => self.filter.user = Some(value.try_into().map_err(refuse)?),
            "device" => self.filter.device = Some(value.try_into().map_err(refuse)?),
            "identity" => self.filter.identity = Some(value.try_into().map_err(refuse)?),
            "signed" => {
                self.filter.signed = Some(value.parse().map_err(|_| refuse("must be true or false"))?);
            }
            "per" => self.per = whole(&value, 50).ok_or_else(|| refuse("must be 1 to 50"))?,
            "page" => self.page = whole(&value, 1_000_000).ok_or_else(|| refuse("must be 1 to 1000000"))?,
            _ => return Err(refuse("is not a parameter of this list")),
        }
        Ok(())
    }
}

/// A whole number from 1 to `most`, in plain decimal digits.
fn whole(text: &str, most: usize) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|number| is_plain && (1..=most).contains(number))
}
