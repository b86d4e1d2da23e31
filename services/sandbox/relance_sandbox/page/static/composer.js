// Where one writes: words, or a slash command.

import { act, state } from "./app.js";
import { fill, h, icon } from "./dom.js";
import { t } from "./words.js";

export function composer({ channel, thread, placeholder }) {
  const hints = h("div", { class: "menu commands", role: "listbox", hidden: true });
  const text = h("textarea", {
    class: "composer-text", rows: 1, placeholder, "aria-label": placeholder, "data-key": `composer-${channel}-${thread || ""}`,
    oninput: () => {
      grow();
      suggest();
    },
    onkeydown: (event) => {
      if (event.key === "Escape") hints.hidden = true;
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
    },
    onblur: () => setTimeout(() => { hints.hidden = true; }, 150),
  });

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
  }

  function suggest() {
    const found = state.commands.filter((one) => text.value.startsWith("/") && !text.value.includes(" ") && one.name.startsWith(text.value));
    hints.hidden = !found.length || !!thread;
    fill(hints, found.map((one) => h("button", {
      type: "button", role: "option", class: "menu-item", tabindex: "-1",
      onmousedown: (event) => event.preventDefault(),
      onclick: () => {
        text.value = `${one.name} `;
        hints.hidden = true;
        text.focus();
      },
    }, h("span", {}, h("strong", {}, one.name), " ", one.usage), h("small", {}, one.description))));
  }

  async function send() {
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    hints.hidden = true;
    grow();
    const outcome = await act({ deed: "say", channel, thread, text: said });
    if (outcome.outcome !== "acknowledged" && !text.value && said.startsWith("/")) text.value = said;
  }

  return h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); send(); } }, hints, text,
    h("button", { type: "submit", class: "btn is-primary is-icon", "aria-label": t("send"), title: t("send") }, icon("send")));
}
