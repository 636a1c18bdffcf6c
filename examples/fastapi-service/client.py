"""Calls the service with a token for its API and the scope orders:read (OAuth client credentials, RFC 8707)."""

from os import environ

from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter, Retry

session = OAuth2Session(environ["TOKENBOOTH_CLIENT_ID"], environ["TOKENBOOTH_CLIENT_SECRET"], scope="orders:read")
session.mount("http://127.0.0.1", HTTPAdapter(max_retries=Retry(6, backoff_factor=0.5)))  # it may be starting
session.fetch_token(environ["TOKENBOOTH_URL"] + "/oauth2/token", resource=environ["TOKENBOOTH_API"])
response = session.get(f"http://127.0.0.1:{environ['PORT']}/orders")
response.raise_for_status()
print(response.text)
