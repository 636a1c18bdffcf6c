//! What is sent in each measured call, from the demo tenant.

mod oauth;
mod project;
mod signed;
mod windows;

use std::sync::atomic::{AtomicU32, Ordering};

use api::RateLimits;
use serde_json::Value;

use crate::Outcome;
use crate::calls::Call;
use crate::events::Message;
use crate::function::Function;
use crate::ground::Ground;
use crate::profiles::Answer;

pub(crate) use windows::proof;

/// Makes the messages of one ground, each about a token of its own where it is about one.
pub(crate) struct Messages<'a> {
    ground: &'a Ground,
    issuing: Vec<(Call, Function)>,
    attaching: Function,
    made: AtomicU32,
}

/// How many devices are listed, and how many calls a history tells of.
const DEVICES: u32 = 5;

impl<'a> Messages<'a> {
    /// Boots what issues the tokens and attaches the devices that other calls are about.
    pub(crate) async fn open(ground: &'a Ground) -> Outcome<Self> {
        let start = ground.start(ground.dynamodb(), RateLimits::Off);
        let mut issuing = Vec::new();
        for call in Call::ISSUING {
            issuing.push((call, call.boot(&start).await?));
        }
        let attaching = Call::Attach.boot(&start).await?;
        let messages = Self { ground, issuing, attaching, made: AtomicU32::new(0) };
        messages.must_sign().await?;
        messages.attach(signed::RETURNING, "device-0").await?;
        for number in 0..DEVICES {
            messages.attach(signed::LISTED, &format!("device-{number}")).await?;
        }
        Ok(messages)
    }

    /// The demo project requires signed tokens from now on (S1), as who takes window S for its security does.
    async fn must_sign(&self) -> Outcome<()> {
        let demo = self.ground.demo();
        let start = self.ground.start(self.ground.dynamodb(), RateLimits::Off);
        let projects = Function::boot::<projects::App>(&start).await?;
        let message = project::requires_signing(demo, self.ground.dial.now());
        projects.handle(&message.request(self.ground.dial.now())?).await.map(drop)
    }

    async fn attach(&self, user: &str, device: &str) -> Outcome<()> {
        let message = signed::attach(&self.ground.demo().project, user, device)?;
        self.attaching.handle(&message.request(self.ground.dial.now())?).await.map(drop)
    }

    /// One for `call`, as of now.
    pub(crate) async fn message(&self, call: Call) -> Outcome<Message> {
        let demo = self.ground.demo();
        Ok(match call {
            Call::Attach => signed::attach(&demo.project, signed::RETURNING, "device-0")?,
            Call::AttachNew => signed::attach(&demo.project, &self.unused("user"), "device-0")?,
            Call::Identify => signed::identify(&demo.project, &self.unused("event"))?,
            Call::Detach => {
                let device = self.unused("device");
                self.attach(signed::RETURNING, &device).await?;
                signed::detach(&demo.project, signed::RETURNING, &device)?
            }
            Call::VerifyGcm | Call::VerifyCbc => project::verify(&demo.project, &self.token(call).await?),
            Call::IntrospectF | Call::IntrospectK | Call::IntrospectV => {
                oauth::about("/oauth2/introspect", &demo.api_key, &self.token(call).await?)
            }
            Call::Assertions => windows::assertions(&self.token(call).await?),
            Call::Revoke => oauth::about("/oauth2/revoke", &demo.api_key, &self.token(call).await?),
            _ => self.plain(call),
        })
    }

    /// How many bytes the cryptography of `call` works on.
    pub(crate) async fn length(&self, call: Call) -> Outcome<usize> {
        match call {
            Call::BuildGcm | Call::BuildCbc | Call::VerifyGcm | Call::VerifyCbc => {
                let answer = self.issue(call.issuing()).await?;
                let plaintext = answer.get("plaintext").and_then(Value::as_str);
                Ok(plaintext.ok_or("an answer without a plaintext")?.len())
            }
            Call::List | Call::History | Call::Jwks | Call::Discovery => Ok(0),
            _ => {
                let token = self.token(call).await?;
                Ok(token.rsplit_once('.').ok_or("a token without a signature")?.0.len())
            }
        }
    }

    /// A name like no other here.
    fn unused(&self, what: &str) -> String {
        format!("{what}-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// A message that is about nothing made before.
    fn plain(&self, call: Call) -> Message {
        let demo = self.ground.demo();
        match call {
            Call::SecureAnonymous => windows::secure_anonymous(demo, self.ground.dial.now()),
            Call::AccessToken => windows::access_token(&demo.api_key),
            Call::AnonymousToken => windows::anonymous_token(demo),
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

    /// A new token of the kind that `call` makes or is about.
    async fn token(&self, call: Call) -> Outcome<String> {
        let call = call.issuing();
        let pointer = match call.profile().answer {
            Answer::Token(pointer) => pointer,
            Answer::Text(_) => return Err(format!("{} issues no token", call.name()).into()),
        };
        let answer = self.issue(call).await?;
        Ok(answer.pointer(pointer).and_then(Value::as_str).ok_or("an answer without a token")?.to_owned())
    }

    async fn issue(&self, call: Call) -> Outcome<Value> {
        let issuing = self.issuing.iter().find(|(it, _)| *it == call);
        let (_, function) = issuing.ok_or_else(|| format!("{} issues no token", call.name()))?;
        let request = self.plain(call).request(self.ground.dial.now())?;
        Ok(serde_json::from_str(&function.handle(&request).await?)?)
    }
}
