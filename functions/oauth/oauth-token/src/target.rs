//! The own API that a token is asked for (A7; RFC 8707, 2).

use std::sync::Arc;

use api::{Code, Form, Problem};
use model::{Api, ApiIdentifier, Caller, ScopeNames};
use store::{Lookup, View};

/// The identifier of the API that the request names.
#[derive(Debug)]
pub(crate) struct Target(ApiIdentifier);

impl Target {
    /// Reads `resource`, or `audience`, which other vendors' clients send. `None`: the token is for the booth itself.
    pub(crate) fn read(form: &Form) -> Result<Option<Self>, Problem> {
        let (resource, audience) = (form.value("resource"), form.value("audience"));
        if resource.zip(audience).is_some_and(|(resource, audience)| resource != audience) {
            return Err(Problem::new(Code::InvalidTarget, "resource and audience name different APIs"));
        }
        let Some(named) = resource.or(audience) else { return Ok(None) };
        ApiIdentifier::try_from(named.to_owned())
            .map(|identifier| Some(Self(identifier)))
            .map_err(|_| refused())
    }

    /// The lookup of the first round trip.
    pub(crate) fn lookup(&self) -> Lookup {
        Lookup::api_of_identifier(&self.0)
    }

    /// The lookups of the second round trip.
    pub(crate) fn second_lookups(&self, view: &View<'_>) -> Vec<Lookup> {
        let Some(owner) = view.api_owner(&self.0) else { return Vec::new() };
        let lineage = Lookup::lineage(owner.entity_id, &owner.ancestors);
        lineage.into_iter().chain([Lookup::Api(owner.api_id)]).collect()
    }

    /// The API, and the scopes that the caller's integration is granted. The answer is the same for an API that does not
    /// exist, belongs to another customer, is disabled or is not granted: a caller learns nothing about APIs of others.
    pub(crate) fn find(&self, caller: &Caller, view: &View<'_>) -> Result<(Arc<Api>, ScopeNames), Problem> {
        let api = view.api_owner(&self.0).and_then(|owner| view.api(owner.api_id)).ok_or_else(refused)?;
        let granted = caller.integration().api_grants.scopes_of(api.id).ok_or_else(refused)?;
        let is_on = view.lineage(api.entity_id).is_some_and(|entity| api::is_api_on(api, &entity));
        let is_of_customer = api.customer() == caller.key().customer();
        if api.identifier != self.0 || !is_of_customer || !is_on {
            return Err(refused());
        }
        Ok((api.clone(), granted.within(&api.scopes.names())))
    }
}

fn refused() -> Problem {
    Problem::new(Code::InvalidTarget, "the client gets no tokens for this resource")
}
