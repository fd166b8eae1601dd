// What waits on this device, with the state of each entry and what the rep can do about it.
import { dropEntry, dropFile, entriesOf, putEntry } from "./offline-store.js";
import { blank, say } from "./offline-texts.js";
import { asText } from "./visit-entry.js";

const TONES = { waiting: "secondary", sending: "blue", saved: "green", handed: "green", login: "yellow", attention: "red" };

// What can be done with an entry: nothing while it is under way, little once the visit itself is on record.
function actionsOf(entry) {
  if (entry.state === "sending" || entry.state === "saved" || entry.state === "handed") return [];
  if (entry.reason === "file" && entry.state === "attention") return entry.visit ? ["forget"] : ["edit", "forget", "export", "drop"];
  const always = ["edit", "export", "drop"];
  if (entry.state === "login") return ["login", ...always];
  if (entry.state !== "attention") return always;
  return entry.reason === "not_yours" ? ["handover", "move", "export", "drop"] : ["edit", "move", "export", "drop"];
}

export async function drawQueue(part, { user, form, edit, move, send }) {
  const entries = (await entriesOf(user)).reverse();
  part.hidden = !entries.length;
  part.querySelector("[data-slot=queue]").replaceChildren(...entries.map((entry) => row(entry, { form, edit, move, send })));
}

function row(entry, { form, edit, move, send }) {
  const shown = blank("entry");
  shown.dataset.entry = entry.key;
  shown.dataset.now = entry.state;
  const set = (name, text) => {
    const place = shown.querySelector(`[data-${name}]`);
    place.textContent = text;
    place.hidden = !text;
  };
  set("name", entry.account.name);
  set("when", new Date(entry.created).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }));
  set("note", entry.pairs.find(([name]) => name === "note")?.[1] ?? "");
  set("message", messageOf(entry));
  const state = shown.querySelector("[data-state]");
  state.textContent = say(`state-${entry.state}`);
  state.className = `badge bg-${TONES[entry.state]}-lt`;
  if (entry.url) {
    const link = document.createElement("a");
    link.href = entry.url;
    link.textContent = entry.account.name;
    shown.querySelector("[data-name]").replaceChildren(link);
  }
  const actions = actionsOf(entry);
  shown.querySelector("[data-actions]").hidden = !actions.length;
  for (const button of shown.querySelectorAll("[data-do]")) {
    button.hidden = !actions.includes(button.dataset.do);
    button.addEventListener("click", (event) => act(event, button.dataset.do, entry, { form, edit, move, send }));
  }
  return shown;
}

function messageOf(entry) {
  if (entry.state === "saved" || entry.state === "handed") return (entry.notes ?? []).join(" ");
  if (entry.state === "attention") {
    if (entry.reason === "file" && entry.visit) return say("photo-refused", { name: entry.message });
    return [entry.message, ...Object.values(entry.errors ?? {}).flat()].filter(Boolean).join(" ");
  }
  if (entry.state === "waiting" && entry.tries > 0) {
    return say("retry-at", { time: new Date(entry.next).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }) });
  }
  return "";
}

async function act(event, what, entry, { form, edit, move, send }) {
  if (what === "login") return;
  event.preventDefault();
  if (what === "edit") edit(entry);
  if (what === "move") move(entry);
  if (what === "export") save(`${entry.account.name}.txt`, asText(entry, form));
  if (what === "drop" && window.confirm(say("drop-sure"))) await dropEntry(entry.key);
  if (what === "handover") {
    await putEntry({ ...entry, state: "waiting", hand: true, next: 0, reason: "", message: "" });
    await send();
  }
  if (what === "forget") {
    for (const file of entry.files) await dropFile(file.key);
    await putEntry({ ...entry, state: "waiting", files: [], next: 0, reason: "", message: "" });
    await send();
  }
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name.replace(/[\\/:*?"<>|]/g, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
