//! The JSON of this endpoint.

use model::{Access, AccessKind, Moment, ProjectId};
use serde::Serialize;

/// One call. A text that is not known is empty, never `null`. The time has milliseconds (S8).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output<'a> {
    #[serde(rename = "_id")]
    id: String,
    kind: AccessKind,
    signed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    device: &'a str,
    project: String,
    user: &'a str,
    identity: &'a str,
    confidence: f64,
    created_at: Moment,
}

/// One page, in the envelope of S8.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Docs<'a> {
    docs: Vec<Output<'a>>,
    total_docs: usize,
    limit: usize,
    page: usize,
    total_pages: usize,
    has_next_page: bool,
    has_prev_page: bool,
    next_page: Option<usize>,
    prev_page: Option<usize>,
}

impl<'a> Output<'a> {
    pub(crate) fn of(access: &'a Access, project: ProjectId) -> Self {
        Self {
            id: access.id.to_string(),
            kind: access.kind,
            signed: access.unsigned.is_none(),
            reason: access.unsigned.map(|why| why.name()),
            device: access.device.as_ref().map_or("", |device| device.as_str()),
            project: project.to_string(),
            user: access.user.as_ref().map_or("", |user| user.as_str()),
            identity: access.identity.as_ref().map_or("", |identity| identity.as_str()),
            confidence: access.confidence,
            created_at: access.at.into(),
        }
    }
}

impl<'a> Docs<'a> {
    /// Page `page` of `total` calls, `limit` on each page. There is always a first page.
    pub(crate) fn new(docs: Vec<Output<'a>>, total: usize, limit: usize, page: usize) -> Self {
        let total_pages = total.div_ceil(limit).max(1);
        let next_page = (page < total_pages).then_some(page + 1);
        let prev_page = (page > 1).then_some(page - 1);
        Self {
            docs,
            total_docs: total,
            limit,
            page,
            total_pages,
            has_next_page: next_page.is_some(),
            has_prev_page: prev_page.is_some(),
            next_page,
            prev_page,
        }
    }
}
