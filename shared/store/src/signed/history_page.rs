//! Reading the history of calls page by page, for administrators (S12).

use futures_util::future::try_join_all;
use model::{Access, Identity, Project, Timestamp};

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, List};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::{Filter, QueriedPage, Selection};
use crate::dynamodb::table::from_item;
use crate::error::{ListError, StoreError};
use crate::signed::devices::Devices;
use crate::signed::history_filter::HistoryFilter;

const STEP: &str = "list access history";

impl Devices {
    /// Reads one page of the calls that match `filter`, newest first. If the filter has one id and nothing else, a page reads
    /// at most `limit` signed and `limit` unsigned calls of that id; otherwise at most 500 of each. So a page may hold fewer
    /// calls than `limit`, or none, and have a next page.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn history_page(
        &self,
        project: &Project,
        filter: &HistoryFilter,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<Page<Access>, ListError> {
        let hash_key = self.keys.hash_key();
        let Some(bound) = self.smallest_histories(project.id, filter).into_iter().next() else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let bound = bound.filtered_by(filter.to_string());
        let after = cursor.map(|cursor| cursor.position(hash_key, &bound)).transpose()?;
        let filter = self.without_unproved_identities(project, filter, now).await?;
        let selection = filter.selection();
        let read = |list: List| {
            let selection = &selection;
            async move { self.table.query_selected(&list, selection, (after, limit), STEP).await }
        };
        let parts = try_join_all(self.smallest_histories(project.id, &filter).into_iter().map(read)).await?;
        let (mut items, end) = merge(parts, limit)?;
        items.retain(|access| access.is_retained(project.history_days, now) && filter.matches(access));
        Ok(Page { items, next: end.map(|end| Cursor::new(hash_key, &bound, &end)) })
    }

    /// The filter that leaves out unsigned calls if it has an identity that signed calls have: anyone can name any identity
    /// (S11).
    async fn without_unproved_identities(
        &self,
        project: &Project,
        filter: &HistoryFilter,
        now: Timestamp,
    ) -> Result<HistoryFilter, StoreError> {
        let signed = match &filter.identity {
            Some(identity) if filter.signed.is_none() && self.is_proved(project, identity, now).await? => {
                Some(true)
            }
            _ => filter.signed,
        };
        Ok(HistoryFilter { signed, ..filter.clone() })
    }

    /// Whether a signed call for the identity is in the history. Reads the newest call. If that is an unsigned one, which
    /// versions with one list for both stored, it reads up to 500 calls.
    async fn is_proved(
        &self,
        project: &Project,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let [list, _] = key::histories(project.id, "identity", identity.as_str());
        for filter in [None, Some(of_type("NULL"))] {
            let selection = Selection { filter, ..Selection::default() };
            let newest = self.table.query_selected(&list, &selection, (None, PageLimit::ONE), STEP).await?;
            let Some(item) = newest.items.into_iter().next() else { return Ok(false) };
            let access: Access = from_item(item, STEP)?;
            if access.unsigned.is_none() {
                return Ok(access.is_retained(project.history_days, now));
            }
        }
        Ok(false)
    }
}

impl HistoryFilter {
    /// What a query of a history leaves out: calls with another device or identity than the filter has, unless the history is
    /// the one of that id; and signed calls, if the filter selects unsigned ones. A history of signed calls has no others,
    /// except for those that earlier versions stored.
    fn selection(&self) -> Selection {
        let mut filter = match self.signed {
            Some(false) => of_type("S"),
            Some(true) | None => Filter::default(),
        };
        let device = self.device.as_ref().filter(|_| self.user.is_some());
        if let Some(device) = device {
            filter.add(("#device = :device", "#device", "device"), (":device", device.as_str()));
        }
        let identity = self.identity.as_ref().filter(|_| self.user.is_some() || self.device.is_some());
        if let Some(identity) = identity {
            filter.add(("#identity = :identity", "#identity", "identity"), (":identity", identity.as_str()));
        }
        Selection { filter: (!filter.conditions.is_empty()).then_some(filter), ..Selection::default() }
    }
}

/// The filter for calls whose reason for being unsigned has this type of DynamoDB: `S`, or `NULL` if they are signed.
fn of_type(name: &str) -> Filter {
    let mut filter = Filter::default();
    filter.add(("attribute_type(#unsigned, :type)", "#unsigned", "unsigned"), (":type", name));
    filter
}

/// Merges parts of several histories into one page, newest first. Returns the id that the next page begins after, if there may
/// be one. A part that ended early may have more calls after its last one. Calls of the other parts that are older than
/// that one belong to later pages.
fn merge(parts: Vec<QueriedPage>, limit: PageLimit) -> Result<(Vec<Access>, Option<String>), StoreError> {
    let end = parts.iter().filter_map(|part| part.last.clone()).max();
    let items = parts.into_iter().flat_map(|part| part.items);
    let mut calls = items.map(|item| from_item(item, STEP)).collect::<Result<Vec<Access>, _>>()?;
    calls.sort_unstable_by_key(|access| std::cmp::Reverse(access.id));
    calls.retain(|access| end.as_ref().is_none_or(|end| access.id.to_string() >= *end));
    if calls.len() <= usize::from(limit) {
        return Ok((calls, end));
    }
    calls.truncate(limit.into());
    let last = calls.last().map(|access| access.id.to_string());
    Ok((calls, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::key::ItemKey;
    use crate::dynamodb::table::to_item;
    use model::{AccessKind, HistoryDays};

    fn id(number: u8) -> String {
        format!("00000000-0000-7000-8000-0000000000{number:02}")
    }

    /// A part with the calls of these numbers. It ended early if `is_part`.
    fn part(numbers: &[u8], is_part: bool) -> QueriedPage {
        let days = HistoryDays::try_from(1.0).unwrap();
        let item = |number: &u8| {
            let access = Access::new(AccessKind::Attach, None, days, Timestamp::UNIX_EPOCH);
            let access = Access { id: id(*number).parse().unwrap(), ..access };
            let item_key = ItemKey { pk: "history".to_owned(), sk: id(*number) };
            to_item(&item_key, &access, STEP).unwrap()
        };
        let last = numbers.last().filter(|_| is_part).map(|&number| id(number));
        QueriedPage { items: numbers.iter().map(item).collect(), last }
    }

    #[test]
    fn s12_a_page_of_two_histories_ends_before_what_one_of_them_has_not_read() {
        for (case, parts, calls, end) in [
            ("both whole", [part(&[9, 7], false), part(&[8], false)], vec![9, 8, 7], None),
            ("one is longer", [part(&[9, 7], true), part(&[8, 3], false)], vec![9, 8, 7], Some(7)),
            ("both are longer", [part(&[9, 8], true), part(&[7, 6], true)], vec![9, 8], Some(8)),
            ("more than the limit", [part(&[9, 7, 5], true), part(&[8, 6], true)], vec![9, 8, 7], Some(7)),
            ("nothing", [part(&[], false), part(&[], false)], vec![], None),
        ] {
            let (found, found_end) = merge(parts.into(), PageLimit::new(3).unwrap()).unwrap();
            let found: Vec<_> = found.iter().map(|access| access.id.to_string()).collect();
            assert_eq!(found, calls.into_iter().map(id).collect::<Vec<_>>(), "{case}");
            assert_eq!(found_end, end.map(id), "{case}");
        }
    }
}
