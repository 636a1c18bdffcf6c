// The server of an app: it signs a token for the user of the session, and reads the user's history. It alone has the API secret.
import { randomBytes, randomUUID } from 'node:crypto';

import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';

const { TOKENBOOTH_URL, TOKENBOOTH_PROJECT_CLIENT_ID, TOKENBOOTH_API_SECRET, PORT = '3000' } = process.env;
const TOKEN_SECONDS = 300;

const app = express();
app.use(session({
  secret: randomBytes(32).toString('hex'),
  resave: false,
  saveUninitialized: true,
  cookie: { httpOnly: true, sameSite: 'strict' },
}));

// Your login sets the user. Here each session is a new one.
app.use((request, _, next) => {
  request.session.user ??= `user-${randomUUID()}`;
  next();
});

// Each address gets 60 tokens a minute and each session ten, whatever the limits of tokenbooth are.
const limits = { windowMs: 60_000, standardHeaders: 'draft-8', legacyHeaders: false };
const addressLimit = rateLimit({ ...limits, limit: 60 });
const sessionLimit = rateLimit({ ...limits, limit: 10, keyGenerator: (request) => request.sessionID });

async function ask(path, options = {}) {
  const headers = { authorization: `Bearer ${TOKENBOOTH_API_SECRET}`, 'content-type': 'application/json' };
  const answer = await fetch(TOKENBOOTH_URL + path, { ...options, headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// The user comes from the session, never from the page. The token is for devices only, and ends soon.
app.post('/token', addressLimit, sessionLimit, async (request, response) => {
  const body = JSON.stringify({ user: request.session.user, expires_in: TOKEN_SECONDS, purpose: 'attach' });
  const { secret: token } = await ask('/token/sign', { method: 'POST', body });
  response.json({ token, user: request.session.user, expires_in: TOKEN_SECONDS });
});

app.get('/history', async (request, response) => {
  const query = new URLSearchParams({ user: request.session.user, per: '10' });
  const { docs } = await ask(`/v2/proj/access-history?${query}`);
  response.json(docs.map(({ kind, device, signed, createdAt }) => ({ kind, device, signed, createdAt })));
});

app.get('/settings', (_, response) =>
  response.json({ url: TOKENBOOTH_URL, clientId: TOKENBOOTH_PROJECT_CLIENT_ID }));
app.get('/', (_, response) => response.sendFile('page.html', { root: import.meta.dirname }));

app.listen(Number(PORT), '127.0.0.1');
