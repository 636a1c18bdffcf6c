//! What an admitted call tells the API about the caller: the context of the answer.

use std::collections::{BTreeMap, HashMap};

use api::VerifiedToken;
use model::ContextClaims;
use serde_json::value::RawValue;

use crate::decision::Refusal;

/// The maximum length of a value in bytes. A claim that is longer is left out.
const MAX_VALUE_BYTES: usize = 1024;

/// The maximum length of the scopes in bytes: all scopes that a token can have.
const MAX_SCOPE_BYTES: usize = 50 * 65;

/// Who calls, by a verified token. Every value is a text, because a REST API accepts nothing else.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Whom the token is about.
    pub(crate) subject: String,
    /// All values by name.
    pub(crate) context: BTreeMap<String, String>,
}

impl Identity {
    /// The identity in a verified token: `sub`, `kind`, `client_id`, `entity_id`, `scope`, and the claims that the API wants.
    /// A claim does not replace one of these five.
    pub(crate) fn new(token: &VerifiedToken, text: &str, wanted: &ContextClaims) -> Result<Self, Refusal> {
        let subject = token.claims.subject().to_owned();
        let scope = token.claims.scope().unwrap_or_default().to_owned();
        if subject.len() > MAX_VALUE_BYTES || scope.len() > MAX_SCOPE_BYTES {
            return Err(Refusal::ClaimsTooLong);
        }
        let mut context: BTreeMap<String, String> = chosen_claims(text, wanted).collect();
        let fixed = [
            ("sub", Some(subject.clone())),
            ("kind", Some(token.claims.kind().to_owned())),
            ("client_id", token.claims.client_id().map(ToString::to_string)),
            ("entity_id", Some(token.owner.id.to_string())),
            ("scope", Some(scope)),
        ];
        for (name, value) in fixed {
            context.remove(name);
            context.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(Self { subject, context })
    }
}

/// The wanted claims of a verified token as texts: a text as it is, anything else as JSON. Leaves out null and what is too
/// long.
fn chosen_claims<'a>(
    text: &str,
    wanted: &'a ContextClaims,
) -> impl Iterator<Item = (String, String)> + use<'a> {
    let mut claims: HashMap<String, Box<RawValue>> = match wanted.is_empty() {
        true => HashMap::new(),
        false => crypto::dangerous_claims(text).unwrap_or_default(),
    };
    let chosen = wanted.iter().filter_map(move |name| {
        let json = claims.remove(name.as_str())?;
        let value = serde_json::from_str::<String>(json.get()).unwrap_or_else(|_| json.get().to_owned());
        Some((name.as_str().to_owned(), value))
    });
    chosen.filter(|(_, value)| value != "null" && value.len() <= MAX_VALUE_BYTES)
}
