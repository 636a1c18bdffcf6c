//! The erasure of what a deleted project, user or entity left (S12).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Actor, AuditAction, EntityId, Moment, Notice, ProjectId, Target};

/// What is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Erased {
    /// All users, devices, history and events of a deleted project.
    Project {
        /// The project.
        project_id: ProjectId,
    },
    /// The devices and the history of one user.
    User {
        /// The user's project.
        project_id: ProjectId,
        /// The keyed hash of the user's id.
        user_hash: String,
    },
    /// The notices and the source addresses of a deleted entity.
    Entity {
        /// The entity.
        entity_id: EntityId,
    },
}

/// A request to erase, until all of it is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErasureJob {
    /// What is erased.
    pub erased: Erased,
    /// The entity that gets a notice when the job is done, if there is one.
    pub entity_id: Option<EntityId>,
    /// Who requested it.
    pub actor: Actor,
    /// When it was requested. What a user's later calls store is kept.
    pub requested_at: Timestamp,
    /// How many items were deleted. Deletes of an interrupted run may not be counted.
    pub items: u64,
}

/// How long a call may run after it read that the project exists: the timeout of the functions is 10 s, and clocks differ.
const IN_FLIGHT: SignedDuration = SignedDuration::from_secs(30);

/// After this time a job that is not done is reported.
const STUCK_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl ErasureJob {
    /// Whether all calls that began before the request, or with a copy of the project that was cached before it, have ended
    /// at the time `now`. Functions cache a project for `cache`. A pass that begins then finds everything that is to be
    /// erased.
    #[must_use]
    pub fn is_settled(&self, cache: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.requested_at) >= cache + IN_FLIGHT
    }

    /// Whether the job is older than 24 hours.
    #[must_use]
    pub fn is_stuck(&self, now: Timestamp) -> bool {
        now.duration_since(self.requested_at) > STUCK_AFTER
    }

    /// The notice that the job is done, with the number of items that this run and earlier ones deleted.
    #[must_use]
    pub fn notice(&self, items: u64, now: Timestamp) -> Option<Notice> {
        let (target, project) = match &self.erased {
            Erased::Project { project_id } => (Target::Project(*project_id), Some(project_id)),
            Erased::User { project_id, user_hash } => (Target::User(user_hash.clone()), Some(project_id)),
            Erased::Entity { entity_id } => (Target::Entity(*entity_id), None),
        };
        let details = serde_json::json!({
            "items": self.items + items,
            "project_id": project,
            "requested_at": Moment::from(self.requested_at),
        });
        let actor = (self.actor.clone(), None);
        Some(Notice::new(actor, AuditAction::Erase, target, self.entity_id?, details, now))
    }

    /// Whether something stored at the time `at` is to be erased. Of a user, it is only what was stored before the request.
    #[must_use]
    pub fn includes(&self, at: Timestamp) -> bool {
        !matches!(self.erased, Erased::User { .. }) || at <= self.requested_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Via;

    fn job(erased: Erased) -> ErasureJob {
        let actor = Actor { client_id: None, via: Via::Operator };
        ErasureJob { erased, entity_id: None, actor, requested_at: Timestamp::UNIX_EPOCH, items: 0 }
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn s12_the_last_pass_begins_when_no_earlier_call_can_write() {
        let project_id = ProjectId::new(Timestamp::UNIX_EPOCH);
        let job = job(Erased::Project { project_id });
        let cache = SignedDuration::from_secs(300);
        assert!(!job.is_settled(cache, after(329)));
        assert!(job.is_settled(cache, after(330)));
        assert!(!job.is_stuck(after(86_400)));
        assert!(job.is_stuck(after(86_401)));
    }

    #[test]
    fn s12_what_a_user_stores_after_the_request_is_kept() {
        let project_id = ProjectId::new(Timestamp::UNIX_EPOCH);
        let of_project = job(Erased::Project { project_id });
        let of_user = job(Erased::User { project_id, user_hash: "h".to_owned() });
        for (at, expected) in [(after(0), true), (after(1), false)] {
            assert_eq!(of_user.includes(at), expected);
            assert!(of_project.includes(at));
        }
    }
}
