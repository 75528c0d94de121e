// A call of this browser's own: microphone, connection, keys. The offer goes to the REST API as any customer's does
// (…/BrowserCalls); sound goes straight to the server's media port. Knows nothing of the page.

import { ApiError } from "./api.js";

/** What a browser does to a microphone's sound before it is sent: free of echo, unless it shall be left as it is. */
const wishes = (clean) => ({ echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean });
const TONE_MS = 120;
const REFUSALS = {
  NotAllowedError: "the browser gives no microphone: allow it beside the address",
  NotFoundError: "there is no microphone",
  NotReadableError: "the microphone is in use elsewhere",
};

/** One call, from the wish to its end. `player` is an audio element; `changed(state)` is told what becomes of it. */
export class Line {
  constructor(player, changed) {
    this.player = player;
    this.changed = changed;
    this.sid = null;
    this.over = false;
    this.given = new AbortController();
  }

  /** Make the call that an order says. Throws ApiError. */
  async call(project, order, original) {
    this.project = project;
    try {
      this.changed("asking for the microphone");
      const listens = order.form.Muted === "true";
      const [sound, iceServers] = await Promise.all([microphone(!original, listens), servers(project)]);
      this.sound = sound;
      this.alive();
      this.connect(iceServers);
      await this.connection.setLocalDescription();
      this.changed("calling");
      await this.agree(order);
    } catch (fault) {
      const told = this.over ? new ApiError(0, "hung up") : asApiError(fault);
      this.end(`not connected (${told.message})`);
      throw told;
    }
  }

  alive() {
    if (this.over) throw new ApiError(0, "hung up");
  }

  connect(iceServers) {
    const line = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.connection = line;
    line.ontrack = ({ track }) => {
      this.player.srcObject = new MediaStream([track]);
      this.player.play().catch(() => {}); // told by the state that nothing is wrong with the call
    };
    line.onconnectionstatechange = () => this.moved(line.connectionState);
    const [track] = this.sound?.getAudioTracks() ?? [];
    if (track) this.sender = line.addTrack(track, this.sound);
    else line.addTransceiver("audio", { direction: "recvonly" });
  }

  /** Send our offer and take the answer. */
  async agree(order) {
    const form = { ...order.form, Sdp: this.connection.localDescription.sdp };
    const response = await this.project.fetched({ ...order, form, signal: this.given.signal });
    const text = await response.text();
    if (!response.ok) throw new ApiError(response.status, problem(text, response.status));
    this.sid = response.headers.get("Location").split("/").pop();
    if (this.over) this.tell(); // hung up while the answer was on its way
    this.alive();
    await this.connection.setRemoteDescription({ type: "answer", sdp: text });
  }

  /** What the connection says of itself: the server says goodbye by ending it. */
  moved(state) {
    if (this.over) return;
    if (state === "connected") this.changed("connected");
    else if (state === "disconnected") this.changed("interrupted");
    else if (state === "closed" || state === "failed") this.end("ended");
  }

  get canTalk() {
    return Boolean(this.sender);
  }

  get muted() {
    return this.sound?.getAudioTracks()[0]?.enabled === false;
  }

  set muted(silent) {
    for (const track of this.sound?.getAudioTracks() ?? []) track.enabled = !silent;
  }

  /** Send a key (RFC 4733), after those that still wait; false: it cannot be sent. */
  press(key) {
    const keys = this.sender?.dtmf;
    if (!keys?.canInsertDTMF) return false;
    keys.insertDTMF(keys.toneBuffer + key, TONE_MS);
    return true;
  }

  /** Hang up; `leaving`: the page goes away, too. */
  hangUp() {
    if (this.over) return;
    this.over = true;
    this.given.abort();
    if (this.sid !== null) this.tell();
    this.end("ended");
  }

  /** Tell the server that the call is over. Lost on the way, it finds out by the connection's end. */
  tell() {
    const path = `/BrowserCalls/${encodeURIComponent(this.sid)}`;
    this.project.fetched({ method: "DELETE", path, keepalive: true }).catch(() => {});
  }

  end(why) {
    const first = !this.ended;
    this.over = this.ended = true;
    for (const track of this.sound?.getTracks() ?? []) track.stop();
    this.connection?.close();
    this.player.srcObject = null;
    if (first) this.changed(why);
  }
}

/** What a browser's own parts refuse is told like what the server refuses. */
function asApiError(fault) {
  return fault instanceof ApiError ? fault : new ApiError(0, REFUSALS[fault.name] ?? fault.message);
}

/** The microphone; null: there is none, and whoever only listens needs none. */
async function microphone(clean, listens) {
  try {
    if (!navigator.mediaDevices) throw new ApiError(0, "browsers give a microphone only to pages by https, or on localhost");
    return await navigator.mediaDevices.getUserMedia({ audio: wishes(clean) });
  } catch (fault) {
    if (listens) return null;
    throw fault;
  }
}

/** STUN and TURN servers, if the operator has named any and the token may ask for a pass. */
async function servers(project) {
  try {
    const { ice_servers } = await project.ask({ method: "POST", path: "/Tokens", form: {} });
    return (ice_servers ?? []).map(({ urls, username, credential }) => ({ urls, username, credential }));
  } catch (fault) {
    if (fault instanceof ApiError) return [];
    throw fault;
  }
}

function problem(text, status) {
  try {
    return JSON.parse(text).message;
  } catch {
    return `HTTP ${status}`;
  }
}
