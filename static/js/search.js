// Search from everywhere: Ctrl-K, "/" or the header's button opens the dialog; arrows walk through what it found.
const KEPT = 5;

export function quickSearch() {
  const dialog = document.getElementById("search-dialog");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const box = dialog.querySelector("input[type=search]");
  const results = document.getElementById("quick-search-results");
  const hits = () => [...results.querySelectorAll("[data-hit]")];
  const key = `mainstay-searches-${dialog.dataset.user}`;

  function open() {
    if (!dialog.open) dialog.showModal();
    showRecent();
    box.focus();
    box.select();
  }

  // What was searched last stays on this device, and goes with the log-out.
  function recent() {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? [];
    } catch {
      return [];
    }
  }

  function keep(text) {
    if (text.trim().length < 2) return;
    try {
      localStorage.setItem(key, JSON.stringify([text, ...recent().filter((one) => one !== text)].slice(0, KEPT)));
    } catch {
      // A device that keeps nothing is searched all the same.
    }
  }

  function showRecent() {
    const place = dialog.querySelector("[data-search-recent]");
    const list = dialog.querySelector("[data-search-recent-list]");
    const texts = recent();
    place.hidden = Boolean(box.value) || !texts.length;
    list.replaceChildren(
      ...texts.map((text) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-sm";
        button.textContent = text;
        button.addEventListener("click", () => {
          box.value = text;
          box.focus();
          box.dispatchEvent(new Event("input", { bubbles: true }));
        });
        return button;
      }),
    );
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    const shortcut = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!shortcut && !slash) return;
    // Another dialog has the floor.
    if (document.querySelector("dialog[open]:not(#search-dialog)")) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-search-open]");
    if (opener) {
      event.preventDefault();
      open();
    }
    if (event.target.closest("[data-search-close]") || event.target === dialog) dialog.close();
    if (event.target.closest("#quick-search-results [data-hit]")) keep(box.value);
  });

  box.addEventListener("input", () => {
    showRecent();
    if (!box.value.trim()) results.replaceChildren();
  });

  // Enter in the box opens the first that was found; without scripts, or before an answer, the page of all results.
  form.addEventListener("submit", (event) => {
    keep(box.value);
    const first = hits()[0];
    if (!first || results.dataset.for !== box.value) return;
    event.preventDefault();
    first.click();
  });

  results.addEventListener("htmx:afterSwap", () => {
    results.dataset.for = box.value;
    results.scrollTop = 0;
  });

  dialog.addEventListener("keydown", (event) => {
    const links = hits();
    const place = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      // Not only the field is emptied, as browsers do.
      event.preventDefault();
      dialog.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = place + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) box.focus();
      else links[Math.min(next, links.length - 1)]?.focus();
    } else if (place >= 0 && (event.key.length === 1 || event.key === "Backspace") && !event.ctrlKey && !event.metaKey) {
      // Typing goes on where one left off.
      box.focus();
    }
  });

  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action")?.endsWith("/logout/")) localStorage.removeItem(key);
  });
}
