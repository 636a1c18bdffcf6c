//! The operations of DynamoDB's JSON API, each done by the emulator.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::{body::Body, response::IntoResponse};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The media type of all requests and responses.
const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// Does the operation that the header `X-Amz-Target` names.
pub(super) fn answer(database: &Database, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
    match run(database, operation, body) {
        Ok(json) => respond(StatusCode::OK, json),
        Err(error) => {
            let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            respond(status, error.to_json())
        }
    }
}

/// An error of DynamoDB's API with this name.
pub(super) fn exception(status: StatusCode, name: &str, message: &str) -> Response<Body> {
    let name = format!("com.amazon.coral.service#{name}");
    respond(status, serde_json::json!({ "__type": name, "message": message }).to_string())
}

fn respond(status: StatusCode, json: String) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, JSON)], json).into_response()
}

/// Calls the method of the database that has the name of the operation.
macro_rules! operations {
    ($database:ident, $operation:ident, $body:ident; $($name:literal => $method:ident,)+) => {
        match $operation {
            $($name => write(&$database.$method(read($body)?)?),)+
            _ => Err(DynoxideError::ValidationException("unknown operation".to_owned())),
        }
    };
}

fn run(database: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    operations! { database, operation, body;
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "GetItem" => get_item,
        "ListTables" => list_tables,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(value: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
