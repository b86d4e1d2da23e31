// Input elements. What a person types is kept in place.typed[block][action] as a plain value.

import { fill, h } from "./dom.js";
import { agreed } from "./buttons.js";
import { textOf } from "./text.js";
import { t } from "./words.js";
import { search } from "./search.js";

const HELD = {
  plain_text_input: "value", email_text_input: "value", url_text_input: "value", number_input: "value",
  static_select: "selected_option", external_select: "selected_option", radio_buttons: "selected_option",
  checkboxes: "selected_options", multi_static_select: "selected_options", multi_external_select: "selected_options",
  users_select: "selected_user", multi_users_select: "selected_users",
  channels_select: "selected_channel", multi_channels_select: "selected_channels",
  conversations_select: "selected_conversation", multi_conversations_select: "selected_conversations",
  datepicker: "selected_date", timepicker: "selected_time", datetimepicker: "selected_date_time",
};
export const FIELD_KINDS = new Set(Object.keys(HELD));

export function field(element, block, place, about) {
  const held = {
    element, block, place, ...about,
    key: `${place.key}/${block.block_id}/${element.action_id}`,
    label: about.label || textOf(element.placeholder) || element.action_id,
  };
  held.current = () => current(held);
  held.set = (value, option) => set(held, value, option);
  held.tell = () => tell(held);
  const draw = DRAW[element.type] || DRAW[element.type.replace("multi_", "*")];
  return h("div", { class: `field f-${element.type}` }, draw(held));
}

function current({ element, block, place }) {
  const typed = place.typed[block.block_id]?.[element.action_id];
  if (typed !== undefined) return typed;
  const entry = place.state[block.block_id]?.[element.action_id] || {};
  const value = entry[HELD[element.type]];
  if (Array.isArray(value)) return value.map((one) => one.value ?? one);
  return value?.value ?? value ?? null;
}

function set({ element, block, place }, value) {
  (place.typed[block.block_id] ||= {})[element.action_id] = value;
}

async function tell(held) {
  if (!held.dispatches) return;
  if (await agreed(held.element.confirm)) await held.place.press(held.element, held.block, held.current());
}

function common(held, more = {}) {
  return {
    id: held.id, "data-key": held.key, "data-action": held.element.action_id,
    "aria-describedby": held.described || null, "aria-invalid": held.invalid ? "true" : null,
    "aria-label": held.id ? null : held.label, placeholder: textOf(held.element.placeholder) || null,
    autofocus: held.element.focus_on_load, ...more,
  };
}

function typedText(kind) {
  return (held) => {
    const { element } = held;
    const tag = element.multiline ? "textarea" : "input";
    const every = element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
    let timer;
    const made = h(tag, common(held, {
      class: "input", type: element.multiline ? null : kind, rows: element.multiline ? 6 : null,
      inputmode: element.type === "number_input" ? "decimal" : null,
      autocomplete: "off",
      oninput: () => {
        held.set(made.value === "" ? null : made.value);
        if (every) {
          clearTimeout(timer);
          timer = setTimeout(held.tell, 400);
        }
      },
      onkeydown: (event) => {
        if (event.key === "Enter" && !element.multiline && !every && held.dispatches) {
          event.preventDefault();
          held.tell();
        }
      },
    }));
    made.value = held.current() ?? "";
    return made;
  };
}

function picked(kind) {
  return (held) => h("input", common(held, {
    class: "input is-short", type: kind, value: held.current() ?? "",
    onchange: (event) => {
      held.set(event.target.value || null);
      held.tell();
    },
  }));
}

function moment(held) {
  const at = held.current();
  const local = at ? new Date(at * 1000 - new Date(at * 1000).getTimezoneOffset() * 60000).toISOString().slice(0, 16) : "";
  return h("input", common(held, {
    class: "input is-short", type: "datetime-local", value: local,
    onchange: (event) => {
      held.set(event.target.value ? Math.floor(new Date(event.target.value).getTime() / 1000) : null);
      held.tell();
    },
  }));
}

// One of many: {value, text} or groups of them.
function single(choices) {
  return (held) => {
    const optional = held.block.type !== "input" || held.block.optional || held.current() === null;
    const now = held.current();
    const one = (choice) => h("option", { value: choice.value, selected: choice.value === now }, choice.text);
    return h("select", common(held, {
      class: "input",
      onchange: (event) => {
        held.set(event.target.value || null);
        held.tell();
      },
    }),
    optional && h("option", { value: "" }, textOf(held.element.placeholder) || t("choose")),
    choices(held).map((choice) => (choice.options ? h("optgroup", { label: choice.text }, choice.options.map(one)) : one(choice))));
  };
}

const asChoice = (option) => ({ value: option.value, text: textOf(option.text), about: option.description && textOf(option.description) });
const offered = ({ element }) => (element.option_groups
  ? element.option_groups.map((group) => ({ text: textOf(group.label), options: group.options.map(asChoice) }))
  : element.options.map(asChoice));
const people = ({ place }) => place.people.map((person) => ({ value: person.id, text: person.name }));
const channels = ({ place }) => place.channels.filter((one) => one.kind === "channel").map((one) => ({ value: one.id, text: `#${one.name}` }));
const places = ({ place }) => place.channels.map((one) => ({ value: one.id, text: one.kind === "channel" ? `#${one.name}` : one.name }));
const flat = (list) => list.flatMap((choice) => choice.options || [choice]);

function several(choices) {
  return (held) => {
    const summary = h("summary", { "data-key": held.key, class: "input" });
    const all = flat(choices(held));
    const tellChosen = () => {
      const names = all.filter((choice) => (held.current() || []).includes(choice.value)).map((choice) => h("span", { class: "chip" }, choice.text));
      fill(summary, names.length ? names : h("span", { class: "quiet" }, textOf(held.element.placeholder) || t("choose")));
    };
    tellChosen();
    const body = h("div", { class: "choices" }, boxes(held, all, "checkbox", tellChosen));
    return h("details", { class: "several", "data-action": held.element.action_id }, summary, body);
  };
}

function boxes(held, choices, kind, after = () => {}) {
  const name = `${held.key}-box`;
  return choices.map((choice) => h("label", { class: "choice" },
    h("input", {
      type: kind, name, value: choice.value, "data-action": held.element.action_id,
      "data-key": `${held.key}/${choice.value}`, "aria-describedby": held.described || null,
      checked: kind === "radio" ? held.current() === choice.value : (held.current() || []).includes(choice.value),
      onchange: (event) => {
        const was = held.current() || [];
        const now = event.target.checked ? [...was, choice.value] : was.filter((value) => value !== choice.value);
        held.set(kind === "radio" ? choice.value : now);
        after();
        held.tell();
      },
    }),
    h("span", {}, choice.text, choice.about && h("small", {}, choice.about))));
}

const DRAW = {
  plain_text_input: typedText("text"),
  email_text_input: typedText("email"),
  url_text_input: typedText("url"),
  number_input: typedText("text"),
  datepicker: picked("date"),
  timepicker: picked("time"),
  datetimepicker: moment,
  static_select: single(offered),
  users_select: single(people),
  channels_select: single(channels),
  conversations_select: single(places),
  multi_static_select: several(offered),
  multi_users_select: several(people),
  multi_channels_select: several(channels),
  multi_conversations_select: several(places),
  external_select: (held) => search(held, { many: false, common }),
  multi_external_select: (held) => search(held, { many: true, common }),
  radio_buttons: (held) => h("div", { class: "choices", role: "radiogroup", "aria-label": held.label }, boxes(held, held.element.options.map(asChoice), "radio")),
  checkboxes: (held) => h("div", { class: "choices" }, boxes(held, held.element.options.map(asChoice), "checkbox")),
};
