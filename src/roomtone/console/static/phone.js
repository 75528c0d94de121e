// The softphone: a panel of the page's own that stays while pages change. It calls a number, a client or a conference,
// mutes the microphone, presses keys, hangs up. What it asks of the server is noted like every other deed.

import { ApiError } from "./api.js";
import { el } from "./dom.js";
import { Line } from "./line.js";

const NAMES = { "*": "star", "#": "pound" };
const UP = ["queued", "ringing", "in-progress"];

/** The order that calls somebody by this browser. `talks` says that it brings an offer, which the phone makes: see lines.js. */
export function calling(to, said, more = {}) {
  const from = document.getElementById("phone-from").value.trim();
  return { method: "POST", path: "/BrowserCalls", form: { To: to, From: from || "console", ...more, Sdp: "offer.sdp" }, said, talks: true };
}

/** Fill the panel; `perform(order)` has an order carried out and noted. Gives what the page needs of it. */
export function phone(root, perform) {
  let line = null;
  let project = null;
  const player = el("audio", { "data-key": "ear" });
  const state = el("p", { id: "phone-state", role: "status" });
  const mute = el("button", { type: "button", "aria-pressed": "false" }, "Mute my microphone");
  const end = el("button", { type: "button", class: "grave" }, "Hang up");
  const keypad = el("div", { class: "keypad", role: "group", "aria-label": "Keys" }, [..."123456789*0#"].map((key) => el("button", { type: "button", "data-digit": key, "aria-label": NAMES[key] }, key)));
  const to = el("input", { id: "phone-to", placeholder: "+15551234567, client:…, conference:…", autocomplete: "off", required: true });
  const from = el("input", { id: "phone-from", value: "console", pattern: "[A-Za-z0-9_.+\\-]{1,120}", title: "Letters, digits and _ . + -", autocomplete: "off" });
  const original = el("input", { id: "phone-original", type: "checkbox" });
  const form = el("form", { class: "together" }, el("label", {}, "Call", to), el("label", {}, "as", from), el("button", { type: "submit" }, "Call"));
  const drawer = el("details", {}, el("summary", {}, el("h2", { id: "phone-title" }, "Phone")), form, el("label", { class: "check" }, original, "Send my sound as it is: no removal of echo and noise"), keypad);
  root.replaceChildren(drawer, el("div", { class: "buttons" }, state, mute, end), player);
  show("");

  function show(text) {
    const up = line !== null;
    state.textContent = text;
    root.toggleAttribute("data-up", up);
    mute.hidden = end.hidden = keypad.hidden = !up;
    mute.disabled = !line?.canTalk;
    mute.setAttribute("aria-pressed", String(line?.muted ?? false));
  }

  /** Make the call of an order. Throws ApiError. */
  async function call(asker, order) {
    if (line !== null) throw new ApiError(0, "this browser is in a call: hang up first");
    const whom = order.form.To;
    const mine = new Line(player, (what) => {
      if (line === mine && mine.over) line = null;
      if (line === mine || line === null) show(`${what}: ${whom}`);
    });
    line = mine;
    project = asker;
    drawer.open = true;
    await mine.call(asker, order, original.checked);
    return null;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    perform(calling(to.value.trim(), "Call by this browser"));
  });
  mute.addEventListener("click", () => {
    line.muted = !line.muted;
    mute.setAttribute("aria-pressed", String(line.muted));
  });
  end.addEventListener("click", () => {
    line?.hangUp();
    drawer.querySelector("summary").focus(); // the button goes
  });
  keypad.addEventListener("click", (event) => press(event.target.closest("button[data-digit]")?.dataset.digit));
  keypad.addEventListener("keydown", (event) => press(keypad.querySelector(`[data-digit="${CSS.escape(event.key)}"]`)?.dataset.digit));
  window.addEventListener("pagehide", () => line?.hangUp());

  function press(key) {
    if (key !== undefined && line !== null && !line.press(key)) show("no keys can be sent yet");
  }

  /** What changed may be our call, which somebody else has ended. */
  async function changed(change) {
    const mine = line;
    if (!mine?.sid || (change !== null && change.call_sid !== mine.sid)) return;
    try {
      const { status } = await project.ask({ path: `/Calls/${encodeURIComponent(mine.sid)}` });
      if (!UP.includes(status)) mine.end("ended");
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault; // asked again at the next change
    }
  }

  return { call, changed, hangUp: () => line?.hangUp() };
}
