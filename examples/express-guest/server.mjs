// A shop whose visitors need no account (window F). Each visitor gets a token in a cookie. The server renews it, so the
// visitor keeps the cart. The client secret stays here.
//
// POST /cart/apple   puts an apple into the visitor's cart
// GET  /cart         shows the cart
// POST /renew        renews the visitor's token at once
import { createHmac } from "node:crypto";
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const { PORT, TOKENBOOTH_URL, TOKENBOOTH_API, TOKENBOOTH_GUEST_URL } = process.env;
const { TOKENBOOTH_CLIENT_ID, TOKENBOOTH_CLIENT_SECRET } = process.env;

const keys = createRemoteJWKSet(new URL(`${TOKENBOOTH_URL}/.well-known/jwks.json`));
// The algorithm is the one of the provider. It never comes from the token.
const expected = {
  issuer: TOKENBOOTH_URL, audience: TOKENBOOTH_API, algorithms: ["EdDSA"], requiredClaims: ["sub", "exp", "scope"],
};

/** A new token: of a new visitor, or with `{ renew: token }` of the same one. */
async function requestToken(fields) {
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac("sha256", TOKENBOOTH_CLIENT_SECRET).update(timestamp + TOKENBOOTH_CLIENT_ID).digest("hex");
  const response = await fetch(TOKENBOOTH_GUEST_URL, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-frame-clientid": TOKENBOOTH_CLIENT_ID,
      "x-frame-timestamp": timestamp,
      "x-frame-signature": signature,
    },
    body: JSON.stringify(fields),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`the booth answered ${response.status} ${answer.code}`);
  return answer;
}

/** The claims of a valid token, or `undefined`. */
async function claimsOf(token) {
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error; // The keys cannot be read, so the token may be valid.
    console.warn(`invalid token: ${error.code} ${error.message}`);
  }
}

/** Sets `request.guest` to the claims of the visitor's token. A visitor without one gets one. */
async function identify(request, response, next) {
  const sent = /(?:^|; )guest=([\w.-]+)/.exec(request.headers.cookie ?? "")?.[1];
  const claims = sent && (await claimsOf(sent));
  const secondsLeft = claims ? claims.exp - Date.now() / 1000 : 0;
  const isRenewed = claims && (request.path === "/renew" || secondsLeft < (claims.exp - claims.iat) / 10);
  let token = sent;
  if (isRenewed) token = await requestToken({ renew: sent }).catch(() => sent);
  if (!claims) token = await requestToken({});
  request.guest = await claimsOf(token);
  if (!request.guest) throw new Error("the token of the booth is not valid here");
  const maxAge = request.guest.exp * 1000 - Date.now();
  response.cookie("guest", token, { httpOnly: true, sameSite: "strict", maxAge }); // With https also: secure: true
  next();
}

/** Refuses visitors without the scope. */
function requireScope(scope) {
  return (request, response, next) =>
    request.guest.scope.split(" ").includes(scope) ? next() : response.status(403).json({ error: "insufficient_scope" });
}

const carts = new Map(); // A real shop has a database, and deletes old carts.
const cartOf = (guest) => carts.get(guest.sub) ?? [];
const show = (request, response) =>
  response.json({ guest: request.guest.sub, items: cartOf(request.guest), expires: request.guest.exp });

const app = express();
app.disable("x-powered-by");
app.use((request, response, next) => {
  response.set("cache-control", "no-store");
  next();
});
const visitor = [identify, requireScope("orders:read")];
app.get("/cart", visitor, show);
app.post("/renew", visitor, show);
app.post("/cart/:item", visitor, (request, response) => {
  carts.set(request.guest.sub, [...cartOf(request.guest), request.params.item].slice(-100));
  show(request, response);
});
app.use((error, request, response, next) => response.status(502).json({ error: error.message }));
app.listen(Number(PORT), "127.0.0.1");
