// The page: it asks for what one member sees, draws it, and asks again at each change.

import { drawActivity, drawStrip } from "./activity.js";
import { drawHome } from "./home.js";
import { drawMail } from "./mail.js";
import { drawModal } from "./modal.js";
import { drawSide } from "./side.js";
import { drawTalk, drawThread } from "./talk.js";
import { toast } from "./toasts.js";
import { drawTop } from "./top.js";
import { speak, t } from "./words.js";

const main = document.getElementById("main");
const aside = document.getElementById("aside");

// Where one is: who, which conversation, which pane.
export const here = { as: "", channel: "", thread: "", pane: "talk", shown: 60, mail: null, search: "", language: localStorage.getItem("language") || "" };
export let state = null;

const typed = new Map(); // what is typed and not yet sent, by place
export function typedAt(key) {
  if (!typed.has(key)) typed.set(key, {});
  return typed.get(key);
}
export function forgetTyped(key) {
  typed.delete(key);
}

function remember() {
  const kept = new URLSearchParams();
  for (const name of ["as", "channel", "pane"]) if (here[name]) kept.set(name, here[name]);
  history.replaceState(null, "", `#${kept}`);
}

export function go(to) {
  Object.assign(here, to);
  document.body.classList.remove("side-open");
  remember();
  return refresh();
}

export function actAs(id) {
  return go({ as: id, channel: "", thread: "", shown: 60 }).then(() => here.pane === "home" && act({ deed: "open_home" }));
}

export function openHome() {
  go({ pane: "home", channel: ownDirect(), thread: "" });
  return act({ deed: "open_home" });
}

export function ownDirect() {
  return state.conversations.find((one) => one.with_app)?.id || "";
}

export function setLanguage(language) {
  localStorage.setItem("language", language);
  return go({ language });
}

export async function ask(path, values = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams({ as: here.as, language: here.language, ...values })}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export async function tell(path, given) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// Does something as the member; a failure is shown, the outcome given back.
export async function act(given) {
  const outcome = await tell("/page/act", { as: state.me.id, ...given }).catch(unreached);
  if (!outcome) return { outcome: "offline" };
  if (outcome.outcome === "late") toast(t("late", state.app.name), "bad");
  if (outcome.outcome === "refused" && outcome.code !== "invalid_input") {
    toast(t(outcome.code, state.app.name) || `${t("somethingWrong")}: ${outcome.message || outcome.code}`, "bad");
  }
  await refresh();
  return outcome;
}

let asking = null;
let again = false;
export function refresh() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = load().catch(unreached).finally(() => {
    asking = null;
    if (again) {
      again = false;
      refresh();
    }
  });
  return asking;
}

// The server is away: the stream of changes says so, and asks again when it is back.
export function unreached(error) {
  if (!(error instanceof TypeError)) throw error;
}

async function load() {
  const { channel, thread, shown } = here;
  const got = await ask("/page/state", { channel, thread, shown });
  if (here.as && got.me.id !== here.as) here.as = got.me.id;
  state = got;
  here.as = got.me.id;
  draw();
}

function draw() {
  speak(state.language);
  document.title = `${state.team} — ${state.app.name}`;
  document.body.dataset.pane = here.pane;
  drawTop(document.getElementById("top"));
  drawSide(document.getElementById("side"));
  const panes = { talk: drawTalk, home: drawHome, mail: drawMail, activity: drawActivity };
  if (main.dataset.pane !== here.pane) {
    main.dataset.pane = here.pane;
    main.replaceChildren();
  }
  panes[here.pane](main);
  drawThread(aside);
  drawStrip(document.getElementById("strip"));
  drawModal(document.getElementById("modal"));
  markRead();
}

let reading = "";
function markRead() {
  const held = state.conversation;
  const seen = here.pane === "talk" && document.visibilityState === "visible";
  const mark = `${state.me.id}/${held.id}/${held.last}`;
  if (!seen || !held.unread || reading === mark) return;
  reading = mark;
  tell("/page/act", { as: state.me.id, deed: "read", channel: held.id, ts: held.last }).catch(unreached);
}

function listen() {
  const changes = new EventSource("/page/changes");
  let lost = false;
  changes.onmessage = () => {
    if (lost) toast("✓", "good");
    lost = false;
    refresh();
  };
  changes.onerror = () => {
    if (!lost) toast(t("offline"), "bad");
    lost = true;
  };
}

document.addEventListener("menuclosed", () => refresh());
document.addEventListener("visibilitychange", () => state && refresh());
const from = new URLSearchParams(location.hash.slice(1));
for (const name of ["as", "channel", "pane"]) if (from.get(name)) here[name] = from.get(name);
refresh().then(listen);
