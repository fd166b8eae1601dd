// The visit form's conveniences: chips, stances of those met, "same as last time", the chosen files, the check-in.
import { dropFile } from "./offline-store.js";
import { canLocate, locate } from "./offline-place.js";
import { blank, say } from "./offline-texts.js";
import { keepFile, wallTime } from "./visit-entry.js";

export function fieldsOf(form) {
  purposes(form);
  dates(form);
  stances(form);
  sameAsLast(form);
  moment(form);
  if (form.querySelector("[data-place]")) place(form);
  form.addEventListener("visit:filled", () => {
    drawStances(form);
    drawPlace(form);
    for (const fold of form.querySelectorAll("details")) fold.open ||= isFilled(fold);
  });
}

// The account's part of the form where the server did not draw it: people, opportunities, purposes, last time.
export function fillAccount(form, account, purposesKnown) {
  form.elements.account.value = account.id;
  form.elements.account.dataset.name = account.name;
  const people = form.querySelector("[data-slot=people]");
  people.replaceChildren();
  for (const [id, name, title] of account.people) {
    const person = blank("person", form);
    person.querySelector("input").value = id;
    person.querySelector("[data-name]").textContent = name;
    person.querySelector("[data-title]").textContent = title;
    people.append(person);
  }
  makeStances(form);
  form.querySelector("[data-nobody]").hidden = account.people.length > 0;
  const deals = form.elements.opportunity;
  deals.length = 1;
  for (const [id, name] of account.opportunities) deals.add(new Option(name, id));
  const chips = form.querySelector("[data-slot=purposes]");
  chips.replaceChildren();
  for (const text of purposesKnown) {
    const chip = blank("chip", form);
    chip.textContent = text;
    chips.append(chip);
  }
  const same = form.querySelector("[data-same]");
  form.lastTime = account.last;
  if (same) {
    same.hidden = !account.last;
    const kind = account.last && form.querySelector(`[name=kind][value="${account.last.kind}"]`);
    const words = kind ? [kind.closest("label").textContent.trim(), account.last.purpose] : [];
    same.querySelector("[data-same-words]").textContent = words.filter(Boolean).join(" · ");
  }
  drawStances(form);
}

function isFilled(fold) {
  return [...fold.querySelectorAll("input, textarea, select")].some((field) => {
    if (["stance_source", "happened_at", "files"].includes(field.name) || field.type === "hidden") return false;
    return field.type === "radio" || field.type === "checkbox" ? field.checked && field.value !== "" : field.value !== "";
  });
}

function purposes(form) {
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-fill]");
    if (!chip) return;
    form.elements.purpose.value = chip.textContent.trim();
    told(form.elements.purpose);
  });
}

// A date with one tap; the words for it stand there until the rep writes better ones.
function dates(form) {
  const chips = form.querySelector("[data-dates]");
  const { next_step: step, next_step_on: day } = form.elements;
  chips.hidden = false;
  step.setAttribute("aria-label", form.querySelector("[data-dates]").closest("fieldset").querySelector("legend").textContent);
  chips.addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    const then = new Date(`${wallTime(new Date(), form.dataset.zone).slice(0, 10)}T00:00:00Z`);
    const { days, months } = chip.dataset;
    if (days) then.setUTCDate(then.getUTCDate() + Number(days));
    if (months) {
      const wanted = then.getUTCDate();
      then.setUTCMonth(then.getUTCMonth() + Number(months), 1);
      const last = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
      then.setUTCDate(Math.min(wanted, last));
    }
    day.value = then.toISOString().slice(0, 10);
    if (!step.value.trim()) step.value = chips.dataset.words;
    told(day);
  });
}

function told(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function stances(form) {
  makeStances(form);
  form.addEventListener("change", (event) => event.target.name === "contacts" && drawStances(form));
  drawStances(form);
}

function makeStances(form) {
  form.stanceRows = [...form.querySelectorAll("[name=contacts]")].map((tick) => {
    const row = blank("stance", form);
    row.dataset.stanceOf = tick.value;
    row.querySelector("[data-name]").textContent = tick.closest("label").querySelector("[data-name]").textContent;
    for (const choice of row.querySelectorAll("input")) {
      choice.name = `stance-${tick.value}`;
      choice.checked = choice.value === (tick.dataset.stance ?? "");
    }
    return row;
  });
}

// Only of the people met: the others' are not on the form.
function drawStances(form) {
  const met = new Set([...form.querySelectorAll("[name=contacts]:checked")].map((tick) => tick.value));
  const rows = form.stanceRows.filter((row) => met.has(row.dataset.stanceOf));
  form.querySelector("[data-slot=stances]").replaceChildren(...rows);
  for (const row of rows) if (!row.querySelector(":checked")) row.querySelector("input[value='']").checked = true;
  form.querySelector("[data-no-stances]").hidden = rows.length > 0;
}

function sameAsLast(form) {
  const link = form.querySelector("[data-same]");
  if (!link) return;
  const given = document.getElementById("last-time");
  if (given) form.lastTime = JSON.parse(given.textContent);
  link.addEventListener("click", (event) => {
    if (!form.lastTime) return;
    event.preventDefault();
    const { kind, purpose, contacts } = form.lastTime;
    for (const choice of form.querySelectorAll("[name=kind]")) choice.checked = choice.value === kind;
    for (const tick of form.querySelectorAll("[name=contacts]")) tick.checked = contacts.includes(Number(tick.value));
    form.elements.purpose.value = purpose;
    link.hidden = true;
    form.dispatchEvent(new Event("visit:filled"));
    told(form.elements.purpose);
  });
}

// When it happened: shown in the folded line, now unless the rep says otherwise.
function moment(form) {
  const field = form.elements.happened_at;
  const shown = form.querySelector("[data-when]");
  const draw = () => {
    if (!field.value) field.value = wallTime(new Date(), form.dataset.zone);
    shown.textContent = field.value.replace("T", " ");
  };
  field.addEventListener("change", draw);
  form.addEventListener("visit:filled", draw);
  draw();
}

// The chosen files, kept on the device from the moment they are chosen. `owner` names the draft they belong to.
export function filesOf(form, { user, owner, onChange }) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-slot=files]");
  const most = 20;
  let files = [];
  const draw = () => {
    list.replaceChildren(
      ...files.map((file) => {
        const row = blank("file", form);
        row.querySelector("[data-name]").textContent = file.name;
        row.querySelector("[data-size]").textContent = `${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} kB`;
        row.querySelector("[data-remove]").addEventListener("click", async () => {
          files = files.filter((one) => one.key !== file.key);
          await dropFile(file.key);
          draw();
          onChange();
        });
        return row;
      }),
    );
  };
  let taking = Promise.resolve();
  input.addEventListener("change", () => {
    taking = taking.then(async () => {
      const chosen = [...input.files];
      input.value = "";
      const problems = [];
      for (const file of chosen) {
        if (files.length >= most) {
          problems.push(say("too-many-files", { most }));
          break;
        }
        try {
          files.push(await keepFile(file, owner(), user));
        } catch (error) {
          problems.push(error.name === "QuotaExceededError" ? say("no-room") : error.message);
        }
      }
      draw();
      onChange();
      form.dispatchEvent(new CustomEvent("visit:problem", { detail: problems.join(" ") }));
    });
  });
  return {
    all: () => files,
    // Chosen a moment ago and still being made smaller: saving waits for it.
    ready: () => taking,
    set(kept) {
      files = [...kept];
      draw();
    },
  };
}

function place(form) {
  const fold = form.querySelector("[data-place]");
  if (!canLocate()) return;
  fold.hidden = false;
  const words = form.querySelector("[data-place-words]");
  form.querySelector("[data-check-in]").addEventListener("click", async () => {
    words.textContent = say("place-wait");
    try {
      const { latitude, longitude, accuracy } = await locate();
      form.elements.latitude.value = latitude.toFixed(6);
      form.elements.longitude.value = longitude.toFixed(6);
      form.elements.location_accuracy.value = Math.round(accuracy);
      drawPlace(form);
      words.textContent = await distance(form);
    } catch {
      words.textContent = say("place-refused");
    }
  });
  form.querySelector("[data-check-out]").addEventListener("click", () => {
    for (const name of ["latitude", "longitude", "location_accuracy"]) form.elements[name].value = "";
    words.textContent = "";
    drawPlace(form);
  });
  drawPlace(form);
}

function drawPlace(form) {
  const state = form.querySelector("[data-place-state]");
  if (!state) return;
  const taken = form.elements.latitude.value !== "";
  state.textContent = taken ? say("place-taken") : "";
  form.querySelector("[data-check-out]").hidden = !taken;
}

// The server works it out (one formula, one place) and keeps nothing of the question.
async function distance(form) {
  const { account, latitude, longitude, csrfmiddlewaretoken: token } = form.elements;
  const body = new URLSearchParams({ account: account.value, latitude: latitude.value, longitude: longitude.value });
  try {
    const response = await fetch(form.dataset.distance, { method: "POST", body, headers: { "X-CSRFToken": token?.value ?? "" } });
    if (response.ok) return (await response.json()).text;
  } catch {
    // Without network the visit's own answer will tell.
  }
  return say("place-later");
}
