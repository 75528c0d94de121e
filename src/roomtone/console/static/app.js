// The console: signs in, shows the page that the address names, keeps it up to date, and does what its buttons say.
//
// A page says when a change concerns it (concerns), gives its nodes (load), and for each button with data-do the request
// that it makes (order). It may ask before (confirms, asks), make something first (prepare, whose order first tells), look
// at the answer (came), and do more while it is shown (live, which gives what ends it).

import { ApiError, Project, isSid } from "./api.js";
import { asked } from "./asking.js";
import { el, fill } from "./dom.js";
import { LANGUAGES, written } from "./lines.js";
import { coalesced, listen } from "./live.js";
import { PAGES, decoded, pageOf } from "./pages.js";
import { phone } from "./phone.js";

const LOGGED = 30;
const NOTICED_MS = 12_000;
const LATE = "The token is not valid any more. Sign in again to go on where you were.";

const byId = (id) => document.getElementById(id);
const [main, deeds, preview, log, stateSign, out, menu, language, panel, notice] = ["main", "deeds", "preview", "log", "state", "out", "menu", "language", "phone", "notice"].map(byId);
const softphone = phone(panel, dialled);

let project = null;
let listening = null;
let view = null;
let quit = null;
let under = null; // the button whose line is shown
let noticing; // until a notice goes
let refresh = () => {};

// --- Signing in and out -----------------------------------------------------------------------------------------------

function signIn(problem = "", sid = "", token = "") {
  leave();
  document.title = "Sign in – Roomtone";
  fill(
    main,
    el(
      "form",
      { id: "sign-in", "data-key": "sign-in" },
      el("h1", { tabindex: "-1" }, "Sign in"),
      el("p", { class: "hint" }, "With a project's sid and token, as its programs do. They stay in this tab."),
      problem && el("p", { class: "problem", role: "alert" }, problem),
      el("label", { for: "sid" }, "Project (sid)"),
      el("input", { id: "sid", value: sid, autocomplete: "off", spellcheck: "false", required: true }),
      el("label", { for: "token" }, "Token"),
      el("input", { id: "token", type: "password", value: token, autocomplete: "off", required: true }),
      el("button", { id: "enter", type: "submit" }, "Sign in"),
    ),
  );
  byId(sid === "" ? "sid" : token === "" ? "token" : "enter").focus();
}

async function trySignIn(sid, token) {
  if (!isSid(sid)) return signIn("That is no project's sid.", sid);
  const tried = new Project(sid, token);
  try {
    await tried.ask({ path: "/Conferences?PageSize=1" });
  } catch (fault) {
    return signIn(fault.status === 401 ? "The server does not know this project and token." : `It cannot be done: ${fault.message}.`, sid);
  }
  tried.keep();
  enter(tried);
}

function enter(one) {
  project = one;
  byId("who").textContent = one.sid;
  for (const part of [out, deeds, menu, panel]) part.hidden = false;
  listening = listen(project, {
    changed: (change) => {
      softphone.changed(change);
      if (change === null || view?.concerns(change)) refresh();
    },
    state: (text) => {
      stateSign.textContent = text;
      stateSign.dataset.state = text;
    },
    refused: () => signIn(LATE, one.sid),
  });
  open();
}

function leave() {
  listening?.stop();
  quit?.();
  softphone.hangUp();
  project?.release();
  listening = quit = project = view = under = null;
  Project.forget();
  notify("");
  fill(main);
  fill(log);
  preview.textContent = stateSign.textContent = byId("who").textContent = "";
  for (const part of [out, deeds, menu, panel]) part.hidden = true;
}

// --- Pages ------------------------------------------------------------------------------------------------------------

function open() {
  if (project === null || (location.hash !== "" && !location.hash.startsWith("#/"))) return;
  quit?.();
  quit = under = null;
  const mine = pageOf(project, location.hash);
  view = mine;
  document.title = `${mine.title} – Roomtone`;
  fill(menu, PAGES.filter((one) => one.menu).map((one) => el("a", { href: `#/${one.path}`, "data-key": one.path, "aria-current": one.path === mine.path && "page" }, one.menu)));
  const body = el("div", { id: "view", "aria-busy": "true" });
  main.replaceChildren(el("h1", { tabindex: "-1" }, mine.title), body);
  main.firstChild.focus();
  refresh = coalesced(() => update(mine, body), () => mine.pauseMs);
  refresh();
}

async function update(mine, body) {
  let nodes;
  try {
    nodes = await mine.load();
  } catch (fault) {
    nodes = null;
    if (view === mine) failed(fault, body);
  }
  if (view === mine && nodes !== null) {
    fill(body, nodes);
    if (body.hasAttribute("aria-busy")) quit = mine.live?.(body, () => refresh()) ?? null;
    body.removeAttribute("aria-busy");
  }
}

function failed(fault, body) {
  if (!(fault instanceof ApiError)) throw fault;
  if (fault.status === 401) stillKnown(project);
  const text = fault.status === 404 ? "There is no such thing in this project." : fault.message;
  if (fault.status === 404 || body.hasAttribute("aria-busy")) fill(body, el("p", { class: "problem", role: "alert" }, text));
}

// --- What is done -----------------------------------------------------------------------------------------------------

async function act(button) {
  const [mine, asker] = [view, project];
  const question = mine.confirms?.(button);
  if (question && !window.confirm(question)) return;
  const wanted = await mine.asks?.(button);
  const answers = wanted ? await asked(wanted) : {};
  if (answers === null || view !== mine) return;
  button.setAttribute("aria-busy", "true");
  notify("");
  try {
    await mine.prepare?.(button, main, (order) => perform(asker, order));
    const answer = await perform(asker, mine.order(button, main, answers));
    mine.came?.(button, answer);
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    if (fault.status === 401 && project === asker) await stillKnown(asker);
  } finally {
    button.removeAttribute("aria-busy");
    refresh();
  }
}

/** A 401 may mean that the token lacks a permission, or that it is not valid any more: only then one is signed out. */
async function stillKnown(asker) {
  if (asker === null || asker !== project) return;
  try {
    await asker.ask({ path: "/Conferences?PageSize=1" });
  } catch (fault) {
    if (fault.status === 401 && asker === project) signIn(LATE, asker.sid);
  }
}

/** Ask for what an order says, and write down that it was done. Throws ApiError. */
async function perform(asker, order) {
  const line = note(order, written(language.value, asker, shown(order)));
  try {
    const answer = await (order.talks ? softphone.call(asker, order) : asker.ask(order));
    line.textContent = "done";
    line.className = "done";
    return answer;
  } catch (fault) {
    line.textContent = `refused: ${fault.message}`;
    line.className = "problem";
    notify(`${order.said}: refused: ${fault.message}`);
    throw fault;
  }
}

/** Carry out what the phone's own buttons say; what comes of it the log and the phone tell. */
async function dialled(order) {
  const asker = project;
  try {
    await perform(asker, order);
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    if (fault.status === 401) await stillKnown(asker);
  }
}

/** Show for a while what nobody should have to look for at the end of the page; it stays in the log there. */
function notify(text) {
  clearTimeout(noticing);
  notice.textContent = text;
  notice.hidden = text === "";
  if (text !== "") noticing = setTimeout(() => notify(""), NOTICED_MS);
}

/** An order as it may stand on the page: a password that was typed unseen stays so. */
function shown(order) {
  return order.form?.Password ? { ...order, form: { ...order.form, Password: "…" } } : order;
}

/** Write down what is asked; gives the place for what comes of it. */
function note(order, text) {
  const outcome = el("span", {}, "…");
  log.prepend(el("li", {}, el("strong", {}, order.said), " ", outcome, el("pre", {}, el("code", {}, text))));
  while (log.children.length > LOGGED) log.lastChild.remove();
  return outcome;
}

function show() {
  if (!under?.isConnected || !view || !project) return;
  const orders = [view.first?.(under, main), view.order(under, main, {})].filter(Boolean);
  preview.textContent = orders.map((order) => written(language.value, project, shown(order))).join("\n");
}

function point(event) {
  under = event.target.closest?.("button[data-do]") ?? under;
  show();
}

main.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button && view && project && !button.hasAttribute("aria-busy")) act(button);
});
main.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.id === "sign-in") trySignIn(byId("sid").value.trim(), byId("token").value.trim());
  else event.target.querySelector("button[data-do]")?.click();
});
main.addEventListener("focusin", point);
main.addEventListener("pointerover", point);
main.addEventListener("input", show);
fill(language, Object.entries(LANGUAGES).map(([value, text]) => el("option", { value }, text)));
language.addEventListener("change", show);
out.addEventListener("click", () => signIn());
window.addEventListener("hashchange", () => (offered() ? null : open()));

/** Fill in what an address offers, #/sign-in/<sid>/<token>, which does not stay in the address. */
function offered() {
  const [, sid, token = ""] = /^#\/sign-in\/([^/]+)(?:\/([^/]*))?$/.exec(location.hash) ?? [];
  if (sid === undefined) return false;
  window.history.replaceState(null, "", "#/");
  signIn("", decoded(sid), decoded(token));
  return true;
}

const kept = Project.kept();
if (offered());
else if (kept !== null && isSid(kept.sid)) enter(kept);
else signIn();
