// What a project owns beside its documents: numbers, phones and keys. Lists with a form and a button or two each.

import { ApiError } from "./api.js";
import { el, name } from "./dom.js";
import { act } from "./people.js";

const value = (main, id) => main.querySelector(`#${CSS.escape(id)}`)?.value.trim() ?? "";
const encoded = encodeURIComponent;

function field(id, label, more = {}) {
  return el("label", { for: id, "data-key": id }, label, el("input", { id, autocomplete: "off", ...more }));
}

function section(key, title, rows, empty, form) {
  return el("section", { "data-key": key, "aria-label": title }, el("h2", {}, name(title)), rows.length === 0 ? el("p", { class: "hint" }, empty) : el("ul", { class: "rows" }, rows), form && el("form", { class: "together", "data-key": "form" }, form));
}

function page(title, load, orders, more = {}) {
  return { title, pauseMs: 500, concerns: () => false, load, order: (button, main, answers) => orders(main, button.dataset, answers ?? {})[button.dataset.do], ...more };
}

/** Ask for a list; who may not see it, or whose vendor has none, sees none. */
async function listed(project, path, key) {
  try {
    return await project.list(path, key);
  } catch (fault) {
    if (!(fault instanceof ApiError) || ![401, 403, 404].includes(fault.status)) throw fault;
    return null;
  }
}

export function numbers(project) {
  const orders = (main, { sid = "" }) => ({
    claim: { method: "POST", path: "/IncomingPhoneNumbers", form: { PhoneNumber: value(main, "claim-number"), VoiceUrl: value(main, "claim-url") }, said: "Claim a number" },
    lead: { method: "POST", path: `/IncomingPhoneNumbers/${encoded(sid)}`, form: { VoiceUrl: value(main, `url-${sid}`) }, said: "Lead a number's calls" },
    release: { method: "DELETE", path: `/IncomingPhoneNumbers/${encoded(sid)}`, said: "Release a number" },
  });
  return page(
    "Numbers",
    async () => {
      const list = await listed(project, "/IncomingPhoneNumbers?PageSize=500", "incoming_phone_numbers");
      if (list === null) return el("p", { class: "hint" }, "This token may not see numbers.");
      return section("numbers", "Numbers", list.map(number), "No number is claimed yet.", [field("claim-number", "Number", { placeholder: "+15551234567" }), field("claim-url", "Its calls go to", { type: "url", placeholder: "https://…" }), act("claim", "Claim")]);
    },
    orders,
    { confirms: (button) => (button.dataset.do === "release" ? "Release this number? Its calls are refused from then on." : null) },
  );
}

function number(one) {
  return el("li", { "data-key": one.sid }, el("strong", {}, name(one.phone_number)), one.friendly_name !== one.phone_number && el("span", { class: "hint" }, name(one.friendly_name)), el("label", { class: "grow" }, "calls go to ", el("input", { id: `url-${one.sid}`, type: "url", value: one.voice_url ?? "", autocomplete: "off", "aria-label": `Calls of ${one.phone_number} go to` })), act("lead", "Save", { "data-sid": one.sid, "aria-label": `Save ${one.phone_number}` }), act("release", "Release", { "data-sid": one.sid, class: "grave", "aria-label": `Release ${one.phone_number}` }));
}

export function phones(project) {
  const lists = "/SIP/CredentialLists";
  const orders = (main, { list = "", sid = "" }, answers) => ({
    "new-list": { method: "POST", path: lists, form: { FriendlyName: value(main, "list-name") }, said: "Make a list of phones" },
    add: { method: "POST", path: `${lists}/${encoded(list)}/Credentials`, form: { Username: answers.username ?? "", Password: answers.password ?? "" }, said: "Add a phone" },
    remove: { method: "DELETE", path: `${lists}/${encoded(list)}/Credentials/${encoded(sid)}`, said: "Remove a phone" },
  });
  return page(
    "Phones",
    async () => {
      const [found, domains] = await Promise.all([listed(project, `${lists}?PageSize=100`, "credential_lists"), listed(project, "/SIP/Domains?PageSize=100", "domains")]);
      if (found === null) return el("p", { class: "hint" }, "This token may not see phones, or the project is a strict one whose vendor has none.");
      const users = await Promise.all(found.map((one) => project.list(`${lists}/${encoded(one.sid)}/Credentials?PageSize=200`, "credentials")));
      return [
        found.map((one, at) => phoneList(one, users[at])),
        section("lists", "Lists of phones", [], found.length === 0 ? "There is none: phones that the operator keeps (roomtone phone, roomtone endpoint) are not told here." : "", [field("list-name", "Name"), act("new-list", "Make a list")]),
        section("domains", "SIP domains", (domains ?? []).map((one) => el("li", { "data-key": one.sid }, el("strong", {}, name(one.domain_name)), el("span", { class: "hint" }, "calls go to ", name(one.voice_url ?? "nowhere")), one.sip_registration && el("span", { class: "badge" }, "phones register"))), "There is none."),
        el("p", { class: "hint", "data-key": "trunks" }, "Where calls go besides phones: ", el("a", { href: "#/trunks" }, "trunks"), ", which are the operator's."),
      ];
    },
    orders,
    {
      asks: (button) => (button.dataset.do === "add" ? { title: "A phone", submit: "Add", fields: [{ name: "username", label: "Name" }, { name: "password", label: "Password: 12 characters or more, with a digit and letters of both cases", type: "password" }] } : null),
      confirms: (button) => (button.dataset.do === "remove" ? "Remove this phone?" : null),
    },
  );
}

function phoneList(one, users) {
  return section(one.sid, one.friendly_name, users.map((each) => el("li", { "data-key": each.sid }, el("strong", {}, name(each.username)), el("span", { class: "when" }, each.date_created), act("remove", "Remove", { "data-list": one.sid, "data-sid": each.sid, class: "grave", "aria-label": `Remove ${each.username}` }))), "Nobody is in it.", [act("add", "Add a phone…", { "data-list": one.sid })]);
}

/** What a key can open, as the API's permissions are called, and what that is. */
const PERMISSIONS = [
  ["calling", "calling: calls, conferences, recordings, documents, phones"],
  ["numbers", "numbers: what is claimed and where its calls go"],
  ["management", "management: accounts, keys, trunks and what signs callbacks"],
  ["messaging", "messaging: documents and applications"],
  ["fax", "fax: documents and applications, too"],
  ...["chat", "datasphere", "pubsub", "storage", "tasking", "video"].map((word) => [word, `${word}: nothing here`]),
];

export function keys(project) {
  let made = null;
  let known = new Map(); // by sid: name and permissions
  const changed = (sid, { name: called = known.get(sid)?.name, permissions = known.get(sid)?.permissions?.join(" ") }) => ({ FriendlyName: called ?? "", ...(permissions === undefined ? {} : { Permissions: permissions }) });
  const orders = (main, { sid = "" }, answers) => ({
    make: { method: "POST", path: "/Keys", form: { FriendlyName: value(main, "key-name") }, said: "Make a key" },
    change: { method: "POST", path: `/Keys/${encoded(sid)}`, form: changed(sid, answers), said: "Change a key" },
    revoke: { method: "DELETE", path: `/Keys/${encoded(sid)}`, said: "Revoke a key" },
  });
  return page(
    "Keys",
    async () => {
      const [list, tokens] = await Promise.all([listed(project, "/Keys?PageSize=500", "keys"), listed(project, "/tokens?PageSize=500", "tokens")]);
      known = new Map((list ?? []).map((one) => [one.sid, { name: one.friendly_name, permissions: tokens?.find((token) => token.id === one.sid)?.permissions }]));
      if (list === null) return el("p", { class: "hint" }, "This token may not see keys, or the project is a strict one whose vendor has none.");
      return [
        made && el("p", { class: "done secret", role: "status", "data-key": "secret" }, "The secret of ", name(made.friendly_name), ", told this once: ", el("code", {}, made.secret)),
        section("keys", "Keys and tokens", list.map((one) => keyLine(one, known.get(one.sid).permissions)), "There is none beside the project's own token.", [field("key-name", "Name"), act("make", "Make a key")]),
      ];
    },
    orders,
    {
      asks: (button) => (button.dataset.do === "change" ? changing(known.get(button.dataset.sid)) : null),
      confirms: (button) => (button.dataset.do === "revoke" ? "Revoke this key? Whoever uses it is let in no more." : null),
      came: (button, answer) => {
        made = button.dataset.do === "make" ? answer : null;
      },
    },
  );
}

function keyLine(one, permissions) {
  const about = { "data-sid": one.sid };
  const who = one.friendly_name || one.sid;
  return el("li", { "data-key": one.sid }, [
    el("strong", {}, name(one.friendly_name || "without a name")),
    el("code", {}, one.sid),
    permissions && el("span", { class: "hint", "data-key": "permissions" }, `opens ${permissions.join(", ") || "nothing"}`),
    el("span", { class: "when" }, one.date_created),
    act("change", "Change…", { ...about, "aria-label": `Change ${who}` }),
    act("revoke", "Revoke", { ...about, class: "grave", "aria-label": `Revoke ${who}` }),
  ]);
}

/** Ask for a key's name and, where the project tells them, its permissions. */
function changing(key) {
  const fields = [{ name: "name", label: "Name", value: key.name }];
  if (key.permissions) fields.push({ name: "permissions", label: "What it opens", several: PERMISSIONS, value: key.permissions });
  return { title: "Change a key", submit: "Save", fields };
}
