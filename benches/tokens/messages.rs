//! The request of each measured call, as the demo tenant sends it.

mod oauth;
mod project;
mod signed;
mod windows;

use std::sync::atomic::{AtomicU32, Ordering};

use api::{RateLimits, Request};
use model::KeyFile;
use serde_json::Value;

use crate::Outcome;
use crate::calls::Call;
use crate::events::Message;
use crate::function::Function;
use crate::profiles::Answer;
use crate::test_booth::TestBooth;

pub(crate) use windows::{access_token, bearer, secure_anonymous};

/// Builds the messages for one booth. A message that needs a token gets a new one.
pub(crate) struct Messages<'a> {
    booth: &'a TestBooth,
    issuing: Vec<(Call, Function)>,
    attaching: Function,
    name_counter: AtomicU32,
}

/// The device of window V that calls again and again.
const DEVICE: &str = "browser-3f1c0a52-6b1d-4f6e-9a35-1c2d3e4f5a6b";
/// How many devices are listed, and how many calls a history has.
const DEVICES: u32 = 5;

impl<'a> Messages<'a> {
    /// Boots the functions that issue tokens and attach devices for other calls.
    pub(crate) async fn open(booth: &'a TestBooth) -> Outcome<Self> {
        let start = booth.start(booth.dynamodb(), RateLimits::Off);
        let mut issuing = Vec::new();
        for call in Call::ISSUING {
            issuing.push((call, call.boot(&start).await?));
        }
        let attaching = Call::Attach.boot(&start).await?;
        let messages = Self { booth, issuing, attaching, name_counter: AtomicU32::new(0) };
        messages.require_signed_tokens().await?;
        messages.attach(signed::RETURNING, "device-0").await?;
        messages.attach(signed::RETURNING, "changing-device").await?;
        for number in 0..DEVICES {
            messages.attach(signed::LISTED, &format!("device-{number}")).await?;
        }
        Ok(messages)
    }

    /// Makes the demo project require signed tokens (S1), as a project does that uses window S for security.
    async fn require_signed_tokens(&self) -> Outcome<()> {
        let demo = self.booth.demo();
        let start = self.booth.start(self.booth.dynamodb(), RateLimits::Off);
        let projects = Function::boot::<projects::App>(&start).await?;
        let admin_token = self.access_token(&demo.admin_key).await?;
        let message = project::require_signed_tokens(demo, &admin_token);
        projects.handle(&message.request(self.booth.clock.now())?).await.map(drop)
    }

    /// A new access token of `key` (K2).
    async fn access_token(&self, key: &KeyFile) -> Outcome<String> {
        let request = access_token(key).request(self.booth.clock.now())?;
        let answer: Value = serde_json::from_str(&self.issuing(Call::AccessToken)?.handle(&request).await?)?;
        Ok(answer.pointer("/token").and_then(Value::as_str).ok_or("a response without a token")?.to_owned())
    }

    async fn attach(&self, user: &str, device: &str) -> Outcome<()> {
        let message = signed::attach(&self.booth.demo().project, user, device)?;
        self.attaching.handle(&message.request(self.booth.clock.now())?).await.map(drop)
    }

    /// A message for `call`, at the current time.
    pub(crate) async fn message(&self, call: Call) -> Outcome<Message> {
        let demo = self.booth.demo();
        Ok(match call {
            Call::Attach => {
                // The device is up to date, so the measured call does not update it, whatever the time is.
                self.attach(signed::RETURNING, "device-0").await?;
                signed::attach(&demo.project, signed::RETURNING, "device-0")?
            }
            Call::AttachChanged => {
                let plan = self.unused("plan");
                signed::attach_with_plan(&demo.project, signed::RETURNING, "changing-device", &plan)?
            }
            Call::AttachNew => signed::attach(&demo.project, &self.unused("user"), "device-0")?,
            Call::NewDeviceToken => windows::anonymous_token(demo, &self.unused("browser")),
            Call::Identify => signed::identify(&demo.project, &self.unused("event"))?,
            Call::Detach => {
                let device = self.unused("device");
                self.attach(signed::RETURNING, &device).await?;
                signed::detach(&demo.project, signed::RETURNING, &device)?
            }
            Call::VerifyGcm | Call::VerifyCbc => project::verify(&demo.project, &self.token(call).await?),
            Call::IntrospectF | Call::IntrospectK | Call::IntrospectV => {
                oauth::with_token("/oauth2/introspect", &demo.api_key, &self.token(call).await?)
            }
            Call::Assertions => windows::assertions(&self.token(call).await?),
            Call::Revoke => oauth::with_token("/oauth2/revoke", &demo.api_key, &self.token(call).await?),
            _ => self.plain(call),
        })
    }

    /// That many requests for `call`, at the current time.
    pub(crate) async fn requests(&self, call: Call, times: u32) -> Outcome<Vec<Request>> {
        let mut requests = Vec::new();
        for _ in 0..times {
            requests.push(self.message(call).await?.request(self.booth.clock.now())?);
        }
        Ok(requests)
    }

    /// How many bytes the cryptography of `call` processes.
    pub(crate) async fn length(&self, call: Call) -> Outcome<usize> {
        match call {
            Call::BuildGcm | Call::BuildCbc | Call::VerifyGcm | Call::VerifyCbc => {
                let answer = self.issue(call.issuing()).await?;
                let plaintext = answer.get("plaintext").and_then(Value::as_str);
                Ok(plaintext.ok_or("a response without a plaintext")?.len())
            }
            Call::List | Call::History | Call::Jwks | Call::Discovery => Ok(0),
            _ => {
                let token = self.token(call).await?;
                Ok(token.rsplit_once('.').ok_or("a token without a signature")?.0.len())
            }
        }
    }

    /// A name that was not used before.
    fn unused(&self, what: &str) -> String {
        format!("{what}-{}", self.name_counter.fetch_add(1, Ordering::Relaxed))
    }

    /// A message that needs no token and no device.
    fn plain(&self, call: Call) -> Message {
        let demo = self.booth.demo();
        match call {
            Call::SecureAnonymous => windows::secure_anonymous(demo, self.booth.clock.now()),
            Call::AccessToken => windows::access_token(&demo.api_key),
            Call::AnonymousToken => windows::anonymous_token(demo, DEVICE),
            Call::BuildGcm => project::build(&demo.project, "authenticated"),
            Call::BuildCbc => project::build(&demo.project, "compatible"),
            Call::Sign => signed::sign(&demo.project),
            Call::List => signed::list(&demo.project),
            Call::History => signed::history(&demo.project),
            Call::ClientToken => oauth::token(&demo.api_key),
            Call::Discovery => Message::get("/.well-known/openid-configuration"),
            _ => Message::get("/.well-known/jwks.json"),
        }
    }

    /// A new token of the kind that `call` issues or needs.
    async fn token(&self, call: Call) -> Outcome<String> {
        let issuing = call.issuing();
        let pointer = match issuing.profile().answer {
            Answer::Token(pointer) => pointer,
            Answer::Text(_) => return Err(format!("{} issues no token", issuing.name()).into()),
        };
        let answer = self.issue(issuing).await?;
        Ok(answer.pointer(pointer).and_then(Value::as_str).ok_or("a response without a token")?.to_owned())
    }

    async fn issue(&self, call: Call) -> Outcome<Value> {
        let request = self.plain(call).request(self.booth.clock.now())?;
        Ok(serde_json::from_str(&self.issuing(call)?.handle(&request).await?)?)
    }

    /// The function that issues tokens for `call`.
    fn issuing(&self, call: Call) -> Outcome<&Function> {
        let issuing = self.issuing.iter().find(|(it, _)| *it == call);
        let (_, function) = issuing.ok_or_else(|| format!("{} issues no token", call.name()))?;
        Ok(function)
    }
}
