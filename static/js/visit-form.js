// The visit form: its draft saves itself, and saving goes through the queue of this device, so that an entry is safe the
// moment the rep taps "save", whatever becomes of the network, the tab or the log-in.
import {
  dropDraft, dropEntry, enqueue, getEntry, getFile, latestDraft, onChange, putDraft, putFile, randomKey,
} from "./offline-store.js";
import { sendNow } from "./offline-sync.js";
import { askForSync } from "./offline-start.js";
import { say } from "./offline-texts.js";
import { apply, hasContent, makeEntry, pairsOf, problemsOf } from "./visit-entry.js";
import { fieldsOf, filesOf } from "./visit-fields.js";

const TYPING = 400;
const PATIENCE = 15_000;

// `onSaved(entry)` after the server has it; `onKept(entry)` where it waits on the device.
export function enhanceForm(form, { user, onSaved, onKept }) {
  const account = () => form.elements.account.value;
  const state = { draft: `${user}:${randomKey()}`, key: randomKey(), edited: false, busy: false, people: [], done: false };
  fieldsOf(form);
  const files = filesOf(form, { user, owner: () => state.draft, onChange: () => saveDraft() });
  let empty = JSON.stringify(pairsOf(form));
  let timer = null;

  async function saveDraft() {
    clearTimeout(timer);
    const pairs = pairsOf(form);
    if (state.done || state.busy || !account() || (!files.all().length && JSON.stringify(pairs) === empty)) return;
    if (!hasContent(pairs, files.all())) return;
    await putDraft({ key: state.draft, user, account: account(), pairs, files: files.all(), at: Date.now() }).catch(() => {});
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(saveDraft, TYPING);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveDraft());
  window.addEventListener("pagehide", saveDraft);
  form.addEventListener("visit:problem", (event) => showProblem(form, event.detail));

  async function offerDraft() {
    const offer = form.querySelector("[data-draft]");
    offer.hidden = true;
    const draft = await latestDraft(user, account()).catch(() => null);
    // Who types quickly has a draft of this very form by now.
    if (!draft || draft.key === state.draft) return;
    offer.hidden = false;
    offer.querySelector("[data-draft-use]").onclick = () => {
      state.draft = draft.key;
      apply(form, draft.pairs);
      files.set(draft.files);
      offer.hidden = true;
    };
    offer.querySelector("[data-draft-drop]").onclick = async () => {
      offer.hidden = true;
      await dropDraft(draft.key);
    };
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (state.busy) return;
    state.busy = true;
    clearTimeout(timer);
    const button = form.querySelector("button[type=submit]");
    button.classList.add("btn-loading");
    try {
      await save();
    } finally {
      state.busy = false;
      button.classList.remove("btn-loading");
    }
  });

  async function save() {
    await files.ready();
    clearErrors(form);
    const problems = problemsOf(form);
    if (Object.keys(problems).length) return showErrors(form, problems);
    const entry = makeEntry(form, { user, key: state.key, files: files.all(), edited: state.edited });
    entry.people = [...form.querySelectorAll("[name=contacts]:checked")].map((tick) => [
      tick.value, tick.closest("label").querySelector("[data-name]").textContent,
    ]);
    try {
      await enqueue(entry, state.draft);
    } catch (error) {
      console.warn("offline:", error);
      // Nowhere to keep it: the form itself still works, with a network.
      return navigator.onLine && !files.all().length ? form.submit() : showProblem(form, say("no-room"));
    }
    navigator.storage?.persist?.().catch(() => {});
    const sent = navigator.onLine ? await outcome(entry.key) : entry;
    if (sent?.state === "attention" && sent.reason === "invalid" && !sent.visit) {
      // The form still holds it all: it goes back from the queue into a draft.
      await putDraft({ key: state.draft, user, account: account(), pairs: entry.pairs, files: files.all(), at: Date.now() });
      await enqueueBack(entry);
      state.edited = state.edited || Boolean(sent.tried);
      return showErrors(form, Object.fromEntries(Object.entries(sent.errors).map(([name, texts]) => [name, texts.join(" ")])), sent.message);
    }
    state.done = true;
    // Only now: asked for earlier, the browser would send it behind our back.
    if (sent?.state !== "saved") await askForSync().catch(() => {});
    return sent?.state === "saved" ? onSaved(sent) : onKept(sent ?? entry);
  }

  // The files stay, for the draft.
  async function enqueueBack(entry) {
    for (const { key } of entry.files) {
      const file = await getFile(key);
      if (file) await putFile({ ...file, owner: state.draft });
    }
    await dropEntry(entry.key);
  }

  // Opens the form for an account; with an entry of the queue to change it.
  async function open(entry = null) {
    Object.assign(state, { draft: `${user}:${randomKey()}`, key: entry?.key ?? randomKey(), done: false });
    state.edited = Boolean(entry?.edited || entry?.tried);
    clearErrors(form);
    if (entry) apply(form, entry.pairs);
    files.set(entry?.files ?? []);
    empty = JSON.stringify(pairsOf(form));
    if (entry) {
      form.querySelector("[data-draft]").hidden = true;
      showErrors(form, Object.fromEntries(Object.entries(entry.errors ?? {}).map(([name, texts]) => [name, texts.join(" ")])), entry.message);
    } else await offerDraft();
  }
  return { open, offerDraft };
}

// What became of it within a rep's patience; whoever else sends it tells through the store.
async function outcome(key) {
  const settled = (entry) => !entry || ["saved", "attention", "login"].includes(entry.state);
  const told = new Promise((resolve) => onChange(async () => {
    const entry = await getEntry(key);
    if (settled(entry)) resolve(entry);
  }));
  const late = new Promise((resolve) => setTimeout(async () => resolve(await getEntry(key)), PATIENCE));
  const sent = sendNow(key, { announce: true }).catch(() => getEntry(key));
  const first = await Promise.race([sent, late]);
  return first?.state === "sending" ? Promise.race([told, late]) : first;
}

function fieldOf(form, name) {
  const field = form.elements[name];
  return field instanceof RadioNodeList ? field[0] : field;
}

function clearErrors(form) {
  for (const text of form.querySelectorAll(".invalid-feedback")) text.remove();
  for (const field of form.querySelectorAll(".is-invalid")) field.classList.remove("is-invalid");
  showProblem(form, "");
}

function showProblem(form, text) {
  const box = form.querySelector("[data-problem]");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.setAttribute("role", "alert");
}

function showErrors(form, problems, message = "") {
  let first = null;
  const unplaced = [];
  for (const [name, text] of Object.entries(problems)) {
    const field = fieldOf(form, name);
    if (!field || field.type === "hidden") {
      unplaced.push(text);
      continue;
    }
    const told = document.createElement("div");
    told.className = "invalid-feedback d-block";
    told.textContent = text;
    (field.closest("fieldset") ?? field.parentElement).append(told);
    field.classList.add("is-invalid");
    const fold = field.closest("details");
    if (fold) fold.open = true;
    first ??= field;
  }
  showProblem(form, [message, ...unplaced].filter(Boolean).join(" "));
  first?.focus();
}
