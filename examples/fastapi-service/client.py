"""Calls the service with a token for its API and the scope orders:read (OAuth client credentials, RFC 8707)."""

from os import environ

from authlib.integrations.httpx_client import OAuth2Client
from httpx import HTTPTransport

session = OAuth2Client(
    environ["TOKENBOOTH_CLIENT_ID"],
    environ["TOKENBOOTH_CLIENT_SECRET"],
    token_endpoint=environ["TOKENBOOTH_URL"] + "/oauth2/token",
    transport=HTTPTransport(retries=6),  # the service may still be starting
)
session.fetch_token(grant_type="client_credentials", resource=environ["TOKENBOOTH_API"], scope="orders:read")
print(session.get(f"http://127.0.0.1:{environ['PORT']}/orders").raise_for_status().text)
