// My day and the week: the route from where the device is, planned visits dragged to another day.

function routeFromHere(root) {
  if (!("geolocation" in navigator)) return;
  for (const button of root.querySelectorAll?.("[data-here-button][hidden]") ?? []) {
    const form = button.closest("form");
    button.hidden = false;
    button.addEventListener("click", () => {
      button.classList.add("btn-loading");
      navigator.geolocation.getCurrentPosition(
        (place) => {
          form.elements.latitude.value = place.coords.latitude.toFixed(5);
          form.elements.longitude.value = place.coords.longitude.toFixed(5);
          form.requestSubmit();
        },
        () => {
          button.classList.remove("btn-loading");
          form.parentElement.querySelector("[data-here-failed]").hidden = false;
        },
        { enableHighAccuracy: false, maximumAge: 120000, timeout: 10000 },
      );
    });
  }
}

// Days are targets, planned visits are dragged; the form at hand posts the move. The date field does the same by hand.
function dragPlans() {
  const form = document.querySelector("form[data-move]");
  if (!form) return;
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-plan]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.plan);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const day of document.querySelectorAll(".week-over")) day.classList.remove("week-over");
  });
  for (const day of document.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      day.classList.add("week-over");
    });
    day.addEventListener("dragleave", () => day.classList.remove("week-over"));
    day.addEventListener("drop", (event) => {
      if (!dragged || day.contains(dragged)) return;
      event.preventDefault();
      form.action = dragged.dataset.plan;
      form.elements.planned_on.value = day.dataset.day;
      form.requestSubmit();
    });
  }
}

routeFromHere(document);
document.addEventListener("htmx:load", (event) => routeFromHere(event.detail.elt));
dragPlans();
