//! The answers that API Gateway understands.

use std::collections::BTreeMap;

use api::InvocationError;
use serde::Serialize;

use crate::decision::Refusal;
use crate::event::Gateway;
use crate::identity::Identity;

/// The answer to an event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// For an HTTP API: the simple response of payload format 2.0.
    #[serde(rename_all = "camelCase")]
    Simple {
        /// Whether the call is admitted.
        is_authorized: bool,
        /// What the API learns about the caller.
        context: BTreeMap<String, String>,
    },
    /// For a REST API: a policy.
    #[serde(rename_all = "camelCase")]
    Policy {
        /// The subject of the token.
        principal_id: String,
        /// The policy, for one method and one path.
        policy_document: PolicyDocument,
        /// What the API learns about the caller.
        context: BTreeMap<String, String>,
    },
}

/// An IAM policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

/// The error that a REST API answers with 401. It compares the message.
const UNAUTHORIZED: InvocationError =
    InvocationError { kind: "Function.Unauthorized", message: "Unauthorized" };

/// The principal of a refused call.
const NOBODY: &str = "nobody";

impl Answer {
    /// The answer that says `decision` to `gateway`. If DynamoDB failed, it is an error, which API Gateway does not cache.
    pub(crate) fn new(
        gateway: Gateway,
        decision: Result<Identity, Refusal>,
    ) -> Result<Self, InvocationError> {
        match (gateway, decision) {
            (_, Err(Refusal::Store(_))) => Err(InvocationError::FAILED),
            (Gateway::HttpApi, Ok(identity)) => {
                Ok(Self::Simple { is_authorized: true, context: identity.context })
            }
            (Gateway::HttpApi, Err(refusal)) => {
                Ok(Self::Simple { is_authorized: false, context: refusal_context(&refusal) })
            }
            (Gateway::RestApi(_), Err(Refusal::NoToken | Refusal::InvalidToken | Refusal::NotAccepted)) => {
                Err(UNAUTHORIZED)
            }
            (gateway @ Gateway::RestApi(_), Ok(identity)) => Ok(match gateway.nameable_arn() {
                Some(arn) => Self::policy("Allow", arn.to_owned(), identity.subject, identity.context),
                None => Self::refusal(&gateway, &Refusal::UnusualPath),
            }),
            (gateway @ Gateway::RestApi(_), Err(refusal)) => Ok(Self::refusal(&gateway, &refusal)),
        }
    }

    /// The policy that refuses a call of a REST API. If it cannot name the path, it refuses all paths. API Gateway caches it
    /// for this path alone.
    fn refusal(gateway: &Gateway, refusal: &Refusal) -> Self {
        let resource = gateway.nameable_arn().unwrap_or("*").to_owned();
        Self::policy("Deny", resource, NOBODY.to_owned(), refusal_context(refusal))
    }

    fn policy(
        effect: &'static str,
        resource: String,
        principal_id: String,
        context: BTreeMap<String, String>,
    ) -> Self {
        let statement = Statement { action: "execute-api:Invoke", effect, resource };
        let policy_document = PolicyDocument { version: "2012-10-17", statement: [statement] };
        Self::Policy { principal_id, policy_document, context }
    }
}

fn refusal_context(refusal: &Refusal) -> BTreeMap<String, String> {
    BTreeMap::from([("error".to_owned(), refusal.code().to_owned())])
}
