// Builds elements: h("button", {class: "x", onclick: f}, "text", otherElement).

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

// Draws `element` again only when what it shows has changed, and not under an open menu.
const drawnFrom = new WeakMap();
export function redraw(element, shown, draw) {
  const print = JSON.stringify(shown);
  if (drawnFrom.get(element) === print || element.querySelector(".menu:not([hidden])")) return false;
  drawnFrom.set(element, print);
  const had = focusPlace(element);
  draw();
  giveFocusBack(element, had);
  return true;
}

export function forget(element) {
  drawnFrom.delete(element);
}

function focusPlace(element) {
  const active = document.activeElement;
  return active && element.contains(active) ? active.dataset.key : undefined;
}

function giveFocusBack(element, key) {
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const HUES = [172, 12, 262, 208, 330, 42, 142, 290];
export function avatar(person, size = "") {
  const initials = person.name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const sum = [...person.id].reduce((total, letter) => total * 31 + letter.codePointAt(0), 7);
  const element = h("span", { class: `avatar ${size} ${person.app ? "is-app" : ""}`, "aria-hidden": "true" }, initials);
  element.style.setProperty("--hue", HUES[sum % HUES.length]);
  return element;
}

const PATHS = {
  hash: "M5 9h14M5 15h14M10 4 8 20M16 4l-2 16",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  home: "M4 11l8-7 8 7M6 10v10h12V10",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  pulse: "M3 12h4l3-7 4 14 3-7h4",
  chat: "M4 5h16v11H9l-5 4z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1.5 1.5M17.5 17.5 19 19M5 19l1.5-1.5M17.5 6.5 19 5",
  week: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M9 15h6m-2-2 2 2-2 2",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  down: "M6 9l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-6 16-3-7z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  warning: "M12 4 2.5 20h19zM12 10v4M12 17h.01",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// Opens upwards or to the left where it would reach out of the part of the page it scrolls with.
function turnInwards(list) {
  list.classList.remove("is-up", "is-end");
  const room = (list.closest(".messages, .home, .modal-body, .side") || document.body).getBoundingClientRect();
  const wanted = list.getBoundingClientRect();
  list.classList.toggle("is-up", wanted.bottom > room.bottom);
  list.classList.toggle("is-end", wanted.right > room.right - 12);
}

// A button that opens a list of choices under it; arrows move, Escape closes.
export function menu(button, items, { label } = {}) {
  const list = h("div", { class: "menu", role: "menu", "aria-label": label, hidden: true }, items);
  const options = () => [...list.querySelectorAll("[role=menuitem], [role=menuitemradio]")];
  const open = (yes) => {
    if (list.hidden === !yes) return;
    list.hidden = !yes;
    button.setAttribute("aria-expanded", yes);
    if (yes) turnInwards(list);
    if (yes) (list.querySelector("[aria-checked=true]") || options()[0])?.focus();
    else list.dispatchEvent(new CustomEvent("menuclosed", { bubbles: true })); // what waited is drawn now
  };
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => open(list.hidden));
  const holder = h("div", { class: "menu-holder" }, button, list);
  holder.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = options();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      all[(at + step + all.length) % all.length].focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      open(false);
      button.focus();
    }
  });
  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(event.relatedTarget)) open(false);
  });
  list.addEventListener("click", () => open(false));
  return holder;
}
