//! The query parameters of what window S stores for a project (S12). Ids of users are free text, so they are in queries:
//! gateways differ in how they decode paths.

use admin::Listing;
use api::{Problem, Request};
use model::UserId;
use store::HistoryFilter;

use crate::paging::Parameters;

/// Reads the parameters of the access history.
///
/// # Errors
/// [`api::Code::InvalidRequest`] naming the parameter.
pub fn history_query(request: &Request) -> Result<(Listing, HistoryFilter), Problem> {
    let mut parameters = Parameters::read(request)?;
    let filter = HistoryFilter {
        user: user(&mut parameters)?,
        device: parameters.take("device", |text| text.to_owned().try_into())?,
        identity: parameters.take("identity", |text| text.to_owned().try_into())?,
        signed: parameters.take("signed", |text| text.parse().map_err(|_| "must be true or false"))?,
    };
    Ok((parameters.listing(None)?, filter))
}

/// Reads the parameters of a list that may be for one user.
///
/// # Errors
/// [`api::Code::InvalidRequest`] naming the parameter.
pub fn user_query(request: &Request) -> Result<(Listing, Option<UserId>), Problem> {
    let mut parameters = Parameters::read(request)?;
    let user = user(&mut parameters)?;
    Ok((parameters.listing(None)?, user))
}

fn user(parameters: &mut Parameters) -> Result<Option<UserId>, Problem> {
    parameters.take("user", |text| text.to_owned().try_into())
}
