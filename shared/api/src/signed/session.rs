//! One call for a project: its caller, whether it is signed, and the record of it in the history (S1, S4, S9).

use lambda_http::Request;
use model::{
    Access, AccessKind, Actor, AuditAction, DeviceId, Notice, Project, Target, Timestamp, TokenPurpose,
    Unsigned, UserId, Via,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{OneTimeEvent, OpenSecrets};

use crate::auth::{Denied, Party, ProjectCaller, ProjectProof, Reason};
use crate::endpoint::Endpoint;
use crate::problem::{Code, Problem};
use crate::reply::{Reply, json_reply};
use crate::request::body::json;
use crate::request::origin::source_ip;
use crate::signed::backend::{ProjectCall, SignedBackend};

/// One call for a project.
#[derive(Debug)]
pub struct ProjectSession<'a> {
    pub(super) backend: &'a SignedBackend,
    pub(super) caller: ProjectCaller,
    call: ProjectCall,
    pub(super) route: &'static str,
    /// The request.
    pub request: &'a Request,
    /// When it was received.
    pub now: Timestamp,
}

/// The sentence of every 401 of window S. It is the same for every reason.
const PROOF_WANTED: &str = "the credentials are missing, malformed, unknown or wrong; send the client id with a valid token that \
                            the project signed for the user or the event, or the project's API secret";

/// The maximum length of a body in bytes (S5).
const MAX_BODY_BYTES: usize = 8192;

impl SignedBackend {
    /// Returns the session of a call, if the project is switched on, and the call is signed where it must be (S1, S11).
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`], [`Code::EntityDisabled`], or the store's.
    pub async fn session<'a, E: Endpoint>(
        &'a self,
        request: &'a Request,
        call: ProjectCall,
    ) -> Result<ProjectSession<'a>, Problem> {
        let now = self.clock.now();
        let caller = self.authenticate(request, call, now).await.map_err(problem)?;
        let session = ProjectSession { backend: self, caller, call, route: E::NAME, request, now };
        session.require_switched_on().map_err(problem)?;
        session.require_signature(session.unsigned_reason()).await?;
        Ok(session)
    }
}

impl ProjectSession<'_> {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        self.caller.project()
    }

    /// The project's API secrets.
    #[must_use]
    pub fn secrets(&self) -> &OpenSecrets {
        self.caller.secrets()
    }

    /// The event that the call is signed for, where signing is required. It works once (S6), and its use is stored until
    /// its token expires.
    #[must_use]
    pub fn event(&self) -> Option<OneTimeEvent<'_>> {
        match &self.caller.proof {
            ProjectProof::Signed(claims) if self.project().require_signed_tokens => {
                Some(OneTimeEvent { id: &claims.user, expires_at: claims.expiry_with_skew() })
            }
            _ => None,
        }
    }

    /// Reads the body, which has a lower limit than in other windows.
    ///
    /// # Errors
    /// [`Code::PayloadTooLarge`], or those of [`json`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.request.body().len() > MAX_BODY_BYTES {
            return Err(Problem::new(Code::PayloadTooLarge, "the body must be at most 8192 bytes"));
        }
        json(self.request)
    }

    /// Why the call is not signed. `None` if it is. The API secret counts as a signature.
    #[must_use]
    pub fn unsigned_reason(&self) -> Option<Unsigned> {
        match self.caller.proof {
            ProjectProof::Secret | ProjectProof::Signed(_) => None,
            ProjectProof::Unsigned(why, _) => Some(why),
        }
    }

    /// Checks that the call is signed for `user`, where it must be signed (S1, S11). Otherwise returns why it is not signed
    /// for the user, or `None` if it is (S5).
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`] where the call must be signed, or the store's.
    pub async fn check_signed_for(&self, user: &UserId) -> Result<Option<Unsigned>, Problem> {
        let unsigned = match &self.caller.proof {
            ProjectProof::Signed(claims) if claims.user != user.as_str() => Some(Unsigned::OtherUser),
            _ => self.unsigned_reason(),
        };
        self.require_signature(unsigned).await?;
        Ok(unsigned)
    }

    /// The record of the call for the history (S8).
    #[must_use]
    pub fn access(&self, kind: AccessKind, unsigned: Option<Unsigned>) -> Access {
        Access::new(kind, unsigned, self.project().history_days, self.now)
    }

    /// The response to an attach or detach request of a user with so many devices (S5, S7).
    ///
    /// # Errors
    /// As [`json_reply`].
    pub fn attachment_reply(&self, device: &DeviceId, attached_devices: u32) -> Reply {
        #[derive(Serialize)]
        struct Output<'a> {
            success: bool,
            device_id: &'a str,
            attached_devices: u32,
            default_device_limit: u32,
            block_over_usage: bool,
        }
        let project = self.project();
        json_reply(&Output {
            success: true,
            device_id: device.as_str(),
            attached_devices,
            default_device_limit: project.default_device_limit.into(),
            block_over_usage: project.block_over_usage,
        })
    }

    /// Records the refusal as a notice (S9), and returns the problem to answer with.
    pub async fn refuse(&self, why: Unsigned) -> Problem {
        match self.record_refusal(why).await {
            Ok(()) => problem(Reason::Unsigned(why).at(self.now)),
            Err(problem) => problem,
        }
    }

    /// Denies the call if the project is off. A caller that proved nothing gets the response for wrong credentials, because
    /// the client id is public.
    pub(super) fn require_switched_on(&self) -> Result<(), Denied> {
        if !self.caller.is_on() && self.unsigned_reason().is_some() {
            return Err(Reason::UnprovedProject.at(self.now));
        }
        Party::Project.require_switched_on(self.caller.is_on())
    }

    /// Refuses an unsigned call where it must be signed (S1, S11).
    pub(super) async fn require_signature(&self, unsigned: Option<Unsigned>) -> Result<(), Problem> {
        match unsigned {
            Some(why) if self.call.requires_signature(self.project()) => Err(self.refuse(why).await),
            _ => Ok(()),
        }
    }

    /// Records a refused call as a notice of the project's entity, up to the limit of such notices. The notice is kept as
    /// long as the project's history. The log has every refused call.
    async fn record_refusal(&self, why: Unsigned) -> Result<(), Problem> {
        let project = self.project();
        match self.take_for_refusal().await {
            Err(problem) if problem.code() == Code::QuotaExceeded => return Ok(()),
            taken => taken?,
        };
        let actor = Actor { client_id: Some(project.client_id.clone()), via: Via::Project };
        let source_ip = source_ip(self.request).map(str::to_owned);
        let target = Target::Project(project.id);
        let user = self.user_of_token();
        let details = json!({ "call": self.route, "reason": why.name(), "user": user });
        let (entity, now) = (project.entity_id, self.now);
        let refused = AuditAction::RefuseAccess;
        let notice = Notice::new((actor, source_ip), refused, target, entity, details, now)
            .until(project.history_days.expires_at(now));
        Ok(self.backend.registry.write_refusal(project.id, &notice, user.as_ref()).await?)
    }

    /// The user that the call's token is for, if the project signed it: also if the token has ended or is for another user than
    /// the call. A token to identify is for an event.
    fn user_of_token(&self) -> Option<UserId> {
        let claims = self.caller.proof.signed_claims()?;
        let is_for_user = match claims.purpose {
            Some(purpose) => purpose == TokenPurpose::Attach,
            None => self.call != ProjectCall::Identify,
        };
        UserId::try_from(claims.user.clone()).ok().filter(|_| is_for_user)
    }
}

/// The response to a caller that is denied.
fn problem(denied: Denied) -> Problem {
    match denied {
        Denied::Unauthenticated { .. } => Problem::from(denied).with_detail(PROOF_WANTED),
        Denied::SwitchedOff(_) | Denied::OriginNotAllowed | Denied::Store(_) => denied.into(),
    }
}
