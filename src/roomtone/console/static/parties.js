// What people are called on the page: by their label, or else by their number or client. Of a SIP address it shows who,
// and tells the whole address to whoever asks (the title of the element).

import { name } from "./dom.js";

/** A number, a client, or who is meant by a SIP address: `sip:+1555%20a;x=y@host` is `+1555 a`. */
export function short(address) {
  const [, user, host] = /^sips?:(?:([^@]*)@)?([^;?]*)/i.exec(address) ?? [];
  if (user === undefined) return host || address;
  const bare = user.replace(/[:;].*$/s, ""); // a password or parameters are nobody's name
  return decoded(bare) || host || address;
}

/** An address as it is shown: short, and whole in the title. */
export function party(address) {
  const text = short(address);
  return text === address ? name(text) : name(text, address);
}

/**
 * Those of a conference: `text(call)` names one, `shown(call)` makes the element that does, `whole(call)` is their address.
 * Of two who would have the same name, whose addresses differ, neither is shortened, nor is one who would have another's
 * label: nobody passes for another.
 */
export function partiesOf(participants) {
  const known = new Map(participants.map((one) => [one.call_sid, one]));
  const whole = (call) => known.get(call)?.number || call;
  const meant = new Map(); // by what would be shown: the address (of a label, its call), or null for several
  for (const [call, { label }] of known) {
    const [brief, who] = label ? [label, call] : [short(whole(call)), whole(call)];
    meant.set(brief, [undefined, who].includes(meant.get(brief)) ? who : null);
  }
  const text = (call) => known.get(call)?.label || (meant.get(short(whole(call))) === null ? whole(call) : short(whole(call)));
  return { text, whole, shown: (call) => name(text(call), text(call) === whole(call) ? null : whole(call)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
