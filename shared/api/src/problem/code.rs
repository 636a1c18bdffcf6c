//! The error codes: one row each, with status, name and title.

use lambda_http::http::StatusCode;

/// The kind of a problem, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed.
    InvalidRequest,
    /// The requested scope is unknown, or the client may not have it (RFC 6749, 5.2).
    InvalidScope,
    /// The requested API is unknown, not granted, or switched off (RFC 8707, 2).
    InvalidTarget,
    /// The grant type is not supported (RFC 6749, 5.2).
    UnsupportedGrantType,
    /// The caller is not authenticated.
    InvalidCredentials,
    /// The caller's grants or scopes do not allow the operation.
    InsufficientScope,
    /// The entity, an entity above it, or a switch is off.
    EntityDisabled,
    /// Security or user tokens do not verify (X7).
    TokensRefused,
    /// The request did not come from the edge, and the deployment requires it.
    EdgeRequired,
    /// Pages of this origin may not call (A9).
    OriginNotAllowed,
    /// The resource does not exist, or belongs to another customer.
    NotFound,
    /// The route does not allow the method.
    MethodNotAllowed,
    /// A sibling has the name.
    NameTaken,
    /// An API has the identifier, or it is not available.
    IdentifierTaken,
    /// Something depends on the resource.
    InUse,
    /// An entity cannot be moved.
    Cycle,
    /// The maximum number of resources exists.
    LimitExceeded,
    /// The state of the resource does not allow the operation, or the resource was changed at the same time.
    Conflict,
    /// The resource is not at the version in `If-Match`.
    PreconditionFailed,
    /// The body is longer than 64 KiB.
    PayloadTooLarge,
    /// The body has another media type.
    UnsupportedMediaType,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// A rate limit is used up.
    QuotaExceeded,
    /// A fault of the server.
    InternalError,
    /// DynamoDB did not answer. The caller should try again.
    TemporarilyUnavailable,
}

struct Row {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
}

const fn row(status: StatusCode, name: &'static str, title: &'static str) -> Row {
    Row { status, name, title }
}

impl Code {
    #[rustfmt::skip]
    const fn row(self) -> Row {
        match self {
            Self::InvalidRequest => row(StatusCode::BAD_REQUEST, "invalid_request", "Invalid request"),
            Self::InvalidScope => row(StatusCode::BAD_REQUEST, "invalid_scope", "Invalid scope"),
            Self::InvalidTarget => row(StatusCode::BAD_REQUEST, "invalid_target", "Invalid target"),
            Self::UnsupportedGrantType => row(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type"),
            Self::InvalidCredentials => row(StatusCode::UNAUTHORIZED, "invalid_credentials", "Invalid credentials"),
            Self::InsufficientScope => row(StatusCode::FORBIDDEN, "insufficient_scope", "Insufficient scope"),
            Self::EntityDisabled => row(StatusCode::FORBIDDEN, "entity_disabled", "Entity disabled"),
            Self::TokensRefused => row(StatusCode::FORBIDDEN, "tokens_refused", "Tokens refused"),
            Self::EdgeRequired => row(StatusCode::FORBIDDEN, "edge_required", "Edge required"),
            Self::OriginNotAllowed => row(StatusCode::FORBIDDEN, "origin_not_allowed", "Origin not allowed"),
            Self::NotFound => row(StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed => row(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed"),
            Self::NameTaken => row(StatusCode::CONFLICT, "name_taken", "Name taken"),
            Self::IdentifierTaken => row(StatusCode::CONFLICT, "identifier_taken", "Identifier taken"),
            Self::InUse => row(StatusCode::CONFLICT, "in_use", "In use"),
            Self::Cycle => row(StatusCode::CONFLICT, "cycle", "Entities do not move"),
            Self::LimitExceeded => row(StatusCode::CONFLICT, "limit_exceeded", "Limit exceeded"),
            Self::Conflict => row(StatusCode::CONFLICT, "conflict", "Conflict"),
            Self::PreconditionFailed => row(StatusCode::PRECONDITION_FAILED, "precondition_failed", "Precondition failed"),
            Self::PayloadTooLarge => row(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "Payload too large"),
            Self::UnsupportedMediaType => row(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type"),
            Self::IdempotencyKeyReused => row(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency key reused"),
            Self::QuotaExceeded => row(StatusCode::TOO_MANY_REQUESTS, "quota_exceeded", "Quota exceeded"),
            Self::InternalError => row(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error"),
            Self::TemporarilyUnavailable => row(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "Temporarily unavailable"),
        }
    }

    /// The status of its response.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().status
    }

    /// Its name in responses and log lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Its title in RFC 9457 responses.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().title
    }
}
