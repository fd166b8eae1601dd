// Sentences for scripts, from the page (templates/crm/offline/_texts.html): in the reader's language.
export function say(name, values = {}) {
  const texts = document.querySelector("template[data-texts]")?.content;
  const text = texts?.querySelector(`[data-text="${name}"]`)?.textContent ?? name;
  return text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

// A copy of a piece of the page.
export function blank(name, root = document) {
  return root.querySelector(`template[data-blank="${name}"]`).content.firstElementChild.cloneNode(true);
}
