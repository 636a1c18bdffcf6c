//! `GET /admin/v1/roles`: what each role stands for (F3, K6).

use api::http::Method;
use api::{Admin, BootError, Endpoint, Reply, Request, Session, Start};
use model::Role;
use serde::Serialize;
use store::Page;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

#[derive(Serialize)]
struct Output {
    role: Role,
    rank: usize,
    description: &'static str,
    scopes: Vec<String>,
    administers: bool,
}

impl Endpoint for App {
    const NAME: &'static str = "roles";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::GET)?;
        let session = self.admin.session(request).await?;
        if !session.caller.grants().iter().any(|grant| grant.role != Role::LaunchpadUser) {
            return Err(model::PermissionDenied::InsufficientGrants.into());
        }
        let table = Page {
            items: (1..).zip(Role::ALL.into_iter().rev()).collect::<Vec<_>>().into_iter().rev().collect(),
            next: None,
        };
        Session::page(&table, output)
    }
}

fn output(&(rank, role): &(usize, Role)) -> Output {
    Output {
        role,
        rank,
        description: role.description(),
        scopes: role.scopes().iter().map(ToString::to_string).collect(),
        administers: role > Role::Auditor,
    }
}
