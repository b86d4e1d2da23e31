// The bar at the top: what this is, the clock and its buttons, the language.

import { here, setLanguage, state, tell } from "./app.js";
import { fill, h, icon, redraw } from "./dom.js";
import { t } from "./words.js";

export function drawTop(element) {
  const { team, hint, clock, language } = state;
  redraw(element, { team, hint, clock, language }, () => fill(element,
    h("button", { type: "button", class: "plain only-narrow", "aria-label": t("menu"), "data-key": "menu",
      onclick: () => document.body.classList.toggle("side-open") }, icon("menu")),
    h("div", { class: "brand" },
      h("img", { src: "/static/icon.svg", alt: "", width: 28, height: 28 }),
      h("div", {}, h("strong", {}, team), hint && h("p", { class: "hint" }, hint))),
    h("div", { class: "clock", role: "group", "aria-label": t("clock") },
      h("div", { class: "now", "aria-live": "polite" },
        h("span", { class: "now-date not-narrow" }, clock.date),
        h("span", { class: "now-date only-narrow" }, clock.short_date),
        h("span", { class: "now-time" }, clock.busy ? clock.status || t("moving") : `${clock.time} · ${clock.zone.split("/").pop().replace("_", " ")}`)),
      clock.movable && [
        step("morning", "sun", t("nextMorning"), true),
        step("week", "week", t("nextWeek"), false),
      ]),
    h("div", { class: "languages", role: "group", "aria-label": t("language") }, ["en", "fr"].map((code) =>
      h("button", { type: "button", lang: code, "aria-pressed": String(code === language), "data-key": `language-${code}`,
        onclick: () => setLanguage(code) }, code.toUpperCase())))));
}

function step(name, picture, label, primary) {
  const busy = state.clock.busy;
  return h("button", {
    type: "button", class: `btn big ${primary ? "is-primary" : ""}`, "data-key": `step-${name}`, "data-step": name,
    "aria-busy": busy === name ? "true" : null, disabled: !!busy,
    onclick: () => tell("/page/clock", { step: name, as: here.as }).catch(() => {}),
  }, icon(picture), h("span", {}, label));
}
