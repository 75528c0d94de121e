// The REST API, as any customer has it: HTTP Basic with the project's sid and token, forms in, JSON out.

const KEPT = "roomtone.project";
const LARGEST_FILE_BYTES = 10_000_000;

/** A refusal, or a fault on the way. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Give the fields of a form one by one: what there are several of is an array there. */
export function pairs(form) {
  return Object.entries(form ?? {}).flatMap(([field, value]) => [value].flat().map((one) => [field, one]));
}

/** One project, and the right to ask for it. */
export class Project {
  constructor(sid, token) {
    this.sid = sid;
    this.token = token;
    const prefix = sid.startsWith("AC") ? "" : "/api/laml";
    this.base = `${prefix}/2010-04-01/Accounts/${encodeURIComponent(sid)}`;
    const bytes = new TextEncoder().encode(`${sid}:${token}`);
    this.authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
    this.sounds = []; // addresses that hold what was fetched
  }

  /** The project signed in to in this tab; null: none. */
  static kept() {
    try {
      const { sid, token } = JSON.parse(sessionStorage.getItem(KEPT));
      return new Project(sid, token);
    } catch {
      return null;
    }
  }

  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify({ sid: this.sid, token: this.token }));
  }

  static forget() {
    sessionStorage.removeItem(KEPT);
  }

  async fetched({ method = "GET", path, form = null, file = null, signal, keepalive }) {
    if (file !== null && file.size > LARGEST_FILE_BYTES) throw new ApiError(413, `${file.name} has ${Math.ceil(file.size / 1e6)} MB, and 10 MB are taken`);
    const type = file === null ? {} : { "Content-Type": typeOf(file) };
    try {
      return await fetch(this.base + path, {
        method,
        headers: { Authorization: this.authorization, Accept: "application/json", ...type },
        body: file ?? (form === null ? undefined : new URLSearchParams(pairs(form))),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal,
        keepalive,
      });
    } catch {
      throw new ApiError(0, "the server cannot be reached");
    }
  }

  /** Ask, and give the JSON of the answer (null: it has none). Throws ApiError. */
  async ask(order) {
    const response = await this.fetched(order);
    const text = await response.text();
    let body = null;
    try {
      body = text === "" ? null : JSON.parse(text);
    } catch {
      throw new ApiError(response.status, "the answer is no JSON");
    }
    if (!response.ok) throw new ApiError(response.status, body?.message ?? `HTTP ${response.status}`);
    return body;
  }

  /** Give what is in a list's first page, by the name of its key. */
  async list(path, key) {
    const body = await this.ask({ path });
    return body[key] ?? [];
  }

  /** Fetch what is no JSON, as an address that this page can play. */
  async sound(path) {
    const response = await this.fetched({ path });
    if (!response.ok) throw new ApiError(response.status, `HTTP ${response.status}`);
    const address = URL.createObjectURL(await response.blob());
    this.sounds.push(address);
    return address;
  }

  /** Give back what was fetched: nobody is signed in any more. */
  release() {
    this.sounds.splice(0).forEach((address) => URL.revokeObjectURL(address));
  }
}

/** What a file is sent as: what the browser takes it for, if that is sound. */
export function typeOf(file) {
  return file.type.startsWith("audio/") ? file.type : "application/octet-stream";
}

/** Whether a text can be a project's sid: then it can stand in a path and in a shell's line as it is. */
export function isSid(text) {
  return /^[0-9A-Za-z-]{20,60}$/.test(text);
}
