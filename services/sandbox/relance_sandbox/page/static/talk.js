// A conversation, its messages and its threads.

import { act, forgetTyped, go, here, openHome, ownDirect, state, typedAt } from "./app.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { avatar, fill, h, icon, redraw } from "./dom.js";
import { nodes } from "./text.js";
import { t } from "./words.js";

export function drawTalk(element) {
  const held = state.conversation;
  const frame = scene(element, `${state.me.id}/${held.id}/${state.language}`, () => [
    h("header", { class: "pane-head" }), h("div", { class: "messages", role: "log", tabindex: "0", "data-key": "messages" }),
    held.joined ? composer({ channel: held.id, placeholder: t("write", title(held)) }) : h("p", { class: "not-member" }, t("notMember")),
  ]);
  const [head, list] = frame.children;
  redraw(head, [held.name, held.purpose, here.pane], () => fill(head, heading(held)));
  list.setAttribute("aria-label", title(held));
  drawList(list, held.messages, { earlier: held.earlier, threads: true });
}

export function drawThread(element) {
  element.hidden = !state.thread || here.pane !== "talk";
  document.body.classList.toggle("with-aside", !element.hidden);
  if (element.hidden) return;
  const { ts, messages } = state.thread;
  const frame = scene(element, `${state.me.id}/${state.conversation.id}/${ts}/${state.language}`, () => [
    h("header", { class: "pane-head" }, h("h2", {}, t("thread")),
      h("button", { type: "button", class: "plain", "aria-label": t("close"), onclick: () => go({ thread: "" }) }, icon("close"))),
    h("div", { class: "messages", role: "log", tabindex: "0", "aria-label": t("thread") }),
    state.conversation.joined && composer({ channel: state.conversation.id, thread: ts, placeholder: t("reply") }),
  ]);
  drawList(frame.children[1], messages, { threads: false });
}

// The pane's own frame, made anew only when it shows another place.
function scene(element, key, make) {
  if (element.firstElementChild?.dataset.scene !== key) {
    const frame = h("div", { class: "scene", "data-scene": key }, make());
    element.replaceChildren(frame);
  }
  return element.firstElementChild;
}

function title(held) {
  return held.kind === "channel" ? `#${held.name}` : held.name;
}

function heading(held) {
  if (held.with_app) return appTabs();
  return [h("div", {}, h("h1", {}, title(held)), held.purpose && h("p", { class: "quiet" }, held.purpose))];
}

export function appTabs() {
  const person = { id: state.app.id, name: state.app.name, app: true };
  const tab = (pane, label, open) => h("button", { type: "button", role: "tab", "aria-selected": String(here.pane === pane), "data-key": `tab-${pane}`, onclick: open }, label);
  return [
    h("div", { class: "app-head" }, avatar(person), h("h1", {}, state.app.name), h("span", { class: "tag" }, t("app"))),
    h("div", { class: "tabs", role: "tablist", "aria-label": state.app.name },
      tab("home", t("home"), openHome),
      tab("talk", t("messages"), () => go({ pane: "talk", channel: ownDirect() }))),
  ];
}

// Keeps the elements that did not change, so that focus, menus and typed text stay.
function drawList(list, messages, { earlier = 0, threads }) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const known = new Map([...list.children].map((one) => [one.dataset.print, one]));
  const children = [];
  const keep = (print, make) => {
    const element = known.get(print) || make();
    element.dataset.print = print;
    children.push(element);
  };
  if (earlier) keep(`earlier ${earlier} ${state.language}`, () => earlierButton(earlier));
  let before = null;
  for (const message of messages) {
    if (message.day !== before?.day) keep(`day ${message.day}`, () => h("div", { class: "day", role: "separator" }, h("span", {}, message.day)));
    const follows = isContinued(before, message);
    keep(JSON.stringify([message, follows, threads, state.language]), () => messageElement(message, follows, threads));
    before = message;
  }
  if (!messages.length) keep(`empty ${state.language}`, emptyNote);
  place(list, children);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

// The same person in the same minute, in plain words: no second byline.
function isContinued(before, message) {
  return !!before && before.day === message.day && before.time === message.time && before.author.id === message.author.id
    && !before.blocks && !message.blocks && !before.ephemeral && !message.ephemeral;
}

function place(list, children) {
  const old = [...list.children];
  if (old.length === children.length && old.every((one, at) => one === children[at])) return;
  const active = list.contains(document.activeElement) ? document.activeElement : null;
  const ts = active?.closest("[data-ts]")?.dataset.ts;
  for (const one of old) if (!children.includes(one)) one.remove();
  children.forEach((one, at) => {
    if (list.children[at] !== one) list.insertBefore(one, list.children[at] || null);
  });
  if (!active || active.isConnected) return;
  const message = ts && list.querySelector(`[data-ts="${ts}"]`);
  const again = message?.querySelector(`[data-key="${CSS.escape(active.dataset.key || "")}"]`) || message;
  again?.focus({ preventScroll: true });
}

function earlierButton(count) {
  return h("button", { type: "button", class: "btn earlier", onclick: () => go({ shown: here.shown + 100 }) }, t("earlier", count));
}

function emptyNote() {
  return h("p", { class: "empty" }, state.conversation.with_app ? t("nothingYetApp", state.app.name) : t("nothingYet"));
}

function messageElement(message, follows, threads) {
  const classes = `message ${follows ? "follows" : ""} ${message.ephemeral ? "is-ephemeral" : ""}`;
  return h("article", { class: classes, "data-ts": message.ts, tabindex: "-1", "aria-label": `${message.author.name}, ${message.time}` },
    follows ? h("span", { class: "gutter" }, message.time) : avatar(message.author),
    h("div", { class: "message-body" },
      message.ephemeral && h("p", { class: "only-you" }, icon("eye"), t("onlyYou")),
      !follows && h("p", { class: "byline" }, h("strong", {}, message.author.name), message.author.app && h("span", { class: "tag" }, t("app")), h("time", {}, message.time)),
      message.reply && threads && h("p", { class: "quiet small" }, t("inThread")),
      content(message),
      message.files.map(file),
      threads && message.replies > 0 && replies(message)),
    threads && !message.ephemeral && !message.deleted && h("div", { class: "message-tools" },
      h("button", { type: "button", class: "plain", "aria-label": t("reply"), title: t("thread"), onclick: () => go({ thread: message.reply ? message.parent : message.ts }) }, icon("chat"))));
}

function content(message) {
  if (message.deleted) return h("p", { class: "quiet" }, t("deleted"));
  if (message.blocks) return h("div", { class: "blocks" }, blocks(message.blocks, placeOf(message)));
  return h("div", { class: "b-text" }, nodes(message.nodes), message.edited && h("small", { class: "quiet" }, ` ${t("edited")}`));
}

function file(held) {
  const shown = held.mimetype.startsWith("image/")
    ? h("img", { class: "large", src: `/files/${held.id}`, alt: held.alt_txt || held.title })
    : h("a", { class: "file", href: `/files/${held.id}`, download: held.name }, held.title);
  return h("div", { class: "b-image" }, shown);
}

function replies(message) {
  return h("button", { type: "button", class: "replies", "data-key": `replies-${message.ts}`, onclick: () => go({ thread: message.ts }) },
    message.repliers.map((one) => avatar(one, "is-tiny")), h("strong", {}, t("replies", message.replies)), h("span", { class: "quiet" }, t("lastReply", message.last_reply)));
}

export function placeOf(message) {
  const key = `${message.channel}/${message.ts}`;
  const where = { channel: message.channel, ts: message.ts };
  return {
    key, state: message.state, typed: typedAt(key), people: state.members, channels: state.conversations,
    async press(element, block, value) {
      const outcome = await act({ deed: "press", ...where, action_id: element.action_id, block_id: block.block_id, value, typed: typedAt(key) });
      if (outcome.outcome === "acknowledged" && element.type === "button") forgetTyped(key);
      return outcome;
    },
    async suggest(element, block, value) {
      const outcome = await act({ deed: "suggest", ...where, action_id: element.action_id, block_id: block.block_id, value });
      return outcome.options || [];
    },
  };
}
