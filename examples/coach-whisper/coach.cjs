// A supervisor listens in, whispers to an agent, or speaks to all: SignalWire's JavaScript SDK against Roomtone.
//
//   ROOMTONE_SPACE=127.0.0.1:8443 ROOMTONE_SID=… ROOMTONE_TOKEN=… NODE_EXTRA_CA_CERTS=data/ca.pem \
//     node coach.cjs whisper CONFERENCE SUPERVISORS_CALL AGENTS_CALL

'use strict';

const { RestClient } = require('@signalwire/compatibility-api');

const [mode, conference, supervisor, agent] = process.argv.slice(2);

const updates = {
  monitor: { muted: true, coaching: true, callSidToCoach: agent }, // hears all, is heard by nobody
  whisper: { muted: false, coaching: true, callSidToCoach: agent }, // only the agent hears the supervisor
  barge: { muted: false, coaching: false, callSidToCoach: '' }, // everybody does
};

const client = RestClient(process.env.ROOMTONE_SID, process.env.ROOMTONE_TOKEN, {
  signalwireSpaceUrl: process.env.ROOMTONE_SPACE,
});

client
  .conferences(conference)
  .participants(supervisor)
  .update(updates[mode])
  .then((participant) => console.log(`muted: ${participant.muted}, coaching: ${participant.callSidToCoach}`))
  .catch((error) => {
    console.error(`${error.status} ${error.code}: ${error.message}`);
    process.exitCode = 1;
  });
