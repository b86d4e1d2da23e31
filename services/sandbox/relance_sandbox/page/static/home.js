// The app's Home tab, and what home and modals share: a place that is a view.

import { act, state, typedAt } from "./app.js";
import { blocks } from "./blocks.js";
import { fill, h, redraw } from "./dom.js";
import { appTabs } from "./talk.js";
import { t } from "./words.js";

export function drawHome(element) {
  const { home, me, language } = state;
  if (element.firstElementChild?.dataset.scene !== "home") {
    element.replaceChildren(h("div", { class: "scene", "data-scene": "home" }, h("header", { class: "pane-head" }), h("div", { class: "home", tabindex: "0" })));
  }
  const [head, body] = element.firstElementChild.children;
  redraw(head, [state.app, language], () => fill(head, appTabs()));
  redraw(body, [home, me.id, language], () => {
    const at = body.scrollTop;
    fill(body, home ? h("div", { class: "blocks home-blocks" }, blocks(home.blocks, viewPlace(home))) : h("p", { class: "empty" }, t("homeEmpty")));
    body.scrollTop = at;
  });
}

export function viewPlace(view, errors = {}) {
  const typed = typedAt(view.id);
  const where = { view_id: view.id };
  return {
    key: view.id, state: view.state, typed, errors, people: state.members, channels: state.conversations,
    press: (element, block, value) => act({ deed: "press_view", ...where, action_id: element.action_id, block_id: block.block_id, value, typed }),
    async suggest(element, block, value) {
      const outcome = await act({ deed: "suggest", ...where, action_id: element.action_id, block_id: block.block_id, value });
      return outcome.options || [];
    },
  };
}
