// The search box in the header: Ctrl-K goes there, arrows walk through what it found, Escape closes it.
export function quickSearch() {
  const form = document.querySelector("[data-quick-search]");
  if (!form) return;
  const box = form.querySelector("input[type=search]");
  const results = form.querySelector(".quick-search-results");
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      results.replaceChildren();
      box.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...results.querySelectorAll("a")];
    if (!links.length) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const place = links.indexOf(document.activeElement) + step;
    if (place < 0) box.focus();
    else links[Math.min(place, links.length - 1)].focus();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) results.replaceChildren();
  });
}
