// Being told when something changes: the project's server-sent events, read by fetch, since EventSource cannot show a
// token. Every event says what to ask for anew; after a gap the server says "reset", which is everything.

const SILENT_MS = 40_000; // the server says something every 15 s
const POLL_MS = 2_000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Listen until `stop` is called on what is given. */
export function listen(project, { changed, state, refused }) {
  let stopped = false;
  let connection = new AbortController();
  run();
  return {
    stop() {
      stopped = true;
      connection.abort();
    },
  };

  async function run() {
    let lastId = null;
    let waitMs = 250;
    while (!stopped) {
      connection = new AbortController();
      const watch = watchdog(connection);
      try {
        const response = await fetch(`${project.base}/Changes`, {
          headers: { Authorization: project.authorization, ...(lastId && { "Last-Event-ID": lastId }) },
          credentials: "omit",
          cache: "no-store",
          signal: connection.signal,
        });
        if (response.status === 401) return refused();
        if (response.status === 404) return await poll();
        if (response.ok) {
          state("live");
          waitMs = 250;
          for await (const event of events(response.body, watch.fed)) {
            lastId = event.id ?? lastId;
            changed(event.type === "reset" ? null : JSON.parse(event.data));
          }
          if (!stopped) continue; // it ends every few minutes, so that the token is looked at again
        }
      } catch {
        // told by the state; tried again below
      } finally {
        watch.end();
      }
      if (stopped) return;
      state("reconnecting");
      await sleep(waitMs * (0.5 + Math.random() / 2));
      waitMs = Math.min(waitMs * 2, 5_000);
    }
  }

  /** A strict project has nothing that its vendor has not: ask again and again instead. */
  async function poll() {
    state("asking every 2 s");
    while (!stopped) {
      changed(null);
      await sleep(POLL_MS);
    }
  }
}

/** End a connection on which nothing comes any more. */
function watchdog(connection) {
  let timer = setTimeout(() => connection.abort(), SILENT_MS);
  return {
    fed() {
      clearTimeout(timer);
      timer = setTimeout(() => connection.abort(), SILENT_MS);
    },
    end() {
      clearTimeout(timer);
    },
  };
}

/** Read a stream of events. */
async function* events(body, fed) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    fed();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event.data !== "") yield event;
    }
  }
}

function parsed(block) {
  const event = { type: "message", data: "", id: null };
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (field === "event") event.type = value;
    else if (field === "data") event.data += value;
    else if (field === "id") event.id = value;
  }
  return event;
}

/** Make a function that does some work at once, or again once it is done, with a pause in between. */
export function coalesced(work, pauseOf) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
        await sleep(pauseOf());
      }
    } finally {
      running = false;
    }
  };
}
