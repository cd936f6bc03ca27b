import { parentPort } from 'node:worker_threads';

type WireServers = typeof import('../../test/support/eventstoredb/index.js');

// A thread with the wire server in it, so that what the engine does is not measured as the client's. Ends with its worker.
const compiled = new URL('../../test/dist/eventstoredb/index.js', import.meta.url);
const { WireServer } = (await import(compiled.href)) as WireServers;
const server = await WireServer.start();
parentPort?.postMessage(server.url);
