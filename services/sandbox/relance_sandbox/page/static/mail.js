// The customers' mailbox: what left, as the customers read it.

import { ask, go, here, state, unreached } from "./app.js";
import { fill, forget, h, icon, redraw } from "./dom.js";
import { t } from "./words.js";

let view = "seen";
let opened = null; // the mail on screen
let list = { mails: [], found: 0, all: 0 };
let asked = "";

export function drawMail(element) {
  if (element.firstElementChild?.dataset.scene !== `mail/${state.language}`) build(element);
  const wanted = JSON.stringify([state.mails, here.search, state.locale]);
  if (wanted === asked) show(element);
  else {
    asked = wanted;
    ask("/page/mails", { search: here.search }).then((got) => {
      list = got;
      show(element);
    }).catch(unreached);
  }
}

function build(element) {
  asked = "";
  const search = h("input", { type: "search", class: "input", placeholder: t("searchMail"), "aria-label": t("searchMail"), value: here.search,
    oninput: (event) => {
      here.search = event.target.value;
      drawMail(element);
    } });
  element.replaceChildren(h("div", { class: "scene mailbox", "data-scene": `mail/${state.language}` },
    h("div", { class: "mail-list" },
      h("header", { class: "pane-head is-plain" }, h("h1", {}, t("mailbox")), h("span", { class: "quiet count" })),
      h("label", { class: "mail-search" }, icon("search"), search),
      h("div", { class: "mails", role: "list" })),
    h("article", { class: "mail-read" })));
}

function show(element) {
  const frame = element.querySelector(".mailbox");
  if (!frame) return;
  frame.querySelector(".count").textContent = t("mails", list.all);
  const mails = frame.querySelector(".mails");
  redraw(mails, [list, here.mail], () => {
    const at = mails.scrollTop;
    fill(mails, list.mails.length ? grouped() : h("p", { class: "empty" }, list.all ? t("noMailFound") : t("noMail")));
    mails.scrollTop = at;
  });
  frame.classList.toggle("is-reading", here.mail !== null);
  read(frame.querySelector(".mail-read")).catch(unreached);
}

function grouped() {
  let day = "";
  return list.mails.flatMap((mail) => {
    const first = mail.day !== day && h("div", { class: "mail-day" }, mail.day);
    day = mail.day;
    return [first, h("div", { role: "listitem" }, h("button", {
      type: "button", class: "mail-item", "aria-current": mail.number === here.mail ? "true" : null, "data-key": `mail-${mail.number}`, "data-mail": mail.number,
      onclick: () => go({ mail: mail.number }),
    },
    h("span", { class: "mail-to" }, mail.to.join(", ")), h("time", {}, mail.time),
    h("span", { class: "mail-subject" }, mail.subject || "—"), h("span", { class: "mail-start" }, mail.start)))].filter(Boolean);
  });
}

async function read(element) {
  if (here.mail === null) return redraw(element, "none", () => fill(element, h("p", { class: "empty" }, list.all ? t("chooseMail") : "")));
  if (opened?.number !== here.mail || opened.locale !== state.locale) {
    opened = { ...(await ask(`/page/mails/${here.mail}`)), locale: state.locale };
    view = opened.has_html ? "seen" : "text";
    forget(element);
  }
  redraw(element, [opened, view], () => fill(element, head(element), body()));
}

function head(element) {
  const tab = (name, label, possible = true) => possible && h("button", { type: "button", role: "tab", "aria-selected": String(view === name), "data-key": `mail-${name}`,
    onclick: () => {
      view = name;
      read(element);
    } }, label);
  const line = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  return h("header", { class: "mail-head" },
    h("button", { type: "button", class: "plain only-narrow", "aria-label": t("back"), onclick: () => go({ mail: null }) }, icon("back")),
    h("h2", {}, opened.subject || "—"),
    h("dl", {}, line(t("from"), opened.from), line(t("to"), opened.to.join(", ")),
      opened.attachments.length > 0 && line(t("attachments"), opened.attachments.join(", "))),
    h("p", { class: "quiet" }, `${opened.day}, ${opened.time}`),
    h("div", { class: "tabs", role: "tablist" }, tab("seen", t("asSeen"), opened.has_html), tab("text", t("plainText")), tab("raw", t("source"))));
}

// Scripts never run in it: the frame is sandboxed here and by the answer's own policy.
function body() {
  if (view === "seen") {
    return h("iframe", { class: "mail-frame", src: `/page/mails/${opened.number}/html`, title: opened.subject, sandbox: "allow-popups allow-popups-to-escape-sandbox" });
  }
  return h("pre", { class: `mail-text ${view === "raw" ? "is-raw" : ""}`, tabindex: "0" }, view === "raw" ? opened.raw : opened.text);
}
