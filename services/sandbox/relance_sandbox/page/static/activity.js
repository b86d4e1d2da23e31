// What has happened, newest first; the last of it in the strip at the bottom.

import { go, here, state } from "./app.js";
import { fill, h, icon, redraw } from "./dom.js";
import { t } from "./words.js";

const PICTURES = { mail: "mail", failure: "warning", refused: "warning", press: "send", submit: "send", command: "send", message: "chat", ephemeral: "eye" };

function line(deed) {
  const bad = deed.kind === "failure" || deed.kind === "refused";
  const place = deed.where && h("span", { class: "quiet" }, ` · ${deed.where.replaceAll("_", " ")}`);
  return [icon(PICTURES[deed.kind] || "pulse"), h("time", {}, deed.time), h("strong", {}, deed.who),
    h("span", { class: bad ? "deed-what bad" : "deed-what" }, h("span", { class: "quiet" }, `${t(`did_${deed.kind}`)} `), deed.private ? t("inPrivate") : deed.what, place)];
}

export function drawStrip(element) {
  const last = state.activity.at(-1);
  redraw(element, [last, state.failed, state.language], () => fill(element,
    h("button", { type: "button", class: "strip-line", "aria-label": t("details"), title: t("details"), "data-key": "strip", onclick: () => go({ pane: "activity", thread: "" }) },
      last ? line(last) : [icon("pulse"), h("span", { class: "deed-what" }, t("activityEmpty"))]),
    state.failed > 0 && h("button", { type: "button", class: "strip-failed", onclick: () => go({ pane: "activity" }) }, icon("warning"), t("failed", state.failed))));
}

export function drawActivity(element) {
  if (element.firstElementChild?.dataset.scene !== "activity") {
    element.replaceChildren(h("div", { class: "scene", "data-scene": "activity" }, h("header", { class: "pane-head" }), h("div", { class: "deeds", tabindex: "0" })));
  }
  const [head, body] = element.firstElementChild.children;
  redraw(head, [state.language, here.pane], () => fill(head, h("h1", {}, t("activity"))));
  redraw(body, [state.activity, state.failures, state.language], () => fill(body, failures(), days()));
}

function failures() {
  return state.failures.length > 0 && h("section", { class: "failures" }, h("h2", {}, t("failed", state.failed)), h("ul", {},
    [...state.failures].reverse().map((one) => h("li", {}, h("time", {}, one.time), h("code", {}, one.kind.replace("_", " ")), h("span", {}, one.what, one.detail && h("small", {}, one.detail))))));
}

function days() {
  if (!state.activity.length) return h("p", { class: "empty" }, t("activityEmpty"));
  let day = "";
  return [...state.activity].reverse().flatMap((deed) => {
    const first = deed.day !== day && h("div", { class: "mail-day" }, deed.day);
    day = deed.day;
    return [first, h("div", { class: "deed" }, line(deed))].filter(Boolean);
  });
}
