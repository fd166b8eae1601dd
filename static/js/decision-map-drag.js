// Cards are dragged to another level or faction; from a card's handle an arrow is dragged to another card.
const THRESHOLD = 6;
const SVG = "http://www.w3.org/2000/svg";

export function watchDrags(map, { place, connect }) {
  let drag = null;
  let justDragged = false;

  // A link is not to be dragged as a link, and letting go of a card is no click.
  map.addEventListener("dragstart", (event) => event.target.closest(".dm-svg") && event.preventDefault());
  map.addEventListener(
    "click",
    (event) => {
      if (!justDragged) return;
      justDragged = false;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  map.addEventListener("pointerdown", (event) => {
    const card = event.target.closest(".dm-card");
    if (event.button || !event.isPrimary || !card) return;
    drag = {
      card,
      svg: card.ownerSVGElement,
      arrow: Boolean(event.target.closest(".dm-handle")),
      from: { x: event.clientX, y: event.clientY },
      moving: false,
    };
  });

  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.from.x, event.clientY - drag.from.y);
    if (!drag.moving && far < THRESHOLD) return;
    if (!drag.moving) begin(drag);
    event.preventDefault();
    const start = point(drag.svg, drag.from.x, drag.from.y);
    const now = point(drag.svg, event.clientX, event.clientY);
    if (drag.arrow) {
      drag.line.setAttribute("d", `M${start.x} ${start.y}L${now.x} ${now.y}`);
      return;
    }
    const [x, y] = [Number(drag.card.dataset.x), Number(drag.card.dataset.y)];
    drag.card.setAttribute("transform", `translate(${x + now.x - start.x} ${y + now.y - start.y})`);
    mark(drag, rowAt(drag.svg, now), bandAt(drag.svg, now));
  });

  window.addEventListener("pointerup", (event) => finish(event));
  window.addEventListener("pointercancel", () => finish(null));
  window.addEventListener("keydown", (event) => event.key === "Escape" && drag?.moving && finish(null));

  function finish(event) {
    const done = drag;
    drag = null;
    if (!done?.moving) return;
    justDragged = Boolean(event);
    window.setTimeout(() => (justDragged = false), 0);
    mark(done, null, null);
    done.line?.remove();
    done.card.classList.remove("dm-dragging");
    const back = () => done.card.setAttribute("transform", `translate(${done.card.dataset.x} ${done.card.dataset.y})`);
    if (!event) return back();
    if (done.arrow) {
      const target = document.elementFromPoint(event.clientX, event.clientY)?.closest(".dm-card");
      if (target && target !== done.card) connect(done.card, target);
      return;
    }
    const now = point(done.svg, event.clientX, event.clientY);
    const level = rowAt(done.svg, now)?.dataset.level ?? done.card.dataset.level;
    const faction = bandAt(done.svg, now)?.dataset.faction ?? "";
    const values = {};
    if (level !== done.card.dataset.level) values.level = level;
    if (faction !== done.card.dataset.faction) values.faction = faction;
    if (Object.keys(values).length) place(done.card, values);
    else back();
  }
}

function begin(drag) {
  drag.moving = true;
  if (drag.arrow) {
    drag.line = drag.svg.appendChild(document.createElementNS(SVG, "path"));
    drag.line.setAttribute("class", "dm-draft");
  } else {
    drag.card.classList.add("dm-dragging");
    drag.svg.append(drag.card);
  }
}

function point(svg, x, y) {
  return new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
}

function rowAt(svg, at) {
  return [...svg.querySelectorAll(".dm-row")].find((row) => {
    const box = row.querySelector("rect");
    const top = Number(box.getAttribute("y"));
    return at.y >= top && at.y < top + Number(box.getAttribute("height"));
  });
}

// The nearest band; beyond the last one nobody belongs to a faction.
function bandAt(svg, at) {
  let [best, least] = [null, Infinity];
  let right = 0;
  for (const band of svg.querySelectorAll(".dm-band")) {
    const start = Number(band.getAttribute("x"));
    const end = start + Number(band.getAttribute("width"));
    const away = Math.max(start - at.x, at.x - end, 0);
    right = Math.max(right, end);
    if (away < least) [best, least] = [band, away];
  }
  return at.x > right + 10 ? null : best;
}

function mark(drag, row, band) {
  for (const shown of drag.svg.querySelectorAll(".dm-over")) shown.classList.remove("dm-over");
  row?.classList.add("dm-over");
  band?.classList.add("dm-over");
}
