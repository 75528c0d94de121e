// Trunks: where calls go besides registered phones, and come from. They are of the whole server, so one project alone may
// see and change them: the one that the setting `operator` names.

import { ApiError } from "./api.js";
import { el, name } from "./dom.js";
import { act } from "./people.js";

const EVERY_MS = 5_000;
const STATUS = { up: "answers", down: "does not answer", unknown: "no answer yet" };

/** What a trunk has: its parameter, its field in the answer, whether there are several, and what people read. */
const FIELDS = [
  { parameter: "Uri", of: "uris", several: true, label: "Addresses, in the order in which they are tried", placeholder: "sip:sbc1.example sip:sbc2.example", needed: true },
  { parameter: "Prefix", of: "prefixes", several: true, label: "Numbers it takes begin with", placeholder: "+1 +44, or + for all" },
  { parameter: "Username", of: "username", label: "Username for its challenges" },
  { parameter: "Password", of: null, label: "Password", type: "password" },
  { parameter: "Allow", of: "allow", several: true, label: "Networks its calls come from, too", placeholder: "198.51.100.0/24" },
  { parameter: "Codec", of: "codecs", several: true, label: "Codecs", placeholder: "all there are" },
  { parameter: "Calls", of: "calls", label: "Calls at a time", placeholder: "0: as many as come" },
  { parameter: "CallsPerS", of: "calls_per_s", label: "Calls a second", placeholder: "0: as many as come" },
  { parameter: "OptionsS", of: "options_s", label: "Seconds between questions whether it is there", placeholder: "0: never" },
];

export function trunks(project) {
  let known = [];
  return {
    title: "Trunks",
    pauseMs: 500,
    concerns: () => false,
    load: async () => {
      try {
        known = await project.list("/Trunks", "trunks");
      } catch (fault) {
        if (!(fault instanceof ApiError) || ![401, 403, 404].includes(fault.status)) throw fault;
        return closed(fault);
      }
      return draw(known);
    },
    order: (button, main, answers) => orders(button, main, answers ?? {})[button.dataset.do],
    confirms: (button) => (button.dataset.do === "remove" ? `Remove ${button.dataset.name}? No call goes over it any more, and calls from its addresses need a password.` : null),
    asks: (button) => (button.dataset.do === "change" ? question(named(button)) : null),
    came: (button) => {
      if (button.dataset.do === "add") document.querySelectorAll("#view form input").forEach((input) => (input.value = ""));
    },
    live: (_, refresh) => {
      const timer = setInterval(refresh, EVERY_MS);
      return () => clearInterval(timer);
    },
  };

  function named(button) {
    return known.find((one) => one.name === button.dataset.name);
  }

  function orders(button, main, answers) {
    const path = `/Trunks/${encodeURIComponent(button.dataset.name ?? "")}`;
    return {
      add: { method: "POST", path: "/Trunks", form: toAdd(main), said: "Add a trunk" },
      change: { method: "POST", path, form: toChange({ ...(named(button) && values(named(button))), ...answers }), said: "Change a trunk" },
      remove: { method: "DELETE", path, said: "Remove a trunk" },
    };
  }
}

function closed(fault) {
  const why = fault.status === 403 ? `${fault.message}. They are kept by roomtone trunk, or by the project that --operator names when the server is started.` : fault.status === 401 ? "This token may not see trunks." : "A strict project has no trunks: its vendor has none like these.";
  return el("p", { class: "hint" }, why);
}

const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** Give what was typed into the form; what was left empty is not asked for. */
function toAdd(main) {
  const typed = (id) => main.querySelector(`#trunk-${id}`)?.value.trim() ?? "";
  const given = FIELDS.filter((one) => one.needed || typed(one.parameter) !== "").map((one) => [one.parameter, one.several ? words(typed(one.parameter)) : typed(one.parameter)]);
  return { Name: typed("Name"), ...Object.fromEntries(given) };
}

/** Give all that a trunk is to be; without a new password it keeps its own, unless it has no username any more. */
function toChange(answers) {
  const said = (one, text) => (one.several && words(text).length > 0 ? words(text) : text.trim());
  const given = FIELDS.filter((one) => one.of !== null && answers[one.parameter] !== undefined);
  const form = Object.fromEntries(given.map((one) => [one.parameter, said(one, answers[one.parameter])]));
  if (answers.Password) form.Password = answers.Password;
  else if (form.Username === "") form.Password = "";
  return form;
}

/** Spell a trunk as people type it. */
function values(one) {
  return Object.fromEntries(FIELDS.filter((each) => each.of !== null).map((each) => [each.parameter, each.several ? one[each.of].join(" ") : String(one[each.of] ?? "")]));
}

function question(one) {
  const now = values(one);
  const fields = FIELDS.map((each) => ({
    name: each.parameter,
    label: each.of === null && one.password_set ? "Another password; empty: as it is" : each.label,
    type: each.type,
    value: now[each.parameter] ?? "",
    placeholder: each.placeholder,
    optional: !each.needed,
  }));
  return { title: `Change ${one.name}`, submit: "Change", fields };
}

function draw(list) {
  return [
    el("p", { class: "hint", "data-key": "hint" }, "Carriers and PBXs of this server, for all its projects. Calls go to numbers that one takes; of several the longest beginning wins."),
    el("section", { "data-key": "list", "aria-label": "All trunks" }, list.length === 0 ? el("p", { class: "hint" }, "There is none: nothing but registered phones and this machine is called.") : el("ul", { class: "rows" }, list.map(line))),
    el("section", { "data-key": "new", "aria-labelledby": "new-trunk" }, el("h2", { id: "new-trunk" }, "Another trunk"), el("form", { class: "together", "data-key": "form" }, input({ parameter: "Name", label: "Name", needed: true, placeholder: "carrier" }), FIELDS.map(input), act("add", "Add"))),
  ];
}

function input(one) {
  const id = `trunk-${one.parameter}`;
  return el("label", { for: id, "data-key": id }, one.label, el("input", { id, type: one.type ?? "text", placeholder: one.placeholder, autocomplete: one.type === "password" ? "new-password" : "off", spellcheck: "false" }));
}

function line(one) {
  const about = [one.prefixes.length > 0 ? `takes ${one.prefixes.join(", ")}` : "takes no numbers", one.username && `as ${one.username}${one.password_set ? "" : ", without a password"}`, one.codecs.length > 0 && one.codecs.join(", "), one.calls > 0 && `${one.calls} calls at most`, one.calls_per_s > 0 && `${one.calls_per_s} calls a second`, one.allow.length > 0 && `from ${one.allow.join(", ")}`, one.calls_now > 0 && `${one.calls_now} calls now`].filter(Boolean);
  const settled = one.source === "settings";
  return el("li", { "data-key": one.name }, [
    el("strong", { "data-key": "name" }, name(one.name)),
    one.addresses.map((each) => el("span", { "data-key": each.uri, class: "badge", "data-status": each.status }, name(each.uri), ": ", one.options_s > 0 ? (STATUS[each.status] ?? each.status) : "not asked")),
    el("span", { class: "hint", "data-key": "about" }, name(about.join("; "))),
    settled
      ? el("span", { class: "hint", "data-key": "settled" }, "stands in the settings, and is changed there")
      : el("span", { class: "buttons", "data-key": "buttons" }, act("change", "Change…", { "data-name": one.name, "aria-label": `Change ${one.name}` }), act("remove", "Remove", { "data-name": one.name, class: "grave", "aria-label": `Remove ${one.name}` })),
  ]);
}
