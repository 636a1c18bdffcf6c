//! Introspection by a partner: its key, and a token of one of its sites (V10).

use lambda_http::Request;
use lambda_http::http::{Method, header};
use model::{PartnerId, PartnerKey, Timestamp};
use store::{Directory, View};

use crate::auth::headers::has_signature;
use crate::auth::partner::{PARTNER_KEY_HEADER, authenticate_partner};
use crate::auth::token::claims::{Claims, VerifiedToken};
use crate::auth::token::hint::PresentedToken;
use crate::auth::token::query::LIMIT;
use crate::problem::{Code, Problem};
use crate::rate_limit::{BucketKind, BucketRequest, Limiter, Quotas};
use crate::request::form::Form;
use crate::request::method::require_method;

/// A token that a partner sent.
#[derive(Debug)]
pub struct PartnerQuery {
    /// The token, if it is a token of one of the partner's sites and has not expired.
    pub token: Option<VerifiedToken>,
    /// The state of the partner's rate limit.
    pub quotas: Quotas,
}

impl PartnerQuery {
    /// Whether the request has a partner's key.
    #[must_use]
    pub fn is_requested(request: &Request) -> bool {
        request.headers().contains_key(PARTNER_KEY_HEADER)
    }

    /// Reads the request to `route`: a form with `token`, and the partner's key in `x-api-key`. A client has one method of
    /// authentication (RFC 6749, 2.3), so other credentials are refused.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`] and the other errors of [`Form::read`], those of [`authenticate_partner`],
    /// [`Code::QuotaExceeded`], or the store's.
    pub async fn read(
        route: &'static str,
        request: &Request,
        (directory, limiter): (&Directory, &Limiter),
        now: Timestamp,
    ) -> Result<Self, Problem> {
        require_method(request, &Method::POST)?;
        let form = Form::read(request)?;
        refuse_other_credentials(request, &form)?;
        let presented = PresentedToken::read_form(&form)?;
        let mut view = directory.view(now);
        let first = presented.first_lookups();
        let second = |view: &View<'_>, _: &PartnerKey| presented.second_lookups(view);
        let partner = authenticate_partner(request, &mut view, first, second, now).await?;
        let limit = partner.rate_limit.unwrap_or(LIMIT);
        let quotas =
            limiter.take([BucketRequest::new(route, BucketKind::Partner, partner.id, limit)]).await?;

        let token = presented.verify(&view, now)?.filter(|token| is_of(partner.id, token));
        Ok(Self { token, quotas })
    }
}

fn refuse_other_credentials(request: &Request, form: &Form) -> Result<(), Problem> {
    let has_header = request.headers().contains_key(header::AUTHORIZATION) || has_signature(request);
    let fields = ["client_id", "client_secret", "client_assertion"];
    if !has_header && fields.iter().all(|name| form.value(name).is_none()) {
        return Ok(());
    }
    let detail = "the request has a partner's key and other credentials, use one of them";
    Err(Problem::new(Code::InvalidRequest, detail))
}

/// Whether the token is one of a site of the partner.
fn is_of(partner: PartnerId, token: &VerifiedToken) -> bool {
    matches!(token.claims, Claims::Device { partner_id, .. } if partner_id == partner)
}
