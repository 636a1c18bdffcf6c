// A web server that gets tokens for the visitors of its pages (window V). The partner's key stays here.
//
// GET  /          a page that gets a token and shows who it stands for
// POST /session   a token for the browser that calls, which a cookie names
// GET  /visitor   the visitor that a token in `Authorization: Bearer` stands for
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const { PORT, TOKENBOOTH_URL, TOKENBOOTH_PARTNER_KEY, TOKENBOOTH_SITE } = process.env;
const KEY = { "x-api-key": TOKENBOOTH_PARTNER_KEY };
const PAGE = `<!doctype html><title>Partner</title><p id="visitor">…</p>
<script type="module">
  const { token } = await (await fetch("/session", { method: "POST" })).json();
  const answer = await fetch("/visitor", { headers: { authorization: "Bearer " + token } });
  document.getElementById("visitor").textContent = "You are visitor " + (await answer.json()).visitor;
</script>`;

const routes = {
  "GET /": () => ({ body: PAGE, headers: { "content-type": "text/html" } }),

  async "POST /session"(request) {
    const known = /(?:^|; )device=([0-9a-f-]{36})(?:;|$)/.exec(request.headers.cookie ?? "")?.[1];
    const device = known ?? randomUUID();
    const query = new URLSearchParams({
      site: TOKENBOOTH_SITE, platform: "web_browser", deviceId: `browser-${device}`,
    });
    // The address of the visitor is a claim of the token if the partner is a `trusted_forwarder`.
    const headers = { ...KEY, "x-forwarded-for": request.socket.remoteAddress };
    const response = await fetch(`${TOKENBOOTH_URL}/identity/anonymous-token?${query}`, { method: "POST", headers });
    if (!response.ok) return { status: 502, body: { error: (await response.json()).error } };
    const { authorizationToken } = await response.json();
    const cookie = `device=${device}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
    return { body: { token: authorizationToken }, headers: { "set-cookie": cookie } };
  },

  async "GET /visitor"(request) {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "none";
    const body = new URLSearchParams({ token });
    const response = await fetch(`${TOKENBOOTH_URL}/oauth2/introspect`, { method: "POST", headers: KEY, body });
    const claims = await response.json();
    if (!claims.active) return { status: 401, body: { error: "the token is not valid" } };
    return { body: { visitor: claims.userId, site: claims.site } };
  },
};

createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split("?")[0]}`];
  const { status = 200, headers = {}, body } = route
    ? await route(request).catch(() => ({ status: 502, body: { error: "the booth did not answer" } }))
    : { status: 404, body: { error: "not found" } };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers }).end(text);
}).listen(PORT, "127.0.0.1");
