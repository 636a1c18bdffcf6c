//! `POST /v1/projects/{project_id}/security-tokens`, `…/user-tokens` and `…/combined-tokens`: builds a token from fields
//! and encrypts it as the project's settings say (X1–X6, X9).

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, Clock, Code, Endpoint, Limiter, PlainSignatures, Problem, Reply,
    Request, Start,
};
use crypto::Mode;
use model::{
    BuiltToken, Format, Level, MAX_TOKEN_BYTES, Name, OpenTokenSet, RateLimit, Resource, Scope, TokenFields,
    TokenKind, TokenSet, build_token, default_token_set,
};
use serde::{Deserialize, Serialize};
use store::{Directory, OpenProject};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    plain_signatures: PlainSignatures,
    limiter: Limiter,
    clock: Clock,
}

/// The scope that a caller needs on the project's entity.
const BUILD: Scope = Scope(Resource::ProjectToken, Level::Write);

/// The rate limit of a project that has none of its own.
const LIMIT: RateLimit = RateLimit::per_minute(600);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(default)]
    format: Format,
    /// The name of the token set; see [`default_token_set`] if absent.
    #[serde(default, deserialize_with = "model::present")]
    token_set: Option<Name>,
    #[serde(default)]
    fields: TokenFields,
}

#[derive(Serialize)]
struct Output<'a> {
    plaintext: &'a str,
    encrypted: &'a str,
    url_encoded: &'a str,
    parameter: &'static str,
    token_set: &'a Name,
    mode: Mode,
    authenticated: bool,
}

impl Endpoint for App {
    const NAME: &'static str = "project-tokens";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.sealed_directory().await?;
        let plain_signatures = start.admin_plain_signatures;
        Ok(Self { directory, plain_signatures, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let now = self.clock.now();
        let id = api::path_parameter(request, "project_id").ok();
        let directory = (&self.directory, self.plain_signatures);
        let project = api::authenticate_for_project(request, id, BUILD, directory, now).await?.open;
        let input: Input = api::json(request)?;
        let (stored, set) = choose_token_set(&project, input.token_set.as_ref())?;
        let kind = kind(request);
        let context = project.project.tokens.security_context.value.as_ref();
        let plaintext = input
            .fields
            .with_defaults(kind, context, set)
            .complete(kind, now)
            .map_err(|why| Problem::invalid("fields", why.to_string()))?;
        let built = build_token(set, &plaintext, input.format)?;
        if built.token.len() > MAX_TOKEN_BYTES {
            return Err(Problem::invalid("fields", "make a token longer than 16384 characters"));
        }
        let limit = project.project.rate_limit.unwrap_or(LIMIT);
        let bucket_request = BucketRequest::new(Self::NAME, BucketKind::Project, project.project.id, limit);
        let quotas = self.limiter.take([bucket_request]).await?;
        quotas.with_headers(api::json_reply(&Output::of(&built, kind, stored)))
    }
}

/// The kind of token that the path's last segment names.
fn kind(request: &Request) -> TokenKind {
    match request.uri().path().rsplit('/').next() {
        Some("user-tokens") => TokenKind::User,
        Some("combined-tokens") => TokenKind::Combined,
        _ => TokenKind::Security,
    }
}

/// The active token set of that name, or the default one of the active token sets.
fn choose_token_set<'p>(
    project: &'p OpenProject,
    named: Option<&Name>,
) -> Result<(&'p TokenSet, &'p OpenTokenSet), Problem> {
    let active = project.project.tokens.token_sets.iter().filter(|set| set.active);
    let mut open = active.zip(&project.token_sets);
    let chosen = match named {
        Some(name) => open.find(|(set, _)| name.folded() == set.name.folded()),
        None => default_token_set(open, |(set, _)| set.scheme.mode),
    };
    chosen.ok_or_else(|| {
        let detail = "the project has no active token set, or none of that name; make one in the Admin API";
        Problem::new(Code::Conflict, detail).about("token_set")
    })
}

impl<'a> Output<'a> {
    fn of(built: &'a BuiltToken, kind: TokenKind, set: &'a TokenSet) -> Self {
        Self {
            plaintext: &built.plaintext,
            encrypted: &built.token,
            url_encoded: &built.url_encoded,
            parameter: if kind == TokenKind::User { "XUT" } else { "XST" },
            token_set: &set.name,
            mode: set.scheme.mode,
            authenticated: set.scheme.mode.is_authenticated(),
        }
    }
}
