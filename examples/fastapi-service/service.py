"""An API that accepts tokens of its own audience and no others (RFC 9068).

GET /orders needs the scope orders:read, and POST /orders the scope orders:write. Tokens are verified offline, so a revoked
token is accepted until it expires: keep `token_duration` short.
"""

import os
import threading
import time

import requests
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field

ISSUER, AUDIENCE = os.environ["TOKENBOOTH_URL"], os.environ["TOKENBOOTH_API"]
ALGORITHM = "RS256"  # the `algorithm` of the API; never the one that a token names
CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
)


class SigningKeys:
    """The booth's public keys. They are read again after an hour, and after a minute for an unknown key id."""

    def __init__(self):
        self.keys, self.read_at, self.lock = {}, float("-inf"), threading.Lock()

    def find(self, token):
        kid = token.headers().get("kid")
        with self.lock:
            age = time.monotonic() - self.read_at
            if age > 3600 or (kid not in self.keys and age > 60):
                response = requests.get(ISSUER + "/.well-known/jwks.json", timeout=5)
                response.raise_for_status()
                self.keys = {key.kid: key for key in KeySet.import_key_set(response.json()).keys}
                self.read_at = time.monotonic()
        if kid not in self.keys:
            raise JoseError("unknown key id")
        return self.keys[kid]


KEYS = SigningKeys()
app = FastAPI()


def refusal(status, error):
    return HTTPException(status, error, {"WWW-Authenticate": f'Bearer error="{error}"'})


def verify(token):
    decoded = jwt.decode(token, KEYS.find, algorithms=[ALGORITHM])
    if decoded.header.get("typ") != "at+jwt":
        raise JoseError("no access token")
    CLAIMS.validate(decoded.claims)
    return decoded.claims


def requires(scope):
    """The claims of the caller, whose token must have the scope."""

    def caller(bearer: HTTPAuthorizationCredentials = Depends(HTTPBearer())):
        try:
            claims = verify(bearer.credentials)
        except requests.RequestException as error:
            raise HTTPException(503, "temporarily_unavailable", {"Retry-After": "5"}) from error
        except (JoseError, ValueError) as error:
            raise refusal(401, "invalid_token") from error
        if scope not in claims.get("scope", "").split():
            raise refusal(403, "insufficient_scope")
        return claims

    return Depends(caller)


class Order(BaseModel):
    article: str = Field(min_length=1, max_length=100)


orders: list[Order] = []


@app.get("/orders")
def list_orders(caller=requires("orders:read")):
    return {"orders": orders, "client_id": caller["client_id"]}


@app.post("/orders", status_code=201)
def add_order(order: Order, caller=requires("orders:write")):
    orders.append(order)
    return order


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
