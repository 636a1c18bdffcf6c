//! The erasure of what a deleted project, user or entity left (S12).

use std::collections::BTreeMap;

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
    /// The entities that take turns with others: the customer, and those below it down to the one concerned. A job of the
    /// operator has none.
    #[serde(default)]
    pub owners: Vec<EntityId>,
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

    /// The job's customer at level 0, and what is below it at higher levels: entities, and then the project.
    fn owner(&self, level: usize) -> Option<String> {
        let project = match &self.erased {
            Erased::Project { project_id } | Erased::User { project_id, .. } => Some(project_id.to_string()),
            Erased::Entity { .. } => None,
        };
        self.owners.iter().map(EntityId::to_string).chain(project).nth(level)
    }

    /// Brings jobs into the order in which they are done: customers take turns, and within a customer its organizations, and
    /// so on down to projects. The oldest job of a project comes first, and the owner of the oldest job begins. So nobody
    /// delays the jobs of others by requesting many.
    #[must_use]
    pub fn take_turns(jobs: Vec<Self>) -> Vec<Self> {
        take_turns(jobs, 0)
    }
}

fn take_turns(mut jobs: Vec<ErasureJob>, level: usize) -> Vec<ErasureJob> {
    if jobs.iter().all(|job| job.owner(level).is_none()) {
        jobs.sort_by_key(|job| job.requested_at);
        return jobs;
    }
    let mut by_owner: BTreeMap<Option<String>, Vec<ErasureJob>> = BTreeMap::new();
    for job in jobs {
        by_owner.entry(job.owner(level)).or_default().push(job);
    }
    let ordered = by_owner.into_values().map(|jobs| take_turns(jobs, level + 1));
    let mut turns: Vec<_> = ordered.flat_map(|jobs| jobs.into_iter().enumerate()).collect();
    turns.sort_by_key(|(turn, job)| (*turn, job.requested_at));
    turns.into_iter().map(|(_, job)| job).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityKind, Via};

    fn job(erased: Erased) -> ErasureJob {
        let actor = Actor { client_id: None, via: Via::Operator };
        ErasureJob {
            erased,
            entity_id: None,
            owners: Vec::new(),
            actor,
            requested_at: Timestamp::UNIX_EPOCH,
            items: 0,
        }
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

    #[test]
    fn s12_customers_and_what_is_below_them_take_turns() {
        let ids: Vec<_> =
            (0..3).map(|_| EntityId::new(EntityKind::Customer, Timestamp::UNIX_EPOCH)).collect();
        let project_id = ProjectId::new(Timestamp::UNIX_EPOCH);
        let waiting = |owners: &[usize], at: i64| {
            let erased = Erased::User { project_id, user_hash: at.to_string() };
            let owners = owners.iter().map(|&owner| ids[owner]).collect();
            ErasureJob { owners, requested_at: after(at), ..job(erased) }
        };
        // Customer 0 has many jobs of account 1, and two of its own. Customer 2 asks last.
        let many = (0..6).map(|at| waiting(&[0, 1], at));
        let jobs = many.chain([waiting(&[0], 7), waiting(&[0], 8), waiting(&[2], 9)]).collect();
        let order: Vec<_> =
            ErasureJob::take_turns(jobs).iter().map(|job| job.requested_at.as_second()).collect();
        assert_eq!(order, [0, 9, 7, 1, 8, 2, 3, 4, 5]);
    }
}
