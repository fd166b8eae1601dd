// What stands in the form, as an entry that can be kept, put back into the form, read as text, and sent.
import { SCHEMA, putFile, randomKey } from "./offline-store.js";
import { say } from "./offline-texts.js";

const APART = ["csrfmiddlewaretoken", "account", "client_key", "files"];
const MEGABYTE = 1024 * 1024;
const LARGEST = 60 * MEGABYTE;
const SHRINK_FROM = 2 * MEGABYTE;
const LONGEST_SIDE = 2560;

export function pairsOf(form) {
  return [...new FormData(form).entries()].filter(([name, value]) => !APART.includes(name) && typeof value === "string");
}

// Whether the rep has written anything: the time and the kind stand there by themselves.
export function hasContent(pairs, files) {
  const own = ["kind", "happened_at", "stance_source", "latitude", "longitude", "location_accuracy"];
  return files.length > 0 || pairs.some(([name, value]) => value !== "" && !own.includes(name));
}

export function apply(form, pairs) {
  fill(form, pairs);
  form.dispatchEvent(new Event("visit:filled"));
  // Now that those met are ticked, their stances are there to be filled.
  fill(form, pairs);
}

function fill(form, pairs) {
  for (const field of form.elements) {
    if (!field.name || APART.includes(field.name)) continue;
    const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

// The company's wall clock: what the server takes a time without zone for.
export function wallTime(moment, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(moment);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

// What the device can tell is wrong, before it keeps the entry: {field: sentence}. The server looks again.
export function problemsOf(form) {
  const found = {};
  for (const field of form.querySelectorAll("[data-most]")) {
    const most = Number(field.dataset.most);
    if (field.value.length > most) found[field.name] = say("too-long", { most: most.toLocaleString() });
  }
  const { happened_at: when, next_step: step, next_step_on: day } = form.elements;
  const latest = wallTime(new Date(Date.now() + 600_000), form.dataset.zone);
  if (when.value && when.value > latest) found.happened_at = say("future");
  if (day.value && !step.value.trim()) found.next_step = say("say-what");
  for (const field of form.elements) {
    if (field.validity && !field.validity.valid && field.name && !found[field.name]) found[field.name] = field.validationMessage;
  }
  return found;
}

export function makeEntry(form, { user, key, files, edited }) {
  const { account } = form.elements;
  return {
    key,
    user,
    schema: SCHEMA,
    account: { id: account.value, name: account.dataset.name },
    pairs: pairsOf(form),
    files: files.map(({ key: file, name, size }) => ({ key: file, name, size })),
    created: Date.now(),
    saved_at: new Date().toISOString(),
    edited,
    state: "waiting",
    next: 0,
    tries: 0,
  };
}

// A chosen file on its way into the store. Photos are made smaller first: a phone's network is slow, its room small.
export async function keepFile(file, owner, user) {
  if (file.size > LARGEST) throw new Error(say("too-large", { name: file.name, size: Math.round(file.size / MEGABYTE) }));
  // Copied: what the picker gives may be gone when the network is back.
  const blob = (await smaller(file)) ?? new Blob([await file.arrayBuffer()], { type: file.type });
  const kept = { key: randomKey(), owner, user, name: file.name, size: blob.size, blob };
  await putFile(kept);
  return { key: kept.key, name: kept.name, size: kept.size };
}

async function smaller(file) {
  if (file.size < SHRINK_FROM || !["image/jpeg", "image/png", "image/webp"].includes(file.type)) return null;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : null;
  } catch {
    return null;
  }
}

// For reading and keeping elsewhere, with the form's own words.
export function asText(entry, form) {
  const lines = [`${entry.account.name} (${entry.account.id})`];
  const people = new Map((entry.people ?? []).map(([id, name]) => [String(id), name]));
  for (const [name, value] of entry.pairs) {
    if (!value) continue;
    const field = [...form.elements].find((one) => one.name === name && (one.type !== "radio" || one.value === value));
    const label = labelOf(field) ?? name;
    const words = name === "contacts" ? (people.get(value) ?? value) : (wordsOf(field) ?? value);
    lines.push(`${label}: ${words}`);
  }
  return `${lines.join("\n")}\n`;
}

function labelOf(field) {
  const legend = field?.closest("fieldset")?.querySelector("legend");
  return (legend ?? field?.labels?.[0])?.textContent.trim() || null;
}

function wordsOf(field) {
  if (!field) return null;
  if (field.type === "radio" || field.type === "checkbox") return field.closest("label")?.textContent.trim();
  return null;
}
