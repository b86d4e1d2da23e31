// Texts arrive as trees of nodes: strings, or {as, of, url}. Never as markup.

import { h } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", strike: "s", code: "code", pre: "pre", quote: "blockquote",
  line: "div", bullets: "ul", ordered: "ol", item: "li",
};

export function nodes(list) {
  return (list || []).map((node) => (typeof node === "string" ? lines(node) : one(node))).flat();
}

function one(node) {
  if (node.as === "link") {
    return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer" }, nodes(node.of));
  }
  const tag = TAGS[node.as];
  return tag ? h(tag, {}, nodes(node.of)) : h("span", { class: `said-${node.as}` }, nodes(node.of));
}

function lines(text) {
  return text.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
}

export function plain(list) {
  return (list || []).map((node) => (typeof node === "string" ? node : plain(node.of))).join("");
}

export function textOf(object) {
  return object ? plain(object.nodes) || object.text : "";
}
