//! What the functions of window S share: which project calls, whether the call is signed, and how often it may (S1,
//! S4, S9, S10).

use std::sync::Arc;

use lambda_http::Request;
use model::{
    Access, AccessKind, Actor, AuditRecord, DeviceId, Project, RateLimit, Target, Timestamp, Unsigned,
    UserId, Via,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{Devices, Directory, OneTimeEvent, OpenSecrets, Registry, StoreError};

use crate::auth::credentials::Denied;
use crate::auth::project::{ProjectCaller, ProjectCredentials, ProjectProof};
use crate::endpoint::{Endpoint, Reply, json_reply};
use crate::problem::{Code, Problem};
use crate::rate_limit::{Demand, Limiter, Quotas};
use crate::request::body::json;
use crate::request::origin::source_ip;
use crate::runtime::clock::Clock;
use crate::runtime::start::Start;

/// What a function of window S is made of.
#[derive(Debug)]
pub struct Projects {
    /// The devices of their users.
    pub devices: Devices,
    directory: Directory,
    registry: Registry,
    limiter: Limiter,
    clock: Clock,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A client, with the header of S5.
    Client,
    /// The project's server, with the API secret.
    Server,
    /// Either of them (S7).
    Either,
}

/// One call for a project.
#[derive(Debug)]
pub struct ProjectSession<'a> {
    projects: &'a Projects,
    caller: ProjectCaller,
    route: &'static str,
    /// The request.
    pub request: &'a Request,
    /// When.
    pub now: Timestamp,
}

/// How often one user may be called for unless the project is told otherwise (S10).
const USER_LIMIT: RateLimit = RateLimit::per_minute(120);
/// How often an event may be tried, whatever the project says: it works once, and a call that failed is tried again.
const EVENT_LIMIT: RateLimit = RateLimit::per_minute(5);
/// How often a project may be called unless it is told otherwise (S10).
const PROJECT_LIMIT: RateLimit = RateLimit::per_minute(6000);
/// How often a project may read its history, which reads some thousand items each time, whatever it is told.
const HISTORY_LIMIT: RateLimit = RateLimit::per_minute(60);
/// How often a refused call of a project is written to the audit log: a stranger may make any number of them, on any
/// route.
const RECORDED: RateLimit = RateLimit::per_hour(10);
/// The longest body, in bytes (S5).
const LONGEST_BODY: usize = 8192;

impl Projects {
    /// Gets it ready.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn boot(start: &Start) -> Result<Self, StoreError> {
        let data_key = start.data_key().await?;
        Ok(Self {
            devices: Devices::new(start.table.clone(), Arc::clone(&data_key)),
            directory: Directory::new(start.table.clone(), Arc::clone(&data_key), start.cache),
            registry: Registry::new(start.table.clone(), data_key),
            limiter: start.closing_limiter(),
            clock: start.clock.clone(),
        })
    }

    /// The session of the project that calls, which works, with a good token where it requires one (S1).
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`], [`Code::EntityDisabled`], or the store's.
    pub async fn session<'a, E: Endpoint>(
        &'a self,
        request: &'a Request,
        by: By,
    ) -> Result<ProjectSession<'a>, Problem> {
        let now = self.clock.now();
        let caller = self.authenticated(request, by, now).await.map_err(|denied| denied.into_problem(now))?;
        let session = ProjectSession { projects: self, caller, route: E::NAME, request, now };
        session.must_work()?;
        session.held(session.unsigned()).await?;
        Ok(session)
    }

    async fn authenticated(
        &self,
        request: &Request,
        by: By,
        now: Timestamp,
    ) -> Result<ProjectCaller, Denied> {
        let credentials = ProjectCredentials::read(request)?;
        let is_client = matches!(credentials, ProjectCredentials::Client { .. });
        if (is_client && by == By::Server) || (!is_client && by == By::Client) {
            return Err(Denied::Malformed("authorization"));
        }
        credentials.authenticate(&mut self.directory.view(now), now).await
    }
}

impl ProjectSession<'_> {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        self.caller.project()
    }

    /// Its API secrets.
    #[must_use]
    pub fn secrets(&self) -> &OpenSecrets {
        self.caller.secrets()
    }

    /// The event the call is for, where signing is required: it works once (S6). It is known until its token holds no
    /// more.
    #[must_use]
    pub fn event(&self) -> Option<OneTimeEvent<'_>> {
        match &self.caller.proof {
            ProjectProof::Signed(claims) if self.project().require_signed_tokens => {
                Some(OneTimeEvent { id: &claims.user, expires_at: claims.expiry_with_skew() })
            }
            _ => None,
        }
    }

    /// The body, which is short.
    ///
    /// # Errors
    /// [`Code::PayloadTooLarge`], or as [`json`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.request.body().len() > LONGEST_BODY {
            return Err(Problem::new(Code::PayloadTooLarge, "the body must be at most 8192 bytes"));
        }
        json(self.request)
    }

    /// Why the call does not count as signed, if it does not. The API secret itself is as good as a token.
    #[must_use]
    pub fn unsigned(&self) -> Option<Unsigned> {
        match self.caller.proof {
            ProjectProof::Secret | ProjectProof::Signed(_) => None,
            ProjectProof::Unsigned(why) => Some(why),
        }
    }

    /// The same for a call for `user`: its token must be for the same one (S5).
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`] where signing is required (S1), or the store's.
    pub async fn unsigned_for(&self, user: &UserId) -> Result<Option<Unsigned>, Problem> {
        let unsigned = match &self.caller.proof {
            ProjectProof::Signed(claims) if claims.user != user.as_str() => Some(Unsigned::OtherUser),
            _ => self.unsigned(),
        };
        self.held(unsigned).await
    }

    /// Takes from the bucket of the narrower thing that the call is about, and from the project's (S10).
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`], or [`Code::TemporarilyUnavailable`].
    pub async fn take(&self, narrower: Option<(&'static str, &str)>) -> Result<Quotas, Problem> {
        let limit = self.project().user_rate_limit.unwrap_or(USER_LIMIT);
        self.take_both(narrower.map(|it| (it, limit))).await
    }

    /// The same for an event. What else the call says is its caller's to choose, and could be another each time.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn take_for_event(&self, event: &str) -> Result<Quotas, Problem> {
        self.take_both(Some((("event", event), EVENT_LIMIT))).await
    }

    /// Takes from the project's bucket for its history (S8).
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn take_for_history(&self) -> Result<Quotas, Problem> {
        let project = self.project();
        let limit = project.rate_limit.map_or(HISTORY_LIMIT, |own| own.stricter_with(HISTORY_LIMIT));
        let demand = Demand::new(self.route, ("project", project.id), None, limit);
        self.projects.limiter.take([demand], self.now).await
    }

    async fn take_both(
        &self,
        narrower: Option<((&'static str, &str), RateLimit)>,
    ) -> Result<Quotas, Problem> {
        let (project, devices) = (self.project(), &self.projects.devices);
        let narrower = narrower.map(|((kind, id), limit)| {
            Demand::new(self.route, (kind, devices.hash(project.id, id)), None, limit)
        });
        let whole = Demand::new(self.route, ("project", project.id), project.rate_limit, PROJECT_LIMIT);
        self.projects.limiter.take(narrower.into_iter().chain([whole]), self.now).await
    }

    /// What is remembered of the call (S8).
    #[must_use]
    pub fn access(&self, kind: AccessKind, unsigned: Option<Unsigned>) -> Access {
        Access::new(kind, unsigned, self.project().history_days, self.now)
    }

    /// The answer to attach and detach (S5, S7).
    ///
    /// # Errors
    /// The store's.
    pub async fn attached(&self, device: &DeviceId, user: &UserId) -> Reply {
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
            attached_devices: self.projects.devices.count_attached(project.id, user).await?,
            default_device_limit: project.default_device_limit.into(),
            block_over_usage: project.block_over_usage,
        })
    }

    /// Refuses the call for `why`, and records it in the audit log (S9).
    pub async fn refused(&self, why: Unsigned) -> Problem {
        match self.record(why).await {
            Ok(()) => Problem::unauthenticated(why, self.now),
            Err(problem) => problem,
        }
    }

    /// A project that is off, or under something that is, says so to who proved something. Its client id proves nothing.
    fn must_work(&self) -> Result<(), Problem> {
        if self.caller.is_active() {
            return Ok(());
        }
        if self.unsigned().is_some() {
            return Err(Problem::unauthenticated("project disabled, and nothing proved", self.now));
        }
        Err(Problem::new(
            Code::EntityDisabled,
            "the project, its entity, one above it, or its API switch is off",
        ))
    }

    /// Where signing is required, a call that is not signed is refused (S1).
    async fn held(&self, unsigned: Option<Unsigned>) -> Result<Option<Unsigned>, Problem> {
        match unsigned {
            Some(why) if self.project().require_signed_tokens => Err(self.refused(why).await),
            unsigned => Ok(unsigned),
        }
    }

    /// Not every one of many is recorded, none for ever, and none where others than the project's own auditors read;
    /// all of them are in the log.
    async fn record(&self, why: Unsigned) -> Result<(), Problem> {
        let project = self.project();
        let demand = Demand::new("projects", ("refusal", project.id), None, RECORDED);
        match self.projects.limiter.take([demand], self.now).await {
            Err(problem) if problem.code() == Code::QuotaExceeded => return Ok(()),
            taken => taken?,
        };
        let actor = Actor { client_id: Some(project.client_id.clone()), via: Via::Project };
        let source_ip = source_ip(self.request).map(str::to_owned);
        let target = Target { kind: "project".to_owned(), id: project.id.to_string() };
        let changes = json!({ "call": self.route, "reason": why.name() });
        let (entity, now) = (project.entity_id, self.now);
        let audit = AuditRecord::new((actor, source_ip), "refuse_access", target, entity, changes, now);
        Ok(self
            .projects
            .registry
            .write_temporary_audit_record(&audit, project.history_days.expires_at(now))
            .await?)
    }
}
