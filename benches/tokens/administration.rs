//! DynamoDB round trips and units of the Admin API: creates, reads, changes and deletes one resource of each kind.

use std::collections::BTreeMap;

use api::Body;
use serde_json::Value;
use tokenbooth::Functions;

use crate::Outcome;
use crate::events::Message;
use crate::messages::{access_token, bearer};
use crate::resources::{OTHERS, RESOURCES, Resource};
use crate::table::Table;
use crate::test_booth::{LIMITS, TestBooth};
use crate::traffic::Traffic;
use crate::traffic::proxy::Proxy;

/// Counts each method of each path, in requests with an access token of the customer's administrator.
pub(crate) async fn count(booth: &TestBooth, table: &mut Table) -> Outcome<()> {
    let proxy = Proxy::serve(booth.dynamodb()).await?;
    let booted = Functions::boot(&booth.start(proxy.address, LIMITS)).await;
    let functions = booted.map_err(|error| error.to_string())?;
    let demo = booth.demo();
    let token = administrator_token(booth, &functions).await?;
    drop(proxy.take());
    let ids = BTreeMap::from([("organization_id", demo.organization_id.to_string())]);
    table.part(["Admin API, DynamoDB per call", "round trips", "read units", "write units"]);
    Run { booth, proxy, functions, token, ids, table }.all().await
}

async fn administrator_token(booth: &TestBooth, functions: &Functions) -> Outcome<String> {
    let redeem = functions.find("access-token").ok_or("there is no function access-token")?;
    let request = access_token(&booth.demo().admin_key).request(booth.clock.now())?;
    let Body::Text(text) = redeem(request).await.into_body() else { return Err("an empty response".into()) };
    let answer: Value = serde_json::from_str(&text)?;
    Ok(answer.pointer("/token").and_then(Value::as_str).ok_or("a response without a token")?.to_owned())
}

/// The run through all resources.
struct Run<'a> {
    booth: &'a TestBooth,
    proxy: Proxy,
    functions: Functions,
    /// An access token of the administrator.
    token: String,
    /// The ids of the created resources, by path parameter.
    ids: BTreeMap<&'static str, String>,
    table: &'a mut Table,
}

impl Run<'_> {
    async fn all(mut self) -> Outcome<()> {
        for resource in &RESOURCES {
            self.use_resource(resource).await?;
        }
        for (function, method, route, body) in OTHERS {
            self.call(function, (method, route), body).await?;
        }
        for resource in RESOURCES.iter().rev() {
            self.call(resource.function, ("DELETE", resource.one), "").await?;
        }
        Ok(())
    }

    /// Every method except DELETE. A rotated key is deleted at once without a row; its successor is used from then on.
    async fn use_resource(&mut self, resource: &Resource) -> Outcome<()> {
        let (parameter, pointer) = resource.id;
        let id = |body: &Value| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let created = self.call(resource.function, ("POST", resource.collection), resource.creation).await?;
        self.ids.insert(parameter, id(&created).ok_or("a new resource without an id")?);
        self.call(resource.function, ("GET", resource.collection), "").await?;
        self.call(resource.function, ("GET", resource.one), "").await?;
        self.call(resource.function, ("PATCH", resource.one), resource.update).await?;
        let Some(rotate) = resource.rotate else { return Ok(()) };
        let successor = id(&self.call(resource.function, ("POST", rotate), "").await?);
        if successor.as_ref() != self.ids.get(parameter) {
            self.send(resource.function, ("DELETE", resource.one), "").await?;
            drop(self.proxy.take());
        }
        self.ids.extend(successor.map(|id| (parameter, id)));
        Ok(())
    }

    /// Sends a request and adds its row.
    async fn call(
        &mut self,
        function: &str,
        (method, route): (&'static str, &'static str),
        body: &str,
    ) -> Outcome<Value> {
        let answer = self.send(function, (method, route), body).await?;
        let name = format!("{method} {}", route.trim_start_matches("/admin/v1"));
        let Traffic { trips, units, .. } = Traffic::of(&name, &self.proxy.take())?;
        self.table.row([&name, &trips.to_string(), &units.reads.to_string(), &units.writes.to_string()]);
        Ok(answer)
    }

    /// Sends a request, which must succeed.
    async fn send(
        &mut self,
        function: &str,
        (method, route): (&'static str, &'static str),
        body: &str,
    ) -> Outcome<Value> {
        let body_with_ids =
            self.ids.iter().fold(body.to_owned(), |body, (name, id)| body.replace(&format!("<{name}>"), id));
        let ids: Vec<_> =
            self.ids.iter().filter(|(name, _)| route.contains(&format!("{{{name}}}"))).collect();
        let now = self.booth.clock.now();
        let mut message = Message::new(method, route, body_with_ids).with_headers([bearer(&self.token)]);
        for (name, id) in ids {
            message = message.with_parameters([(*name, id.clone())]);
        }
        let handler =
            self.functions.find(function).ok_or_else(|| format!("there is no function {function}"))?;
        let response = handler(message.request(now)?).await;
        let (status, body) = (response.status(), response.into_body());
        let text = if let Body::Text(text) = body { text } else { String::new() };
        if !status.is_success() {
            return Err(format!("{method} {route}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}
