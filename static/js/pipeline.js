// The board: cards are dragged by mouse or finger, or moved by their button; the server has the last word.
const DISTANCE = 6;
const EDGE = 48;
let drag = null; // a pointer is down on a card
let lifted = null; // a card that stands in a new column until the server agrees
let moved = null; // the id of the card moved last

const dialog = () => document.getElementById("pipeline-dialog");
const status = () => document.getElementById("pipeline-status");

function say(text) {
  const place = status();
  if (place) place.textContent = text;
}

function putBack() {
  if (!lifted) return;
  lifted.home.insertBefore(lifted.card, lifted.next);
  lifted.card.classList.remove("is-saving");
  lifted = null;
}

function dropPlace(x, y) {
  return document.elementFromPoint(x, y)?.closest("[data-drop]") ?? null;
}

function mark(place) {
  for (const marked of document.querySelectorAll(".is-target")) if (marked !== place) marked.classList.remove("is-target");
  place?.classList.add("is-target");
}

function begin() {
  const { card } = drag;
  const box = card.getBoundingClientRect();
  drag.ghost = card.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.classList.add("board-ghost");
  drag.ghost.inert = true;
  drag.ghost.style.width = `${box.width}px`;
  drag.offset = { x: drag.x - box.left, y: drag.y - box.top };
  document.body.append(drag.ghost);
  card.classList.add("is-lifted");
  document.body.classList.add("is-dragging");
}

function end() {
  drag.ghost?.remove();
  drag.card.classList.remove("is-lifted");
  document.body.classList.remove("is-dragging");
  mark(null);
  drag = null;
}

function drop(card, place) {
  const stage = place.dataset.drop;
  if (stage === card.dataset.stage) return;
  const column = document.getElementById(`column-${stage}`);
  lifted = { card, home: card.parentNode, next: card.nextSibling };
  column?.querySelector("[data-cards]")?.prepend(card);
  card.classList.add("is-saving");
  moved = card.id;
  window.htmx.ajax("POST", card.dataset.url, {
    target: "#board",
    swap: "outerHTML",
    values: { stage, seen_in: card.dataset.stage, board: window.location.search.slice(1) },
  });
}

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.button !== 0 || lifted) return;
  const grip = event.target.closest("[data-grip]");
  // A finger on the card scrolls; only the grip lifts it.
  if (event.pointerType !== "mouse" && !grip) return;
  if (!grip && event.target.closest(".btn")) return;
  drag = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY, ghost: null };
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  if (!drag.ghost) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DISTANCE) return;
    begin();
  }
  event.preventDefault();
  drag.ghost.style.transform = `translate(${event.clientX - drag.offset.x}px, ${event.clientY - drag.offset.y}px)`;
  mark(dropPlace(event.clientX, event.clientY));
  const board = document.querySelector(".board");
  if (event.clientX > window.innerWidth - EDGE) board.scrollLeft += 12;
  else if (event.clientX < EDGE) board.scrollLeft -= 12;
});

document.addEventListener("pointerup", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { card, ghost } = drag;
  const place = ghost ? dropPlace(event.clientX, event.clientY) : null;
  end();
  if (!ghost) return;
  // The click that follows a drag is none.
  const swallow = (click) => {
    click.preventDefault();
    click.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
  if (place) drop(card, place);
});

document.addEventListener("pointercancel", () => drag && end());
document.addEventListener("keydown", (event) => event.key === "Escape" && drag && end());
document.addEventListener("dragstart", (event) => event.target.closest?.("[data-card]") && event.preventDefault());

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]")) dialog()?.close();
  const tab = event.target.closest("[data-tab]");
  if (tab) {
    event.preventDefault();
    const column = document.querySelector(tab.getAttribute("href"));
    const board = column.parentElement;
    board.scrollTo({ left: column.offsetLeft - board.offsetLeft, behavior: "smooth" });
  }
});

let kept = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "board") kept = document.querySelector(".board")?.scrollLeft ?? 0;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const id = event.detail.elt.dataset?.cardId;
  if (id) moved = `card-${id}`;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.target;
  if (target?.id === "pipeline-dialog-body") {
    if (!dialog().open) dialog().showModal();
    // Focus goes to the first thing that does no harm.
    dialog().querySelector("[autofocus], button:not([disabled])")?.focus();
  }
  const board = document.getElementById("board");
  if (target?.id === "board" && board) {
    lifted = null;
    dialog()?.close();
    const scroller = board.querySelector(".board");
    if (scroller) scroller.scrollLeft = kept;
    watch();
    say(board.dataset.moved ?? "");
    if (moved) document.getElementById(moved)?.focus({ preventScroll: true });
    moved = null;
  }
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    putBack();
    say(status()?.dataset.failed ?? "");
    status()?.classList.remove("visually-hidden");
    status()?.classList.add("alert", "alert-danger");
  });
}

// Which column a phone shows.
function watch() {
  const board = document.querySelector(".board");
  if (!board) return;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const tab = document.querySelector(`[data-tab][data-drop="${entry.target.dataset.drop}"]`);
        tab?.classList.toggle("active", entry.isIntersecting);
        if (entry.isIntersecting) {
          tab?.setAttribute("aria-current", "true");
          const row = tab?.parentElement;
          if (row) row.scrollLeft = tab.offsetLeft - row.offsetLeft - 40;
        } else tab?.removeAttribute("aria-current");
      }
    },
    { root: board, threshold: 0.6 },
  );
  for (const column of board.querySelectorAll("[data-drop]")) seen.observe(column);
}

watch();
dialog()?.addEventListener("close", putBack);
