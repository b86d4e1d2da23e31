// The navigation: who one is, channels, direct messages, the app, the outside world.

import { actAs, go, here, openHome, ownDirect, state } from "./app.js";
import { avatar, fill, h, icon, menu, redraw } from "./dom.js";
import { t } from "./words.js";

let mailsSeen = null;

export function drawSide(element) {
  if (here.pane === "mail" || mailsSeen === null) mailsSeen = state.mails;
  const unreadMails = state.mails - mailsSeen;
  const { me, members, conversations, app, language } = state;
  redraw(element, { me, members, conversations, app, language, here, unreadMails }, () => {
    element.setAttribute("aria-label", state.team);
    fill(element, persons(), sections(unreadMails));
  });
}

function persons() {
  const { me, members } = state;
  const others = members.reduce((sum, one) => sum + (one.id === me.id ? 0 : one.unread), 0);
  const opener = h("button", { type: "button", class: "person", "data-key": "person", title: t("switchPerson"), "aria-label": `${t("acting")} ${me.name}. ${t("switchPerson")}` },
    avatar(me), h("span", { class: "person-text" }, h("small", {}, t("acting")), h("strong", {}, me.name), me.title && h("small", {}, me.title)),
    others > 0 && h("span", { class: "dot", title: t("unread", others) }), icon("down"));
  const items = members.map((one) => h("button", {
    type: "button", role: "menuitemradio", class: "menu-item person-item", "aria-checked": String(one.id === me.id),
    "data-member": one.id, onclick: () => actAs(one.id),
  }, avatar(one, "is-small"), h("span", { class: "person-text" }, h("span", {}, one.name), h("small", {}, one.title)), badge(one.unread)));
  const made = menu(opener, items, { label: t("switchPerson") });
  made.classList.add("persons");
  return made;
}

function sections(unreadMails) {
  const channels = state.conversations.filter((one) => one.kind === "channel");
  const direct = state.conversations.filter((one) => one.kind !== "channel" && !one.with_app);
  const own = state.conversations.find((one) => one.with_app);
  return [
    section(state.app.name, [
      item({ label: t("messages"), picture: "chat", on: here.pane === "talk" && state.conversation.id === ownDirect(), unread: own?.unread, name: "app",
        open: () => go({ pane: "talk", channel: ownDirect(), thread: "", shown: 60 }) }),
      item({ label: t("home"), picture: "home", on: here.pane === "home", name: "home", open: openHome }),
    ]),
    section(t("channels"), channels.map((one) => conversation(one, one.private ? "lock" : "hash"))),
    direct.length > 0 && section(t("direct"), direct.map((one) => conversation(one, "chat"))),
    section(t("outside"), [
      item({ label: t("mailbox"), picture: "mail", on: here.pane === "mail", unread: unreadMails, name: "mail", open: () => go({ pane: "mail", thread: "" }) }),
      item({ label: t("activity"), picture: "pulse", on: here.pane === "activity", name: "activity", open: () => go({ pane: "activity", thread: "" }) }),
    ]),
  ];
}

function section(title, items) {
  return h("section", { class: "side-section" }, h("h2", {}, title), h("ul", {}, items.map((one) => h("li", {}, one))));
}

function conversation(one, picture) {
  return item({
    label: one.name, picture, unread: one.unread, quiet: !one.joined, name: one.id,
    on: here.pane === "talk" && state.conversation.id === one.id,
    open: () => go({ pane: "talk", channel: one.id, thread: "", shown: 60 }),
  });
}

function item({ label, picture, on, unread, open, quiet, name }) {
  return h("button", {
    type: "button", class: `side-item ${unread ? "is-unread" : ""} ${quiet ? "quiet" : ""}`, "aria-current": on ? "page" : null,
    "data-key": `side-${name}`, "data-go": name, onclick: open,
  }, icon(picture), h("span", { class: "side-label" }, label), badge(unread));
}

function badge(count) {
  return count > 0 && h("span", { class: "badge", "aria-label": t("unread", count) }, String(count));
}
