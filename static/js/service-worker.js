// The service worker: keeps the offline page and what it is made of, and sends what waits when the network is back.
// Pages and answers with anybody's data are never kept. Started by the few lines of /service-worker.js.
import { sync } from "./offline-sync.js";

const SETTINGS = "mainstay-settings";
const GONE = [502, 503, 504];

export function serve(config) {
  const shell = `mainstay-shell-${config.version}`;

  self.addEventListener("install", (event) => event.waitUntil(keep(shell, config)));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver(shell)));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
    if (request.mode === "navigate") event.respondWith(navigate(event, shell, config));
    else if (config.files.includes(new URL(request.url).pathname)) event.respondWith(fromShell(request, shell));
  });
  self.addEventListener("sync", (event) => {
    if (event.tag === "mainstay-visits") event.waitUntil(sendAll());
  });
}

async function keep(shell, config) {
  const cache = await caches.open(shell);
  // Without cookies: the page is the same for everybody.
  const wanted = [...config.files, ...Object.values(config.pages)];
  await cache.addAll(wanted.map((address) => new Request(address, { cache: "no-cache", credentials: "omit" })));
  await self.skipWaiting();
}

async function takeOver(shell) {
  for (const name of await caches.keys()) {
    if (name.startsWith("mainstay-shell-") && name !== shell) await caches.delete(name);
  }
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function navigate(event, shell, config) {
  try {
    const response = (await event.preloadResponse) ?? (await fetch(event.request));
    if (!GONE.includes(response.status)) return response;
    return (await offlinePage(shell, config)) ?? response;
  } catch {
    return (await offlinePage(shell, config)) ?? Response.error();
  }
}

async function offlinePage(shell, config) {
  const cache = await caches.open(shell);
  const chosen = await (await caches.open(SETTINGS)).match("/language");
  const language = chosen ? await chosen.text() : config.fallback;
  return cache.match(config.pages[language] ?? config.pages[config.fallback]);
}

async function fromShell(request, shell) {
  const kept = await (await caches.open(shell)).match(request);
  return kept ?? fetch(request);
}

async function sendAll() {
  const { reached, waiting } = await sync();
  // An error has the browser come back later.
  if (!reached && waiting) throw new Error("no network yet");
}
