// What this device keeps, in IndexedDB: shared by all pages and the service worker, so nothing here touches a page.
// Every row names its user; a page shows only those of whoever is logged in.
import { openDB } from "../vendor/idb/index.js";

// Of the entries; the server knows which it still understands (crm/visits/rules.py).
export const SCHEMA = 1;
const DRAFT_DAYS = 30;
const SAVED_HOURS = 24;
// States in which an entry is done with; all others wait for the network or for the rep.
export const DONE = ["saved", "handed"];

let opening = null;

function database() {
  opening ??= openDB("mainstay", 1, {
    upgrade(db) {
      db.createObjectStore("meta");
      db.createObjectStore("bundles", { keyPath: "user" });
      for (const name of ["drafts", "queue"]) db.createObjectStore(name, { keyPath: "key" }).createIndex("user", "user");
      db.createObjectStore("files", { keyPath: "key" }).createIndex("owner", "owner");
    },
    // A newer version of the app, in another tab, needs the database: it reads on with the next call.
    blocking: close,
    terminated: close,
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

async function close() {
  const closing = opening;
  opening = null;
  (await closing)?.close();
}

export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Not a secure context (plain HTTP in a company's network): the same kind of number, put together by hand.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Changes are told to this page and to every other one; a full queue on its way is drawn a few times a second.
const BREATH = 200;
const listeners = new Set();
const channel = "BroadcastChannel" in self ? new BroadcastChannel("mainstay-offline") : null;
let telling = null;
channel?.addEventListener("message", tell);

function tell() {
  telling ??= setTimeout(() => {
    telling = null;
    listeners.forEach((listener) => listener());
  }, BREATH);
}

export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  channel?.postMessage("changed");
  if (listeners.size) tell();
}

// Who is logged in, and where to ask and send: kept for the time without network.
export async function getSession() {
  return (await database()).get("meta", "session");
}

export async function enter(session) {
  const db = await database();
  const before = await db.get("meta", "session");
  await db.put("meta", session, "session");
  if (before && before.user !== session.user) {
    for (const user of await db.getAllKeys("bundles")) if (user !== session.user) await db.delete("bundles", user);
    changed();
  }
  await sweep(db);
}

// Logging out: nothing of the user's is readable here any more. Unsent entries stay, unseen, until the next log-in.
export async function leave(user) {
  const db = await database();
  await db.delete("meta", "session");
  await db.delete("bundles", user);
  for (const draft of await db.getAllFromIndex("drafts", "user", user)) await dropDraft(draft.key);
  changed();
}

async function sweep(db) {
  const now = Date.now();
  for (const draft of await db.getAll("drafts")) if (now - draft.at > DRAFT_DAYS * 864e5) await dropDraft(draft.key);
  for (const entry of await db.getAll("queue")) {
    if (DONE.includes(entry.state) && now - entry.done > SAVED_HOURS * 36e5) await dropEntry(entry.key);
  }
}

export async function getBundle(user) {
  return (await database()).get("bundles", user);
}

// What the phone knows of the accounts has proved wrong: it is fetched anew next time.
export async function expireBundle(user) {
  const bundle = await getBundle(user);
  if (bundle) await putBundle({ ...bundle, fetched: 0 });
}

export async function putBundle(bundle) {
  await (await database()).put("bundles", bundle);
}

// Drafts
export async function latestDraft(user, account) {
  const drafts = await (await database()).getAllFromIndex("drafts", "user", user);
  return drafts.filter((draft) => draft.account === account).sort((a, b) => b.at - a.at)[0];
}

export async function putDraft(draft) {
  await (await database()).put("drafts", draft);
}

export async function dropDraft(key) {
  const transaction = (await database()).transaction(["drafts", "files"], "readwrite");
  await transaction.objectStore("drafts").delete(key);
  await dropFilesOf(transaction, key);
  await transaction.done;
}

// The queue
export async function entriesOf(user) {
  const entries = await (await database()).getAllFromIndex("queue", "user", user);
  return entries.sort((a, b) => a.created - b.created);
}

export async function waitingOf(user) {
  return (await entriesOf(user)).filter((entry) => !DONE.includes(entry.state));
}

export async function getEntry(key) {
  return (await database()).get("queue", key);
}

export async function putEntry(entry) {
  await (await database()).put("queue", entry);
  changed();
}

// The entry is there and the draft gone, or neither: a crash in between loses nothing.
export async function enqueue(entry, draftKey) {
  const transaction = (await database()).transaction(["queue", "drafts", "files"], "readwrite");
  await transaction.objectStore("queue").put(entry);
  const kept = new Set(entry.files.map((file) => file.key));
  const files = transaction.objectStore("files");
  for (const owner of [draftKey, entry.key]) {
    if (!owner) continue;
    for (const file of await files.index("owner").getAll(owner)) {
      if (kept.has(file.key)) await files.put({ ...file, owner: entry.key });
      else await files.delete(file.key);
    }
  }
  if (draftKey) await transaction.objectStore("drafts").delete(draftKey);
  await transaction.done;
  changed();
}

export async function dropEntry(key) {
  const transaction = (await database()).transaction(["queue", "files"], "readwrite");
  await transaction.objectStore("queue").delete(key);
  await dropFilesOf(transaction, key);
  await transaction.done;
  changed();
}

// Photos and files, apart from what names them: they are large.
export async function putFile(file) {
  await (await database()).put("files", file);
}

export async function getFile(key) {
  return (await database()).get("files", key);
}

export async function dropFile(key) {
  await (await database()).delete("files", key);
}

async function dropFilesOf(transaction, owner) {
  const files = transaction.objectStore("files");
  for (const key of await files.index("owner").getAllKeys(owner)) await files.delete(key);
}
