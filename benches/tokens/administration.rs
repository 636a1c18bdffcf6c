//! DynamoDB round trips and units of the Admin API: a walk in which each kind of resource is made, read, changed and
//! deleted.

use std::collections::BTreeMap;

use api::Body;
use serde_json::Value;
use tokenbooth::Functions;

use crate::Outcome;
use crate::events::Message;
use crate::ground::{Ground, LIMITS};
use crate::messages::proof;
use crate::proxy::Proxy;
use crate::resources::{OTHERS, RESOURCES, Resource};
use crate::round_trips::units_of;
use crate::table::Table;

/// Counts for each method of each path, for an administrator of the customer with a signed request.
pub(crate) async fn count(ground: &Ground, table: &mut Table) -> Outcome<()> {
    let proxy = Proxy::serve(ground.dynamodb()).await?;
    let functions = Functions::boot(&ground.start(proxy.address, LIMITS)).await;
    let functions = functions.map_err(|error| error.to_string())?;
    drop(proxy.take());
    let demo = ground.demo();
    let ids = BTreeMap::from([("organization_id", demo.organization_id.to_string())]);
    table.part(["Admin API, DynamoDB per call", "round trips", "read units", "write units"]);
    Walk { ground, proxy, functions, ids, table }.all().await
}

/// On the way.
struct Walk<'a> {
    ground: &'a Ground,
    proxy: Proxy,
    functions: Functions,
    /// What was made, by the parameter it is called by.
    ids: BTreeMap<&'static str, String>,
    table: &'a mut Table,
}

impl Walk<'_> {
    async fn all(mut self) -> Outcome<()> {
        for resource in &RESOURCES {
            self.use_all(resource).await?;
        }
        for (function, method, route, body) in OTHERS {
            self.call(function, (method, route), body).await?;
        }
        for resource in RESOURCES.iter().rev() {
            self.call(resource.function, ("DELETE", resource.one), "").await?;
        }
        Ok(())
    }

    /// Everything but deleting. A key that was rotated goes at once and is not counted: its successor stays.
    async fn use_all(&mut self, resource: &Resource) -> Outcome<()> {
        let (parameter, pointer) = resource.id;
        let id = |made: &Value| made.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let made = self.call(resource.function, ("POST", resource.all), resource.creation).await?;
        self.ids.insert(parameter, id(&made).ok_or("a new resource without an id")?);
        self.call(resource.function, ("GET", resource.all), "").await?;
        self.call(resource.function, ("GET", resource.one), "").await?;
        self.call(resource.function, ("PATCH", resource.one), resource.update).await?;
        let Some(rotate) = resource.rotate else { return Ok(()) };
        let successor = id(&self.call(resource.function, ("POST", rotate), "").await?);
        if successor.as_ref() != self.ids.get(parameter) {
            self.silently(resource.function, ("DELETE", resource.one), "").await?;
            drop(self.proxy.take());
        }
        self.ids.extend(successor.map(|id| (parameter, id)));
        Ok(())
    }

    /// One call, with its row.
    async fn call(
        &mut self,
        function: &str,
        (method, route): (&'static str, &'static str),
        body: &str,
    ) -> Outcome<Value> {
        let answer = self.silently(function, (method, route), body).await?;
        let exchanges = self.proxy.take();
        let name = format!("{method} {}", route.trim_start_matches("/admin/v1"));
        let units = units_of(&name, &exchanges)?;
        let trips = exchanges.len().to_string();
        self.table.row([&name, &trips, &units.reads.to_string(), &units.writes.to_string()]);
        Ok(answer)
    }

    async fn silently(
        &mut self,
        function: &str,
        (method, route): (&'static str, &'static str),
        body: &str,
    ) -> Outcome<Value> {
        let filled =
            self.ids.iter().fold(body.to_owned(), |body, (name, id)| body.replace(&format!("<{name}>"), id));
        let ids: Vec<_> =
            self.ids.iter().filter(|(name, _)| route.contains(&format!("{{{name}}}"))).collect();
        let now = self.ground.dial.now();
        let mut message = Message::new(method, route, filled).with(proof(&self.ground.demo().admin_key, now));
        for (name, id) in ids {
            message = message.at([(*name, id.clone())]);
        }
        let handler = self.functions.find(function).ok_or_else(|| format!("there is no {function}"))?;
        let response = handler(message.request(now)?).await;
        let (status, body) = (response.status(), response.into_body());
        let text = if let Body::Text(text) = body { text } else { String::new() };
        if !status.is_success() {
            return Err(format!("{method} {route}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}
