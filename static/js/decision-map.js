// The decision map: open people and arrows beside it, draw arrows, move cards. The server saves and draws every edit.
import { watchDrags } from "./decision-map-drag.js";

const root = document.getElementById("decision-map");
if (root) start(root);

function start(map) {
  let source = null; // the card an arrow begins at, while arrows are drawn
  let connecting = false;
  let opener = "";
  const kept = { left: 0, top: 0, side: 0 };
  const workspace = () => document.getElementById("dm-workspace");
  const say = (text) => (document.getElementById("dm-status").textContent = text);

  function send(verb, url, values) {
    return window.htmx.ajax(verb, url, { source: map, target: "#dm-workspace", swap: "outerHTML", values });
  }

  async function open(href) {
    const url = new URL(href, window.location.href);
    await send("GET", url.pathname + url.search);
    window.history.replaceState(null, "", url);
    const title = document.getElementById("dm-side-title");
    if (title) title.focus({ preventScroll: true });
    else if (opener) document.getElementById(opener)?.focus({ preventScroll: true });
  }

  function place(card, values) {
    const process = workspace().dataset.process;
    return send("POST", card.dataset.place, { ...values, process, person: workspace().dataset.person });
  }

  function connect(from, to) {
    const { arrows, process, person } = workspace().dataset;
    const strength = document.getElementById("dm-strength").value;
    return send("POST", arrows, { source: from.dataset.person, target: to.dataset.person, strength, process, person });
  }

  function setConnecting(on) {
    connecting = on;
    source?.classList.remove("dm-source");
    source = null;
    map.classList.toggle("dm-connecting", on);
    document.getElementById("dm-connect")?.setAttribute("aria-pressed", String(on));
    document.getElementById("dm-connect")?.classList.toggle("active", on);
    hint(on ? map.dataset.from : "");
  }

  function hint(text) {
    say(text);
    const line = document.getElementById("dm-hint");
    if (!line) return;
    line.dataset.usual ??= line.textContent;
    line.textContent = text || line.dataset.usual;
  }

  async function choose(card) {
    if (!source) {
      source = card;
      card.classList.add("dm-source");
      hint(map.dataset.to);
    } else if (card !== source) {
      const [from, again] = [source, card.id];
      source = null;
      await connect(from, card);
      setConnecting(true);
      document.getElementById(again)?.focus({ preventScroll: true });
    }
  }

  map.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const view = event.target.closest("[data-dm-view]");
    if (view) return showAs(view.dataset.dmView);
    if (event.target.closest("[data-dm-connect]")) return setConnecting(!connecting);
    const link = event.target.closest("[data-dm-open]");
    if (!link) return;
    event.preventDefault();
    if (connecting && link.classList.contains("dm-card")) return choose(link);
    if (link.id) opener = link.id;
    open(link.getAttribute("href"));
  });

  map.addEventListener("keydown", (event) => {
    const card = event.target.closest(".dm-card");
    if (event.key === "Escape") {
      if (connecting) return setConnecting(false);
      const close = map.querySelector("[data-dm-close]");
      if (close) open(close.getAttribute("href"));
    } else if (card && event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      const level = Number(card.dataset.level || 5) + (event.key === "ArrowUp" ? -1 : 1);
      if (level >= 1 && level <= 4) place(card, { level });
    } else if (event.key === "Delete" && event.target.closest(".dm-arrow")) {
      open(event.target.closest(".dm-arrow").getAttribute("href"));
    }
  });

  function showAs(view) {
    map.dataset.view = view;
    window.sessionStorage.setItem("decision-map-view", view);
    pressed();
  }

  function pressed() {
    const wide = window.matchMedia("(min-width: 768px)").matches;
    const shown = map.dataset.view || (wide ? "picture" : "list");
    for (const button of map.querySelectorAll("[data-dm-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.dmView === shown));
      button.classList.toggle("active", button.dataset.dmView === shown);
    }
  }

  const scroller = () => map.querySelector(".dm-scroll");
  map.addEventListener("htmx:beforeSwap", () => {
    kept.left = scroller()?.scrollLeft ?? 0;
    kept.top = scroller()?.scrollTop ?? 0;
    kept.side = document.getElementById("dm-side")?.scrollTop ?? 0;
    kept.person = workspace()?.dataset.person;
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (scroller()) Object.assign(scroller(), { scrollLeft: kept.left, scrollTop: kept.top });
    const side = document.getElementById("dm-side");
    if (side && kept.person === workspace()?.dataset.person) side.scrollTop = kept.side;
    pressed();
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    map.addEventListener(failure, () => {
      const notice = document.createElement("div");
      notice.className = "alert alert-danger";
      notice.setAttribute("role", "alert");
      notice.textContent = map.dataset.failed;
      document.getElementById("dm-notice").replaceChildren(notice);
    });
  }

  const form = document.querySelector("[data-dm-process]");
  form?.querySelector("button").classList.add("d-none");
  form?.querySelector("select").addEventListener("change", () => form.requestSubmit());
  document.querySelector("[data-dm-print]")?.addEventListener("click", () => window.print());
  const remembered = window.sessionStorage.getItem("decision-map-view");
  if (remembered) map.dataset.view = remembered;
  pressed();
  watchDrags(map, { place, connect });
}
