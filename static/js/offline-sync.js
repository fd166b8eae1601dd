// Sends what waits on this device, one entry at a time, as often as it takes: the server keeps each once (its key).
// Runs in pages and in the service worker; nothing here touches a page.
import {
  DONE, SCHEMA, dropFile, entriesOf, expireBundle, getEntry, getFile, getSession, putEntry,
} from "./offline-store.js";

const PATIENCE = 45_000;
const PATIENCE_FILE = 300_000;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 1_800_000;
const MOST_FAILURES = 3;

// One sender an entry at a time, over all tabs and the service worker. Without locks the server's key has to do.
function alone(key, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(`mainstay-entry-${key}`, { ifAvailable: true }, (lock) => (lock ? work() : null));
}

class Unreachable extends Error {}

async function ask(address, options, patience) {
  const signal = AbortSignal.timeout ? AbortSignal.timeout(patience) : undefined;
  let response;
  try {
    response = await fetch(address, { cache: "no-store", redirect: "manual", signal, ...options });
  } catch {
    throw new Unreachable();
  }
  if (response.type === "opaqueredirect") return { status: 401, answer: {} };
  let answer = null;
  if ((response.headers.get("Content-Type") ?? "").includes("json")) answer = await response.json().catch(() => null);
  // The log-in page of a hotel's network answers 200 to everything.
  if (response.ok && answer === null) throw new Unreachable();
  return { status: response.status, answer, wait: Number(response.headers.get("Retry-After")) || 0 };
}

// The user behind the cookie with a fresh token; null where nobody is logged in (any more).
async function currentUser(addresses) {
  const { status, answer } = await ask(addresses.session, {}, PATIENCE);
  if (status === 401) return null;
  if (status !== 200) throw new Unreachable();
  return answer;
}

async function post(address, body, who, patience) {
  return ask(address, { method: "POST", body, headers: { "X-CSRFToken": who.csrf } }, patience);
}

let running = null;

// All that is due. Returns whether the server was reached, and whether somebody is logged in there.
export function sync(options = {}) {
  running ??= pass(options).finally(() => {
    running = null;
  });
  return running;
}

async function pass({ hurry = false, probe = false }) {
  const session = await getSession();
  if (!session) return { reached: true, user: null, waiting: 0 };
  const due = (entry) => !DONE.includes(entry.state) && entry.state !== "attention" && (hurry || entry.next <= Date.now());
  if (!probe && !(await entriesOf(session.user)).some(due)) return { reached: true, user: session.user, waiting: 0 };
  const result = { reached: true, user: null, waiting: 0 };
  try {
    const who = await currentUser(session.addresses);
    if (who === null) await logInFirst(session.user);
    else {
      result.user = who.user;
      // Somebody else at the same device: these wait for their own writer.
      if (who.user !== session.user) await logInFirst(session.user);
      let failures = 0;
      for (const entry of (await entriesOf(who.user)).filter(due)) {
        const sent = await alone(entry.key, () => send(entry.key, who, session.addresses));
        failures = sent?.failed ? failures + 1 : 0;
        if (sent?.login) break;
        // The server is in trouble: it gets a rest, and each entry its own time to come again.
        if (failures >= MOST_FAILURES) break;
      }
    }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    result.reached = false;
  }
  result.waiting = (await entriesOf(session.user)).filter((entry) => !DONE.includes(entry.state)).length;
  return result;
}

// One entry at once, for a rep who waits at the form. Returns the entry as it stands then.
export async function sendNow(key, { announce = false } = {}) {
  const session = await getSession();
  try {
    const who = await currentUser(session.addresses);
    if (who === null) await logInFirst(session.user);
    else await alone(key, () => send(key, who, session.addresses, announce));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
  }
  return getEntry(key);
}

async function logInFirst(user) {
  for (const entry of await entriesOf(user)) {
    if (entry.state === "waiting" || entry.state === "sending") await putEntry({ ...entry, state: "login" });
  }
}

async function send(key, who, addresses, announce = false) {
  // Read again under the lock: another tab may have sent it meanwhile.
  const entry = await getEntry(key);
  if (!entry || entry.user !== who.user || DONE.includes(entry.state) || entry.state === "attention") return {};
  await putEntry({ ...entry, state: "sending", tried: true });
  try {
    return await deliver({ ...entry, tried: true }, who, addresses, announce);
  } catch (error) {
    await putEntry({ ...(await getEntry(key)), state: "waiting" });
    throw error;
  }
}

async function deliver(entry, who, addresses, announce) {
  if (!entry.visit) {
    const [address, body] = entry.hand ? [addresses.handover, await handedBody(entry)] : [addresses.sync, bodyOf(entry, announce)];
    const { status, answer, wait } = await post(address, body, who, entry.hand ? PATIENCE_FILE : PATIENCE);
    if (status !== 200) return refused(entry, status, answer, wait);
    entry = { ...entry, visit: answer.visit ?? -1, url: answer.url ?? "", notes: answer.notes ?? [], outcome: answer.state };
    await putEntry({ ...entry, state: "sending" });
  }
  for (const file of entry.hand ? [] : entry.files.filter((one) => !one.done)) {
    const body = await fileBody(entry, file);
    if (body) {
      const { status, answer, wait } = await post(addresses.photo, body, who, PATIENCE_FILE);
      if (status !== 200) return refused(entry, status, answer, wait, file);
    }
    entry = { ...entry, files: entry.files.map((one) => (one.key === file.key ? { ...one, done: true } : one)) };
    await putEntry({ ...entry, state: "sending" });
  }
  for (const file of entry.files) await dropFile(file.key);
  // What was written is on the server now; here only the fact stays, for a day.
  await putEntry({ ...entry, state: entry.outcome, pairs: [], files: [], message: "", done: Date.now() });
  return {};
}

function bodyOf(entry, announce) {
  const body = new FormData();
  for (const [name, value] of entry.pairs) body.append(name, value);
  body.set("client_key", entry.key);
  body.set("account", entry.account.id);
  body.set("account_name", entry.account.name);
  body.set("user", entry.user);
  body.set("schema", entry.schema ?? SCHEMA);
  body.set("saved_at", entry.saved_at);
  body.set("device_now", new Date().toISOString());
  if (entry.edited) body.set("edited", "1");
  if (announce) body.set("announce", "1");
  return body;
}

async function fileBody(entry, file) {
  const kept = await getFile(file.key);
  if (!kept) return null;
  const body = new FormData();
  body.set("client_key", file.key);
  body.set("visit_key", entry.key);
  body.set("file", kept.blob, file.name);
  return body;
}

async function handedBody(entry) {
  const body = bodyOf(entry, false);
  for (const file of entry.files) {
    const kept = await getFile(file.key);
    if (kept) body.set(`file-${file.key}`, kept.blob, file.name);
  }
  return body;
}

// Nothing is dropped: it waits for its time, for a log-in, or for the rep.
async function refused(entry, status, answer, wait, file = null) {
  if (status === 401) {
    await putEntry({ ...entry, state: "login" });
    return { login: true };
  }
  if (answer?.state === "attention" || status === 413) {
    const message = answer?.message ?? "";
    if (answer?.reason === "not_yours") await expireBundle(entry.user);
    await putEntry({
      ...entry,
      state: "attention",
      reason: file ? "file" : (answer?.reason ?? "invalid"),
      message: file ? `${file.name}: ${message}` : message,
      errors: answer?.errors ?? {},
    });
    return {};
  }
  const tries = (entry.tries ?? 0) + 1;
  const pause = Math.max(wait * 1000, Math.min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT) * (0.75 + Math.random() / 2));
  await putEntry({ ...entry, state: "waiting", tries, next: Date.now() + pause });
  return { failed: true };
}
