// Lets a test drive an official JavaScript SDK: one JSON command per line in, one JSON answer per line out.
// Nothing of the SDK is replaced: only the address is ours. `node steer.cjs '{"sdk": …, "sid": …, "token": …, …}'`

'use strict';

const readline = require('node:readline');

const settings = JSON.parse(process.argv[2]);

function open() {
  const { sid, token, account, base, host } = settings;
  if (settings.sdk === 'twilio') {
    const client = require(settings.package || 'twilio')(sid, token, account ? { accountSid: account } : {});
    client.api.baseUrl = base;
    return client;
  }
  const { RestClient } = require('@signalwire/compatibility-api');
  const client = RestClient(sid, token, { signalwireSpaceUrl: host });
  if (base.startsWith('http://')) client.api.baseUrl = base;
  return client;
}

const client = open();
const plain = (one) => JSON.parse(JSON.stringify(one));

const verbs = {
  list: ({ conference, options }) => client.conferences(conference).participants.list(options || {}),
  each: ({ conference, options }) => new Promise((resolve, reject) => {
    const found = [];
    client.conferences(conference).participants.each({
      ...options,
      callback: (one) => found.push(plain(one)),
      done: (error) => (error ? reject(error) : resolve(found)),
    });
  }),
  fetch: ({ conference, call }) => client.conferences(conference).participants(call).fetch(),
  update: ({ conference, call, options }) => {
    const participant = client.conferences(conference).participants(call);
    return options === undefined ? participant.update() : participant.update(options);
  },
  remove: ({ conference, call }) => client.conferences(conference).participants(call).remove(),
  conferences: ({ options }) => client.conferences.list(options || {}),
  conference: ({ conference }) => client.conferences(conference).fetch(),
  record_call: ({ call, options }) => client.calls(call).recordings.create(options || {}),
  recording: ({ recording }) => client.recordings(recording).fetch(),
  remove_recording: ({ recording }) => client.recordings(recording).remove(),
  recordings: ({ conference }) => client.conferences(conference).recordings.list(),
  update_recording: ({ conference, recording, options }) => (
    client.conferences(conference).recordings(recording).update(options)
  ),
  update_conference: ({ conference, options }) => client.conferences(conference).update(options),
};

function told(error) {
  return { error: { name: error.constructor.name, status: error.status, code: error.code, message: error.message } };
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { result: plain(await verbs[command.do](command)) };
  } catch (error) {
    answer = told(error);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
