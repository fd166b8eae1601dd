// Choosing an account on the device: today's plan, what is near, what was recent, and a search by name, pinyin or number.
import { canLocate, locate, mayLocate, nearest } from "./offline-place.js";
import { blank, say } from "./offline-texts.js";

const RECENT = 8;
const FOUND = 10;

function choice(root, account, note) {
  const row = blank("choice", root);
  row.dataset.account = account.id;
  row.href = row.href.replace(/account=\d*$/, `account=${account.id}`);
  row.querySelector("[data-name]").textContent = account.name;
  row.querySelector("[data-note]").textContent = [note, account.number, account.city].filter(Boolean).join(" · ");
  return row;
}

function list(root, place, rows) {
  for (const old of place.querySelectorAll("[data-account]")) old.remove();
  place.append(...rows);
  place.hidden = !rows.length;
}

// Draws what is offered before anything is typed. `today` is the company's day.
export function offer(root, data, today) {
  const known = new Map(data.accounts.map((account) => [account.id, account]));
  const plans = data.plan.filter((plan) => plan.on === today && known.has(plan.account));
  list(root, root.querySelector("[data-planned]"), plans.map((plan) => choice(root, known.get(plan.account), plan.at || plan.purpose)));
  const planned = new Set(plans.map((plan) => plan.account));
  const recent = data.accounts.filter((account) => !planned.has(account.id)).slice(0, RECENT);
  list(root, root.querySelector("[data-recent]"), recent.map((account) => choice(root, account, "")));
}

// What is near, from the accounts on the device; at once where the browser tells the place without asking.
export async function offerNear(root, accounts) {
  const box = root.querySelector("[data-near]");
  if (!box || !canLocate()) return;
  const words = box.querySelector("[data-near-words]");
  const button = box.querySelector("[data-near-ask]");
  const look = async () => {
    words.hidden = false;
    words.textContent = say("place-wait");
    try {
      const near = nearest(await accounts(), await locate());
      const rows = near.map(({ account, km }) => choice(root, account, say("kilometres", { km: km < 10 ? km.toFixed(1) : Math.round(km) })));
      list(root, box, rows);
      box.hidden = false;
      words.textContent = rows.length ? "" : say("near-none");
      words.hidden = rows.length > 0;
      button.hidden = rows.length > 0;
    } catch {
      words.textContent = say("place-refused");
    }
  };
  box.hidden = false;
  button.onclick = look;
  if (await mayLocate()) await look();
}

export function search(root, data) {
  const box = root.querySelector("input[type=search]");
  const found = root.querySelector("[data-found]");
  const offered = root.querySelector("[data-offered]");
  box.oninput = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    offered.hidden = words.length > 0;
    found.replaceChildren();
    if (!words.length) return;
    const hits = data.accounts.filter(({ search: line }) => words.every((word) => line.includes(word))).slice(0, FOUND);
    const rows = document.createElement("div");
    rows.className = "list-group list-group-flush border-top";
    rows.append(...hits.map((account) => choice(root, account, "")));
    found.append(rows);
  };
  if (box.value) box.oninput();
}
