// Buttons and overflow menus, with Slack's confirm dialogs.

import { fill, h, icon, menu } from "./dom.js";
import { nodes, textOf } from "./text.js";
import { t } from "./words.js";

export function button(element, block, place) {
  const label = [element.text.nodes.length ? nodes(element.text.nodes) : element.text.text];
  const made = h("button", {
    type: "button",
    class: `btn ${element.style ? `is-${element.style}` : ""}`,
    "aria-label": element.accessibility_label,
    "data-action": element.action_id,
    "data-key": `${place.key}/${block.block_id}/${element.action_id}`,
    onclick: () => press(element, block, place, made),
  }, label);
  return made;
}

async function press(element, block, place, made) {
  if (!(await agreed(element.confirm))) return;
  if (element.url) window.open(element.url, "_blank", "noopener");
  await waiting(made, () => place.press(element, block));
}

// Marks a control as waiting, so that it is not pressed twice by a nervous hand.
export async function waiting(made, work) {
  made.setAttribute("aria-busy", "true");
  made.disabled = true;
  try {
    return await work();
  } finally {
    made.removeAttribute("aria-busy");
    made.disabled = false;
  }
}

export function overflow(element, block, place) {
  const opener = h("button", {
    type: "button", class: "btn is-icon", "aria-label": t("more"), title: t("more"),
    "data-action": element.action_id, "data-key": `${place.key}/${block.block_id}/${element.action_id}`,
  }, icon("dots"));
  const items = element.options.map((option) => h("button", {
    type: "button", role: "menuitem", class: "menu-item", "data-value": option.value,
    onclick: async () => {
      if (!(await agreed(element.confirm))) return;
      if (option.url) window.open(option.url, "_blank", "noopener");
      await waiting(opener, () => place.press(element, block, option.value));
    },
  }, h("span", {}, textOf(option.text)), option.description && h("small", {}, textOf(option.description))));
  return menu(opener, items, { label: t("more") });
}

// Asks before something that cannot be undone; true at once when nothing is to be asked.
export function agreed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const dialog = document.getElementById("ask");
  return new Promise((resolve) => {
    let answer = false;
    const end = (yes) => () => {
      answer = yes;
      dialog.close();
    };
    fill(dialog,
      h("h2", { id: "ask-title" }, textOf(confirm.title)),
      h("div", { class: "ask-text" }, nodes(confirm.text.nodes)),
      h("div", { class: "ask-buttons" },
        h("button", { type: "button", class: "btn", onclick: end(false) }, textOf(confirm.deny)),
        h("button", { type: "button", class: `btn is-${confirm.style || "primary"}`, onclick: end(true) }, textOf(confirm.confirm))));
    dialog.setAttribute("aria-labelledby", "ask-title");
    dialog.addEventListener("close", () => resolve(answer), { once: true });
    dialog.showModal();
  });
}
