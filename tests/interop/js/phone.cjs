// A SIP phone as browsers have it (JsSIP, unmodified), registered over a WebSocket. Tells what happens in lines of JSON;
// refuses each call with the status it is given, since it has no sound here.
//
//   node phone.cjs '{"url": "wss://127.0.0.1:5061", "uri": "sip:alice@127.0.0.1", "password": "...", "refusal": 486}'
"use strict";

// JsSIP takes calls only where there is WebRTC; it looks for it, and needs it once a call is answered, which none is here.
globalThis.window = { RTCPeerConnection: class {} };

const JsSIP = require("jssip");
const NodeWebSocket = require("jssip-node-websocket");

const settings = JSON.parse(process.argv[2]);
const tell = (what, more) => process.stdout.write(JSON.stringify({ what, ...more }) + "\n");

const phone = new JsSIP.UA({
  uri: settings.uri,
  password: settings.password,
  sockets: [new NodeWebSocket(settings.url)],
  register_expires: 120,
  user_agent: "JsSIP of the tests",
});

phone.on("connected", () => tell("connected", {}));
phone.on("disconnected", (told) => tell("disconnected", { error: Boolean(told.error) }));
phone.on("registered", () => tell("registered", {}));
phone.on("registrationFailed", (told) => tell("refused", { cause: told.cause }));
phone.on("newRTCSession", ({ originator, request, session }) => {
  if (originator !== "remote") return;
  tell("invited", { from: request.from.uri.toString(), via: request.getHeader("Via"), sdp: Boolean(request.body) });
  session.terminate({ status_code: settings.refusal });
});
phone.on("newMessage", ({ originator, request }) => {
  if (originator === "remote") tell("message", { body: request.body });
});

process.stdin.on("data", () => phone.stop());
process.stdin.on("end", () => {
  phone.stop();
  setTimeout(() => process.exit(0), 500).unref();
});
phone.start();
