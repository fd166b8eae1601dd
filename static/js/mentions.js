// "@" in a comment offers the colleagues who see the account: arrows, Enter or a tap choose, Escape closes.
const BEFORE_CARET = /(?:^|[^\w.+\-@])@([\p{L}\p{N}_.+\-]{0,40})$/u;
const PAUSE = 150;
let serial = 0;

class Offer {
  constructor(box) {
    this.box = box;
    this.people = [];
    this.chosen = -1;
    this.timer = 0;
    this.asked = 0;
    this.list = document.createElement("div");
    this.list.className = "mention-list list-group shadow";
    this.list.id = `mention-list-${(serial += 1)}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", box.dataset.mentionsLabel || "");
    this.list.hidden = true;
    box.after(this.list);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.list.id);
    box.autocomplete = "off";
    box.addEventListener("input", () => this.look());
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("blur", () => setTimeout(() => this.close(), 200));
    // Before the box loses the focus.
    this.list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      this.take(Number(option.dataset.place));
    });
  }

  typed() {
    const match = BEFORE_CARET.exec(this.box.value.slice(0, this.box.selectionStart));
    return match ? match[1] : null;
  }

  look() {
    clearTimeout(this.timer);
    const text = this.typed();
    if (text === null) return this.close();
    this.timer = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text) {
    const turn = (this.asked += 1);
    const url = new URL(this.box.dataset.mentions, location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok || turn !== this.asked || this.typed() !== text) return;
      this.show((await answer.json()).people);
    } catch {
      this.close();
    }
  }

  show(people) {
    this.people = people;
    this.list.replaceChildren(
      ...people.map((person, place) => {
        const option = document.createElement("div");
        const role = document.createElement("span");
        option.className = "list-group-item list-group-item-action";
        option.id = `${this.list.id}-${place}`;
        option.dataset.place = place;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = person.name;
        role.className = "text-secondary small ms-2";
        role.textContent = `@${person.username} · ${person.role}`;
        option.append(role);
        return option;
      }),
    );
    this.list.hidden = !people.length;
    this.mark(people.length ? 0 : -1);
  }

  mark(place) {
    this.chosen = place;
    [...this.list.children].forEach((option, number) => {
      option.classList.toggle("active", number === place);
      option.setAttribute("aria-selected", String(number === place));
    });
    const option = this.list.children[place];
    if (option) {
      this.box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.box.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const last = this.people.length - 1;
    if (event.key === "ArrowDown") this.mark(this.chosen === last ? 0 : this.chosen + 1);
    else if (event.key === "ArrowUp") this.mark(this.chosen <= 0 ? last : this.chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.chosen);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  take(place) {
    const person = this.people[place];
    const text = this.typed();
    if (!person || text === null) return this.close();
    const caret = this.box.selectionStart;
    this.box.setRangeText(`${person.username} `, caret - text.length, caret, "end");
    this.close();
    this.box.focus();
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.people = [];
    this.box.removeAttribute("aria-activedescendant");
  }
}

export function mentions() {
  document.addEventListener("focusin", (event) => {
    const box = event.target;
    if (box instanceof HTMLTextAreaElement && box.dataset.mentions && !box.dataset.mentionsReady) {
      box.dataset.mentionsReady = "yes";
      new Offer(box);
    }
  });
}
