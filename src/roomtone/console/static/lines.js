// What asks the same from a program: a line of a shell, and of the vendors' SDKs. The token stays out of all of them.

import { pairs, typeOf } from "./api.js";

const BOOLEANS = new Set(["Muted", "Hold", "Coaching", "EndConferenceOnExit", "BeepOnExit", "EarlyMedia"]);

/** The field that holds a browser's offer, which is in a file here. */
const OFFER = "Sdp";

/** Resources that the SDKs have, as Python spells them. */
const KNOWN = new Map([
  ["Calls", "calls"],
  ["Conferences", "conferences"],
  ["Participants", "participants"],
  ["Recordings", "recordings"],
  ["IncomingPhoneNumbers", "incoming_phone_numbers"],
]);

export const LANGUAGES = { curl: "curl", python: "Python", node: "Node" };

/** Give the text that does an order in a language. */
export function written(language, project, order) {
  if (language === "python") return python(project, order);
  return language === "node" ? node(project, order) : curl(project, order);
}

function curl(project, { method = "GET", path, form = null, file = null }) {
  const words = ["curl", "-u", `"${project.sid}:$TOKEN"`];
  if (file !== null) return [...words, "-H", quoted(`Content-Type: ${typeOf(file)}`), "--data-binary", quoted(`@${file.name}`), quoted(location.origin + project.base + path)].join(" ");
  const fields = pairs(form);
  if (method === "DELETE" || (method === "POST" && fields.length === 0)) words.push("-X", method);
  words.push(quoted(location.origin + project.base + path));
  for (const [field, value] of fields) words.push(...field_of(field, value));
  return words.join(" ");
}

function field_of(field, value) {
  if (field === OFFER) return ["--data-urlencode", `${field}@${value}`];
  if (/^[\w.-]*$/.test(value)) return ["-d", `${field}=${value}`];
  // What a terminal would not show as it is goes encoded.
  if (/[^\x20-\x7e]/.test(value)) return ["-d", quoted(`${field}=${encodeURIComponent(value.toWellFormed())}`)];
  return ["--data-urlencode", quoted(`${field}=${value}`)];
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const isTwilio = (project) => project.sid.startsWith("AC");

function python(project, order) {
  const client = isTwilio(project)
    ? `from twilio.rest import Client\n\nclient = Client(${pythonText(project.sid)}, os.environ["TOKEN"])`
    : `from signalwire.rest import Client\n\nclient = Client(${pythonText(project.sid)}, os.environ["TOKEN"], signalwire_space_url=${pythonText(location.origin)})`;
  return `import os\n\n${client}\nclient.api.base_url = ${pythonText(location.origin)}\n${pythonCall(project, order)}`;
}

function node(project, order) {
  const client = isTwilio(project)
    ? `const client = require("twilio")(${nodeText(project.sid)}, process.env.TOKEN);`
    : `const { RestClient } = require("@signalwire/compatibility-api");\nconst client = RestClient(${nodeText(project.sid)}, process.env.TOKEN, { signalwireSpaceUrl: ${nodeText(location.host)} });`;
  return `${client}\nclient.api.baseUrl = ${nodeText(location.origin)};\n${nodeCall(project, order)}`;
}

function pythonCall(project, order) {
  const { method = "GET", path, form = null, file = null } = order;
  const target = chain(order, (word) => word, pythonText);
  if (file !== null) return `import base64\n\ncontent = base64.b64encode(open(${pythonText(file.name)}, "rb").read()).decode()\nclient.request(${pythonText(method)}, ${pythonText(location.origin + project.base + path)}, data={"Content": content})`;
  const fields = Object.entries(form ?? {});
  if (target === null) {
    const data = fields.length > 0 ? `, data={${fields.map(([field, value]) => `${pythonText(field)}: ${field === OFFER ? `open(${pythonText(value)}).read()` : pythonText(value)}`).join(", ")}}` : "";
    return `client.request(${pythonText(method)}, ${pythonText(location.origin + project.base + path)}${data})`;
  }
  const given = fields.map(([field, value]) => `${pythonName(field)}=${BOOLEANS.has(field) ? (value === "true" ? "True" : "False") : pythonText(value)}`);
  return `client.${target}.${verb(order, "delete")}(${given.join(", ")})`;
}

function nodeCall(project, order) {
  const { method = "GET", path, form = null, file = null } = order;
  const target = chain(order, camel, nodeText);
  if (file !== null) return `const Content = require("fs").readFileSync(${nodeText(file.name)}).toString("base64");\nclient.request({ method: ${nodeText(method.toLowerCase())}, uri: ${nodeText(location.origin + project.base + path)}, data: { Content } });`;
  const fields = Object.entries(form ?? {});
  if (target === null) {
    const data = fields.length > 0 ? `, data: { ${fields.map(([field, value]) => `${field}: ${field === OFFER ? `require("fs").readFileSync(${nodeText(value)}, "utf8")` : nodeText(value)}`).join(", ")} }` : "";
    return `client.request({ method: ${nodeText(method.toLowerCase())}, uri: ${nodeText(location.origin + project.base + path)}${data} });`;
  }
  const given = fields.map(([field, value]) => `${field[0].toLowerCase()}${field.slice(1)}: ${BOOLEANS.has(field) ? value : nodeText(value)}`);
  return `client.${target}.${verb(order, "remove")}(${given.length > 0 ? `{ ${given.join(", ")} }` : ""});`;
}

/** The SDK's way to a resource; null: the SDKs do not know it, and ask for its address instead. */
function chain({ method, path }, spelled, text) {
  const parts = path.split("?")[0].split("/").slice(1).map(decodeURIComponent);
  const words = parts.filter((_, at) => at % 2 === 0);
  const ours = words.join("/") === "Conferences/Recordings" && parts.length % 2 === 1; // to begin one is our own
  if (method === "GET" || ours || words.some((word) => !KNOWN.has(word))) return null;
  return words.map((word, at) => spelled(KNOWN.get(word)) + (parts[2 * at + 1] === undefined ? "" : `(${text(parts[2 * at + 1])})`)).join(".");
}

function verb({ method, path }, remove) {
  if (method === "DELETE") return remove;
  return path.split("/").length % 2 === 0 ? "create" : "update";
}

function pythonName(field) {
  const name = field.replace(/(?<!^)(?=[A-Z])/g, "_").toLowerCase();
  return name === "from" ? "from_" : name;
}

function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function nodeText(text) {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function pythonText(text) {
  if (Array.isArray(text)) return `[${text.map(pythonText).join(", ")}]`;
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (one) => `\\U${one.codePointAt(0).toString(16).padStart(8, "0")}`);
}
