// A select whose options come from the app while one types.

import { fill, h, icon } from "./dom.js";
import { textOf } from "./text.js";
import { t } from "./words.js";

let numbers = 0;

export function search(held, { many, common }) {
  const listId = `found-${(numbers += 1)}`;
  const names = new Map(firstOptions(held).map((option) => [option.value, textOf(option.text)]));
  const least = held.element.min_query_length ?? 3;
  const list = h("div", { class: "menu found", role: "listbox", id: listId, hidden: true });
  const chips = h("div", { class: "chips" });
  let timer;
  let asked = 0;

  const input = h("input", common(held, {
    class: "input", type: "text", role: "combobox", autocomplete: "off",
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list",
    placeholder: textOf(held.element.placeholder) || t("search"),
    oninput: () => later(),
    onfocus: () => later(),
    onkeydown: (event) => move(event),
    onblur: () => setTimeout(() => show(false), 150),
  }));
  if (!many) input.value = names.get(held.current()) || "";

  function show(yes) {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", yes);
  }

  function later() {
    clearTimeout(timer);
    if (input.value.length < least) return show(false);
    timer = setTimeout(ask, 150);
  }

  async function ask() {
    const mine = (asked += 1);
    fill(list, h("div", { class: "menu-note" }, t("searching")));
    show(true);
    const options = await held.place.suggest(held.element, held.block, input.value);
    if (mine !== asked) return;
    options.forEach((option) => names.set(option.value, option.text.text));
    fill(list, options.length ? options.map(one) : h("div", { class: "menu-note" }, t("nothingFound")));
  }

  function one(option) {
    return h("button", {
      type: "button", role: "option", class: "menu-item", tabindex: "-1", "data-value": option.value,
      onmousedown: (event) => event.preventDefault(),
      onclick: () => choose(option.value),
    }, option.text.text);
  }

  function choose(value) {
    held.set(many ? [...new Set([...(held.current() || []), value])] : value);
    input.value = many ? "" : names.get(value);
    drawChips();
    show(false);
    held.tell();
  }

  function drop(value) {
    held.set((held.current() || []).filter((one) => one !== value));
    drawChips();
    held.tell();
  }

  function drawChips() {
    if (!many) return;
    fill(chips, (held.current() || []).map((value) => h("span", { class: "chip" }, names.get(value) || value,
      h("button", { type: "button", class: "chip-x", "aria-label": `${t("close")} ${names.get(value)}`, onclick: () => drop(value) }, icon("close")))));
  }

  function move(event) {
    const all = [...list.querySelectorAll("[role=option]")];
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) {
      event.preventDefault();
      all[at]?.setAttribute("aria-selected", "false");
      const next = all[(at + step + all.length) % all.length];
      next.setAttribute("aria-selected", "true");
      next.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      (all[at] || all[0])?.click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    }
  }

  drawChips();
  return h("div", { class: "search" }, chips, input, list);
}

function firstOptions({ element, block, place }) {
  const entry = place.state[block.block_id]?.[element.action_id] || {};
  const first = element.initial_options || [element.initial_option];
  return [...first, ...(entry.selected_options || [entry.selected_option])].filter(Boolean);
}
