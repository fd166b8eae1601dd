// The visit form and the choice of an account on their own pages, with the network.
import { refreshBundle, startOffline } from "./offline-start.js";
import { offerNear } from "./offline-choose.js";
import { enhanceForm } from "./visit-form.js";
import { fieldsOf } from "./visit-fields.js";
import { say } from "./offline-texts.js";

const queue = () => document.querySelector("[data-offline]");

async function begin() {
  const started = startOffline();
  const user = Number(queue()?.dataset.user);
  const form = document.querySelector("[data-visit-form]");
  if (form?.dataset.mode === "edit") fieldsOf(form);
  else if (form) {
    // Before anything is waited for: what is typed meanwhile is the rep's, not the form's.
    const { offerDraft } = enhanceForm(form, {
      user,
      onSaved: (entry) => location.assign(entry.url || queue().href),
      onKept: (entry) => kept(form, entry),
    });
    await started;
    await offerDraft();
  }
  await started;
  const choice = document.querySelector("[data-choose]");
  if (choice) offerNear(choice, async () => (await refreshBundle({ wanted: true }))?.data.accounts ?? []);
  else refreshBundle({ wanted: true });
}

// The entry is safe on the device: say so where the form was, with the way to what waits.
function kept(form, entry) {
  if (entry.state === "attention") {
    location.assign(queue().href);
    return;
  }
  const words = document.createElement("div");
  words.className = "alert alert-success text-body form-narrow";
  words.setAttribute("role", "status");
  words.textContent = say(entry.state === "login" ? "saved-login" : "saved-here");
  form.replaceWith(words);
}

window.addEventListener("pageshow", (event) => {
  // Back to a form that was sent: a new one, not the old entry once more.
  if (event.persisted) location.reload();
});
begin();
