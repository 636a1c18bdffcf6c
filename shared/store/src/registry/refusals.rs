//! The refused calls for a project (S9, S12). Each is a notice of the project's entity. If the project signed the call's token
//! for a user, a pointer under the user leads to the notice: it is found for the user, and erased with the user's data.

use model::{AuditAction, EntityId, Notice, Project, ProjectId, Target, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::{Filter, Selection};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;
use crate::registry::audit_log::is_expired;

const STEP: &str = "list refused calls";

/// The pointer from a user to a notice. The notice's id is in the key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefusalPointer {
    /// The entity of the notice.
    pub(crate) entity_id: EntityId,
    /// When the call was refused.
    pub(crate) at: Timestamp,
    expires_at: i64,
}

impl Registry {
    /// Stores a notice about a refused call for `project` together with the pointer from the user of the call's token, if the
    /// project signed the token for a user. A repeated call succeeds and changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_refusal(
        &self,
        project: ProjectId,
        notice: &Notice,
        user: Option<&UserId>,
    ) -> Result<(), StoreError> {
        let Some(user) = user else { return self.write_notice(notice).await };
        let pointer_key = key::refusal_of_user(project, &self.user_hash(project, user), notice.id);
        let (entity_id, expires_at) = (notice.entity_id, notice.expires_at);
        let pointer = RefusalPointer { entity_id, at: notice.at.into(), expires_at };
        let mut transaction = Transaction::new(&self.table, "write refused call");
        transaction.create(&key::notice(entity_id, notice.id), notice, Refusal::Stale)?;
        transaction.create(&pointer_key, &pointer, Refusal::Stale)?;
        match transaction.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Reads one page of the refused calls for `project`, newest first. With `user`, only those whose token the project signed
    /// for the user. A page may hold fewer than `limit`: expired notices are left out, and without `user`, a page reads at most
    /// 500 notices of the project's entity.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn refusals(
        &self,
        project: &Project,
        user: Option<&UserId>,
        place: (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<Page<Notice>, ListError> {
        let mut page = match user {
            Some(user) => self.refusals_of_user(project, user, place).await?,
            None => self.refusals_of_project(project, place).await?,
        };
        page.items.retain(|item| !is_expired(item, now));
        Ok(page.try_map(|item| from_item(item, STEP))?)
    }

    async fn refusals_of_project(
        &self,
        project: &Project,
        place: (Option<&Cursor>, PageLimit),
    ) -> Result<Page<Item>, ListError> {
        let target = Target::Project(project.id);
        let action = AuditAction::RefuseAccess.on(&target);
        let list = key::notices(project.entity_id).filtered_by(format!("{action} of {}", project.id));
        let mut filter = Filter::default();
        filter.add(("#action = :action", "#action", "action"), (":action", &action));
        filter.add(("#target.id = :target", "#target", "target"), (":target", &project.id.to_string()));
        let selection = Selection { filter: Some(filter), ..Selection::default() };
        self.selected_page(&list, &selection, place, STEP).await
    }

    async fn refusals_of_user(
        &self,
        project: &Project,
        user: &UserId,
        (cursor, limit): (Option<&Cursor>, PageLimit),
    ) -> Result<Page<Item>, ListError> {
        let list = key::refusals_of_user(project.id, &self.user_hash(project.id, user));
        let pointers = self.item_page(&list, cursor, limit, STEP).await?;
        let notices = key::notices(project.entity_id);
        let notice_key = |pointer: &Item| {
            ItemKey::of(pointer).and_then(|it| Some(notices.item_at(it.sk.strip_prefix(&list.prefix)?)))
        };
        let keys: Vec<ItemKey> = pointers.items.iter().filter_map(notice_key).collect();
        Ok(Page { items: self.table.read_many_in_order(&keys, STEP).await?, next: pointers.next })
    }
}
