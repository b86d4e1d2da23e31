// The modal on top of the member's stack.

import { act, forgetTyped, state, typedAt } from "./app.js";
import { blocks } from "./blocks.js";
import { waiting } from "./buttons.js";
import { fill, forget, h, icon, redraw } from "./dom.js";
import { viewPlace } from "./home.js";
import { textOf } from "./text.js";
import { t } from "./words.js";

let wrong = {}; // what the page itself refuses, by block_id
let shownId = "";

export function drawModal(dialog) {
  const view = state.modal;
  if (!view) {
    if (shownId) forgetTyped(shownId);
    shownId = "";
    forget(dialog);
    if (dialog.open) dialog.close();
    return;
  }
  if (view.id !== shownId) {
    wrong = {};
    shownId = view.id;
  }
  const drawn = redraw(dialog, [view.id, view.hash, view.errors, wrong, state.depth, state.language], () => {
    const at = dialog.querySelector(".modal-body")?.scrollTop || 0;
    fill(dialog, form(view));
    dialog.querySelector(".modal-body").scrollTop = at;
  });
  dialog.oncancel = (event) => {
    event.preventDefault();
    leave(view);
  };
  const opened = !dialog.open;
  if (opened) dialog.showModal();
  if (drawn || opened) focusFirst(dialog, opened);
}

function focusFirst(dialog, opened) {
  const bad = dialog.querySelector(".is-wrong input, .is-wrong textarea, .is-wrong select");
  if (bad) bad.focus();
  else if (opened) dialog.querySelector("[autofocus], .modal-body input, .modal-body textarea, .modal-body select")?.focus();
}

function form(view) {
  const place = viewPlace(view, { ...view.errors, ...wrong });
  const known = new Set(view.blocks.map((block) => block.block_id));
  for (const block of Object.keys(place.typed)) if (!known.has(block)) delete place.typed[block];
  const submit = view.submit && h("button", { type: "submit", class: "btn is-primary", "data-key": "submit", disabled: view.submit_disabled }, textOf(view.submit));
  return h("form", { class: "modal-form", novalidate: true, "aria-labelledby": "modal-title",
    onsubmit: (event) => {
      event.preventDefault();
      if (submit) waiting(submit, () => send(view));
    } },
  h("header", { class: "modal-head" },
    h("div", {}, h("h2", { id: "modal-title" }, textOf(view.title)), state.depth > 1 && h("small", { class: "quiet" }, t("step", state.depth))),
    h("button", { type: "button", class: "plain", "data-key": "cross", "aria-label": t("close"), onclick: () => leave(view, true) }, icon("close"))),
  h("div", { class: "modal-body blocks" }, blocks(view.blocks, place)),
  h("footer", { class: "modal-foot" },
    h("button", { type: "button", class: "btn", "data-key": "cancel", onclick: () => leave(view) }, view.close ? textOf(view.close) : t("cancel")),
    submit));
}

async function send(view) {
  const typed = typedAt(view.id);
  wrong = {};
  const outcome = await act({ deed: "submit", view_id: view.id, typed });
  if (outcome.code !== "invalid_input") return;
  wrong = Object.fromEntries(Object.entries(outcome.fields).map(([block, code]) => [block, t(code) || code]));
  drawModal(document.getElementById("modal"));
}

function leave(view, everything = false) {
  forgetTyped(view.id);
  return act({ deed: "close", view_id: view.id, everything });
}
