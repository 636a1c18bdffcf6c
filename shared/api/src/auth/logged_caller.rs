//! Who sent a request, for the log line of the request (A13). Authentication stores it here, also for requests that are
//! refused afterwards. No decision depends on it.

use std::cell::RefCell;

use model::{ClientId, EntityId, PartnerKeyId};

tokio::task_local! {
    /// The caller of the request that the current task handles.
    static CALLER: RefCell<LoggedCaller>;
}

/// The caller of a request, as the log line names it. It has parsed ids only, and no free text of the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LoggedCaller {
    /// The client id of an API key or a project, if the request proved that it comes from it.
    pub(crate) client_id: Option<String>,
    /// The client id that the request names, if it proved nothing.
    pub(crate) claimed_client_id: Option<String>,
    /// The id of the partner key in the request (V2).
    pub(crate) partner_key_id: Option<String>,
    /// The customer of the caller, or of the project that the request is for.
    pub(crate) tenant: Option<String>,
}

impl LoggedCaller {
    /// Runs `handler`. Returns its result, and the caller that it noted.
    pub(crate) async fn noted_by<T>(handler: impl Future<Output = T>) -> (T, Self) {
        let noting = async { (handler.await, CALLER.with(RefCell::take)) };
        CALLER.scope(RefCell::default(), noting).await
    }

    /// Notes something, if the current task handles a request.
    fn note(change: impl FnOnce(&mut Self)) {
        // Without a request, such as in a unit test, there is no log line and nothing to note.
        let _ = CALLER.try_with(|caller| change(&mut caller.borrow_mut()));
    }
}

/// Notes the client id that the request names.
pub(crate) fn note_claim(client_id: &ClientId) {
    LoggedCaller::note(|caller| caller.claimed_client_id = Some(client_id.to_string()));
}

/// Notes that the request proved to come from this API key or project of `customer`.
pub(crate) fn note_proof(client_id: &ClientId, customer: EntityId) {
    LoggedCaller::note(|caller| {
        caller.client_id = Some(client_id.to_string());
        caller.claimed_client_id = None;
        caller.tenant = Some(customer.to_string());
    });
}

/// Notes that the request has this partner key of `customer` (V2).
pub(crate) fn note_partner_key(id: PartnerKeyId, customer: EntityId) {
    LoggedCaller::note(|caller| {
        caller.partner_key_id = Some(id.to_string());
        caller.tenant = Some(customer.to_string());
    });
}

/// Notes whose resource the request is for, where the caller is a user or proved nothing (F15, S5).
pub(crate) fn note_tenant(customer: EntityId) {
    LoggedCaller::note(|caller| caller.tenant = Some(customer.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7vcrn2enrtlrm5gnlqb24p5np2";

    #[tokio::test]
    async fn a13_each_request_has_its_own_caller() {
        let claim = async |text: &str| {
            note_claim(&text.parse().unwrap());
            tokio::task::yield_now().await;
        };
        let other = ID.replace('7', "a");
        let (first, second) =
            tokio::join!(LoggedCaller::noted_by(claim(ID)), LoggedCaller::noted_by(claim(&other)));
        assert_eq!(first.1.claimed_client_id.as_deref(), Some(ID));
        assert_eq!(second.1.claimed_client_id.as_deref(), Some(&*other));
        note_claim(&ID.parse().unwrap());
    }
}
