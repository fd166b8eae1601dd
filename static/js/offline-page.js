// The page for when the network is gone, and of what waits on this device. It comes without anybody's data: what it
// shows is this device's, of whoever logged in here last and did not log out.
import { getBundle, getEntry, getSession, onChange, putEntry } from "./offline-store.js";
import { isOwnPage, isReached, refreshBundle, sendWaiting, startOffline } from "./offline-start.js";
import { offer, offerNear, search } from "./offline-choose.js";
import { drawQueue } from "./offline-queue.js";
import { say } from "./offline-texts.js";
import { wallTime } from "./visit-entry.js";
import { fillAccount } from "./visit-fields.js";
import { enhanceForm } from "./visit-form.js";

const root = document.querySelector("[data-offline-page]");
const form = root.querySelector("[data-visit-form]");
const part = (name) => root.querySelector(`[data-part=${name}]`);
const page = { user: null, data: null, form: null, moving: null };

async function begin() {
  const session = await startOffline().then(getSession);
  if (!session) {
    root.querySelector("[data-when-stranger]").hidden = false;
    return;
  }
  page.user = session.user;
  document.querySelector("[data-who]").textContent = say("user-of", { name: session.name });
  page.form = enhanceForm(form, {
    user: page.user,
    onSaved: (entry) => finish(entry.notes?.length ? entry.notes.join(" ") : say("state-saved")),
    onKept: (entry) => finish(say(entry.state === "login" ? "saved-login" : "saved-here")),
  });
  onChange(drawAll);
  window.addEventListener("mainstay:network", drawNetwork);
  root.addEventListener("click", choose);
  document.querySelector("[data-back]").addEventListener("click", (event) => {
    event.preventDefault();
    show("choose");
  });
  root.querySelector("[data-send-now]").addEventListener("click", () => sendWaiting({ hurry: true }));
  await drawAll();
  refreshBundle({ wanted: true });
  drawNetwork();
  const asked = new URLSearchParams(location.search).get("account");
  const account = location.pathname === root.dataset.new && accountOf(asked);
  if (account) await openForm(account);
  else show("choose");
}

const accountOf = (id) => page.data?.accounts.find((account) => String(account.id) === String(id));

async function drawAll() {
  const kept = await getBundle(page.user);
  root.querySelector("[data-bundle-none]").hidden = Boolean(kept);
  if (kept && page.data !== kept.data && kept.fetched !== page.fetched) {
    page.data = kept.data;
    page.fetched = kept.fetched;
    offer(part("choose"), page.data, wallTime(new Date(), page.data.zone).slice(0, 10));
    search(part("choose"), page.data);
    offerNear(part("choose"), async () => page.data.accounts);
  }
  await drawQueue(part("queue"), { user: page.user, form, edit, move, send: () => sendWaiting({ hurry: true }) });
  if (!part("form").hidden) part("queue").hidden = true;
  drawNetwork();
}

// Here instead of another page: the way there, once the network is back.
function drawNetwork() {
  root.querySelector("[data-when-offline]").hidden = isReached();
  const back = root.querySelector("[data-when-back]");
  back.hidden = isOwnPage() || !isReached();
  back.querySelector("[data-reload]").href = location.href;
}

function show(name) {
  for (const one of ["choose", "form"]) part(one).hidden = one !== name;
  document.querySelector("[data-back]").hidden = name !== "form";
  drawAll();
  window.scrollTo(0, 0);
}

function finish(text) {
  const notice = root.querySelector("[data-notice]");
  notice.textContent = text;
  notice.hidden = false;
  show("choose");
}

async function choose(event) {
  const row = event.target.closest("[data-account]");
  if (!row || event.ctrlKey || event.metaKey) return;
  const account = accountOf(row.dataset.account);
  if (!account) return;
  event.preventDefault();
  if (page.moving) await moveTo(account);
  else await openForm(account);
}

async function openForm(account, entry = null) {
  root.querySelector("[data-notice]").hidden = true;
  form.reset();
  fillAccount(form, account, page.data?.purposes ?? []);
  form.dispatchEvent(new Event("visit:filled"));
  root.querySelector("[data-account-name]").textContent = account.name;
  show("form");
  await page.form.open(entry);
}

async function edit(entry) {
  const { id, name } = entry.account;
  // The account may be gone from the device: then the form offers those whom the entry names.
  await openForm(accountOf(id) ?? { id, name, people: entry.people ?? [], opportunities: [], last: null }, entry);
}

// To another account: people, stances and opportunity were the first one's.
function move(entry) {
  page.moving = entry;
  show("choose");
  root.querySelector("#choose-q").focus();
}

async function moveTo(account) {
  const entry = await getEntry(page.moving.key);
  page.moving = null;
  if (!entry || !window.confirm(say("move-here", { name: account.name }))) return;
  const theirs = (name) => name === "contacts" || name === "opportunity" || name.startsWith("stance-");
  const pairs = entry.pairs.filter(([name]) => !theirs(name));
  const moved = { id: String(account.id), name: account.name };
  await putEntry({ ...entry, pairs, account: moved, people: [], state: "waiting", next: 0, reason: "", message: "", hand: false });
  await sendWaiting({ hurry: true });
}

begin();
