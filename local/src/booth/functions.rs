//! All functions of the deployment, booted in this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::{BootError, Endpoint, Start};
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, Response};

/// A booted function.
pub type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// The booted functions by name.
pub struct Functions(BTreeMap<&'static str, Handler>);

impl Functions {
    /// Boots every function, in the order of `template.yaml`. `UPDATE=1 cargo test -p tokenbooth-tests generated`
    /// writes this list and the dependencies of this crate.
    ///
    /// # Errors
    /// The error of the first function that does not boot.
    pub async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self(BTreeMap::from([
            boot::<secure_anonymous_token::App>(start).await?,
            boot::<assertions::App>(start).await?,
            boot::<anonymous_token::App>(start).await?,
            boot::<project_tokens::App>(start).await?,
            boot::<token_verification::App>(start).await?,
            boot::<signed_token::App>(start).await?,
            boot::<attachment::App>(start).await?,
            boot::<detachment::App>(start).await?,
            boot::<attached_devices::App>(start).await?,
            boot::<identification::App>(start).await?,
            boot::<access_history::App>(start).await?,
            boot::<access_token::App>(start).await?,
            boot::<oauth_token::App>(start).await?,
            boot::<introspection::App>(start).await?,
            boot::<revocation::App>(start).await?,
            boot::<jwks::App>(start).await?,
            boot::<discovery::App>(start).await?,
            boot::<protected_resource::App>(start).await?,
            boot::<entities::App>(start).await?,
            boot::<integrations::App>(start).await?,
            boot::<api_keys::App>(start).await?,
            boot::<providers::App>(start).await?,
            boot::<apis::App>(start).await?,
            boot::<partners::App>(start).await?,
            boot::<partner_keys::App>(start).await?,
            boot::<sites::App>(start).await?,
            boot::<projects::App>(start).await?,
            boot::<token_settings::App>(start).await?,
            boot::<token_sets::App>(start).await?,
            boot::<roles::App>(start).await?,
            boot::<audit_log::App>(start).await?,
            boot::<project_users::App>(start).await?,
            boot::<signed_records::App>(start).await?,
        ])))
    }

    /// The function of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Handler> {
        self.0.get(name)
    }
}

async fn boot<E: Endpoint>(start: &Start) -> Result<(&'static str, Handler), BootError> {
    let shared = Arc::new((E::boot(start).await?, start.edge.clone()));
    let handler: Handler = Arc::new(move |request| {
        let shared = Arc::clone(&shared);
        Box::pin(async move { api::answer(&shared.0, &shared.1, request).await })
    });
    Ok((E::NAME, handler))
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
