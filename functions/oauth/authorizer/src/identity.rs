//! What an admitted call tells the API about the caller: the context of the answer.

use std::collections::{BTreeMap, HashMap};

use api::VerifiedToken;
use model::{ContextClaims, ScopeNames};
use serde_json::value::RawValue;

/// The maximum length of a value in bytes. A claim that is longer is left out.
const MAX_VALUE_BYTES: usize = 1024;

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
    /// A claim does not replace one of these five. `scopes` are those of the API that the token has.
    pub(crate) fn new(
        token: &VerifiedToken,
        scopes: &ScopeNames,
        text: &str,
        wanted: &ContextClaims,
    ) -> Self {
        let (subject, scope) = (token.claims.subject().to_owned(), scopes.to_string());
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
        Self { subject, context }
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
