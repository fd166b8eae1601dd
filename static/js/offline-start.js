// On every page of a logged-in user: the service worker, what a phone keeps for later, sending what waits, and the mark
// in the header that tells of it.
import { changed, enter, entriesOf, getBundle, getSession, leave, onChange, putBundle, waitingOf } from "./offline-store.js";
import { sync } from "./offline-sync.js";

const BUNDLE_AGE = 10 * 60_000;
const LOOK_AGAIN = 30_000;

let starting = null;
let reached = true;
let timer = null;

export function startOffline() {
  starting ??= start().catch((error) => console.warn("offline:", error));
  return starting;
}

// The offline page has no header of ours, but the same addresses on itself.
const mark = () => document.querySelector("[data-offline]");
const place = () => mark() ?? document.querySelector("[data-offline-page]");

// Asked for by its own address, not instead of another page.
export const isOwnPage = () => location.pathname.startsWith("/offline/");

async function start() {
  const here = place();
  if (!here || !("indexedDB" in self)) return null;
  const { user, name, role, session, bundle, sync: entries, photo, handover } = here.dataset;
  if (user) {
    const addresses = { session, bundle, sync: entries, photo, handover };
    await enter({ user: Number(user), name, role, addresses });
    rememberLanguage();
    clearAtLogOut(Number(user));
  }
  // Standing in for a page that did not come: the network is gone until the server answers.
  reached = Boolean(mark()) || isOwnPage();
  registerWorker(here.dataset.worker);
  onChange(draw);
  for (const [target, event] of [[window, "online"], [window, "offline"], [document, "visibilitychange"], [window, "pageshow"]]) {
    target.addEventListener(event, () => document.visibilityState === "visible" && sendWaiting());
  }
  await draw();
  sendWaiting();
  if (user) whenIdle(() => refreshBundle());
  return getSession();
}

function whenIdle(work) {
  const run = () => ("requestIdleCallback" in self ? requestIdleCallback(work, { timeout: 5000 }) : setTimeout(work, 1000));
  if (document.readyState === "complete") run();
  else window.addEventListener("load", run, { once: true });
}

function registerWorker(address) {
  if (!("serviceWorker" in navigator)) return;
  whenIdle(() => navigator.serviceWorker.register(address, { type: "module" }).catch(() => {}));
}

async function rememberLanguage() {
  if (!("caches" in self)) return;
  const settings = await caches.open("mainstay-settings");
  await settings.put("/language", new Response(document.documentElement.lang));
}

// Has the browser send later on its own, where it can; where it cannot, the next page does.
export async function askForSync() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register("mainstay-visits").catch(() => {});
}

export async function sendWaiting(options) {
  clearTimeout(timer);
  if (navigator.onLine) {
    // A page stands in for another one: whether that can be had now is worth a question.
    const result = await sync({ probe: !mark(), ...options }).catch(() => ({ reached: false }));
    reached = result.reached;
  } else reached = false;
  await draw();
  const session = await getSession();
  if (!session) return;
  // "sending" may be another tab that was closed meanwhile.
  const due = (await waitingOf(session.user)).filter((entry) => ["waiting", "sending"].includes(entry.state));
  const times = due.map((entry) => entry.next);
  if (times.length) await askForSync();
  else if (reached) return;
  const pause = reached ? Math.max(Math.min(...times) - Date.now(), 3000) : LOOK_AGAIN;
  timer = setTimeout(() => sendWaiting(), Math.min(pause, 600_000));
}

export const isReached = () => reached && navigator.onLine;

// The rep's customers, plan and choices. Reps have them at once; others from their first visit form on.
export async function refreshBundle({ wanted = false } = {}) {
  const session = await getSession();
  if (!session) return null;
  const kept = await getBundle(session.user);
  if (!navigator.onLine) return kept;
  if (kept && Date.now() - kept.fetched < BUNDLE_AGE && kept.language === document.documentElement.lang) return kept;
  if (!kept && !wanted && session.role !== "rep") return null;
  const headers = kept?.etag && kept.language === document.documentElement.lang ? { "If-None-Match": kept.etag } : {};
  try {
    const response = await fetch(session.addresses.bundle, { cache: "no-store", headers });
    const same = { user: session.user, fetched: Date.now(), language: document.documentElement.lang };
    if (response.status === 304) await putBundle({ ...kept, ...same });
    else if (response.ok) {
      const data = await response.json();
      if (data.user === session.user) await putBundle({ ...same, etag: response.headers.get("ETag"), data });
    }
  } catch {
    return kept;
  }
  changed();
  return getBundle(session.user);
}

function clearAtLogOut(user) {
  const { leave: address, logout: question } = mark()?.dataset ?? {};
  for (const form of document.querySelectorAll(`form[action="${address}"]`)) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        if ((await waitingOf(user)).length && !window.confirm(question)) return;
        await leave(user);
      } catch (error) {
        console.warn("offline:", error);
      }
      form.submit();
    });
  }
}

// Number of entries that wait, or a crossed-out cloud where the network is gone; nothing in the usual case.
async function draw() {
  window.dispatchEvent(new Event("mainstay:network"));
  const link = mark();
  const session = await getSession();
  if (!link || !session) return;
  const entries = await entriesOf(session.user);
  const waiting = entries.filter((entry) => !["saved", "handed"].includes(entry.state)).length;
  const lost = !isReached();
  link.hidden = !waiting && !lost;
  link.classList.toggle("is-lost", lost);
  const badge = link.querySelector("[data-count]");
  badge.hidden = !waiting;
  badge.textContent = waiting;
  const words = [lost && link.dataset.lost, waiting && link.dataset.waiting.replace("{count}", waiting)].filter(Boolean);
  link.setAttribute("aria-label", words.join(". "));
  link.title = words.join(". ");
}
