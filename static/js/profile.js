// Forms of the profile: rows that are added in place, and choosing an account by typing a part of its name.

// A formset: the template's "__prefix__" becomes the number of the new row.
function rows(root) {
  const list = root.querySelector("[data-rows-list]");
  const template = root.querySelector("[data-rows-template]");
  const button = root.querySelector("[data-rows-add]");
  const total = document.querySelector(`[name="${root.dataset.rows}-TOTAL_FORMS"]`);
  const most = Number(document.querySelector(`[name="${root.dataset.rows}-MAX_NUM_FORMS"]`).value);
  button.hidden = false;
  button.addEventListener("click", () => {
    const number = Number(total.value);
    if (number >= most) return;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", number);
    list.append(holder.content);
    total.value = number + 1;
    list.lastElementChild.querySelector("input:not([type=hidden])").focus();
    button.disabled = number + 1 >= most;
  });
}

// A combobox over what the server finds (htmx fills the list). The field that is sent holds the account's number.
function picker(root) {
  const field = root.querySelector("[data-picker-value]");
  const search = root.querySelector("[data-picker-search]");
  const results = root.querySelector("[data-picker-results]");
  const clear = root.querySelector("[data-picker-clear]");
  let active = -1;

  const options = () => [...results.querySelectorAll("[role=option][data-number]")];
  const close = () => {
    results.replaceChildren();
    active = -1;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    field.value = option.dataset.number;
    search.value = option.dataset.name;
    search.dataset.chosen = search.value;
    clear.hidden = false;
    close();
    search.focus();
  };
  const mark = (place) => {
    const found = options();
    if (!found.length) return;
    active = (place + found.length) % found.length;
    found.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    found[active].scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", found[active].id);
  };
  // Without scripts the number is typed; with them it is out of the way, and the label is the search box's.
  field.type = "hidden";
  search.id = field.id;
  field.removeAttribute("id");
  root.querySelector("[data-picker-box]").hidden = false;
  search.dataset.chosen = search.value;
  clear.hidden = !field.value;

  results.addEventListener("htmx:afterSwap", () => {
    active = -1;
    search.setAttribute("aria-expanded", String(options().length > 0));
  });
  search.addEventListener("input", () => {
    // What is typed is no choice until one is made.
    field.value = "";
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? active + 1 : active - 1);
    } else if (event.key === "Enter" && options().length) {
      event.preventDefault();
      choose(options()[Math.max(active, 0)]);
    } else if (event.key === "Escape" && options().length) {
      event.preventDefault();
      close();
    }
  });
  // Before the box loses its focus: a tap must not close the list under the finger.
  results.addEventListener("mousedown", (event) => event.preventDefault());
  results.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option][data-number]");
    if (option) choose(option);
  });
  search.addEventListener("blur", close);
  clear.addEventListener("click", () => {
    field.value = search.value = search.dataset.chosen = "";
    clear.hidden = true;
    close();
    search.focus();
  });
  // Typed but not chosen: the form must not silently drop it, the server says what is wrong.
  root.closest("form").addEventListener("submit", () => {
    if (!field.value && search.value.trim()) field.value = search.value.trim();
  });
}

function enhance(root) {
  for (const place of root.querySelectorAll("[data-rows]:not([data-ready])")) {
    place.dataset.ready = "yes";
    rows(place);
  }
  for (const place of root.querySelectorAll("[data-picker]:not([data-ready])")) {
    place.dataset.ready = "yes";
    picker(place);
  }
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
