// Short notices that go away by themselves.

import { h, icon } from "./dom.js";
import { t } from "./words.js";

export function toast(text, kind = "") {
  const made = h("div", { class: `toast is-${kind}` },
    kind === "bad" && icon("warning"),
    h("span", {}, text),
    h("button", { type: "button", class: "plain", "aria-label": t("close"), onclick: () => made.remove() }, icon("close")));
  const shelf = document.getElementById("toasts");
  shelf.append(made);
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover(); // again, so that it lies above a dialog opened since
  setTimeout(() => made.remove(), kind === "bad" ? 9000 : 2500);
}
