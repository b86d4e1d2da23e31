// Block Kit blocks as elements. `place` says where they stand and what can be done there.

import { h } from "./dom.js";
import { field, FIELD_KINDS } from "./fields.js";
import { button, overflow } from "./buttons.js";
import { nodes, textOf } from "./text.js";
import { t } from "./words.js";

export function blocks(list, place) {
  return (list || []).map((block) => (DRAW[block.type] || unknown)(block, place));
}

function interactive(element, block, place) {
  if (element.type === "image") return image(element, "thumb");
  if (element.type === "button") return button(element, block, place);
  if (element.type === "overflow") return overflow(element, block, place);
  if (FIELD_KINDS.has(element.type)) return field(element, block, place, { dispatches: true });
  return unknown(element);
}

function image(held, kind) {
  const url = held.image_url || (held.slack_file?.id ? `/files/${held.slack_file.id}` : held.slack_file?.url);
  return h("img", { class: kind, src: url, alt: held.alt_text, loading: "lazy" });
}

const DRAW = {
  section(block, place) {
    return h("div", { class: "b-section" },
      h("div", { class: "b-body" },
        block.text && h("div", { class: "b-text" }, nodes(block.text.nodes)),
        block.fields && h("div", { class: "b-fields" }, block.fields.map((held) => h("div", { class: "b-text" }, nodes(held.nodes))))),
      block.accessory && h("div", { class: "b-accessory" }, interactive(block.accessory, block, place)));
  },
  header: (block) => h("h3", { class: "b-header" }, nodes(block.text.nodes)),
  divider: () => h("hr", { class: "b-divider" }),
  context: (block) => h("div", { class: "b-context" }, block.elements.map((held) =>
    held.type === "image" ? image(held, "tiny") : h("span", {}, nodes(held.nodes)))),
  actions: (block, place) => h("div", { class: "b-actions" }, block.elements.map((held) => interactive(held, block, place))),
  image: (block) => h("figure", { class: "b-image" }, block.title && h("figcaption", {}, nodes(block.title.nodes)), image(block, "large")),
  input: (block, place) => input(block, place),
  rich_text: (block) => h("div", { class: "b-text b-rich" }, nodes(block.nodes)),
  markdown: (block) => markdown(block),
  table: (block) => table(block),
  alert: (block) => h("div", { class: `b-alert is-${block.level || "default"}`, role: "note" }, nodes(block.text.nodes)),
};

function unknown(held) {
  return h("div", { class: "b-context" }, `[${held.type}]`);
}

// The server made this HTML from Markdown with raw HTML switched off.
function markdown(block) {
  const element = h("div", { class: "b-text b-markdown" });
  element.innerHTML = block.html;
  for (const link of element.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return element;
}

function table(block) {
  const settings = block.column_settings || [];
  const cell = (held, at, tag) => h(tag, { class: `is-${settings[at]?.align || "left"}`, scope: tag === "th" ? "col" : null }, nodes(held.nodes));
  const [head, ...rows] = block.rows;
  return h("div", { class: "b-table", role: "region", "aria-label": t("table"), tabindex: "0" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((held, at) => cell(held, at, "th")))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((held, at) => cell(held, at, "td")))))));
}

function input(block, place) {
  const error = place.errors?.[block.block_id];
  const id = `${place.key}-${block.block_id}`.replace(/\W/g, "-");
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const grouped = ["checkboxes", "radio_buttons"].includes(block.element.type) || block.element.type.startsWith("multi_");
  const body = [
    h(grouped ? "legend" : "label", { class: "b-label", for: grouped ? null : id },
      textOf(block.label), block.optional && h("span", { class: "quiet" }, ` ${t("optional")}`)),
    field(block.element, block, place, { id, described, invalid: !!error, label: textOf(block.label), dispatches: block.dispatch_action === true }),
    error && h("p", { class: "b-error", id: `${id}-error`, role: "alert" }, error),
    block.hint && h("p", { class: "b-hint", id: `${id}-hint` }, nodes(block.hint.nodes)),
  ];
  return h(grouped ? "fieldset" : "div", { class: `b-input ${error ? "is-wrong" : ""}`, "data-block": block.block_id }, body);
}
