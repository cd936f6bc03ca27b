type WireServers = typeof import('../../test/support/eventstoredb/index.js');

// A process with the wire server in it, so that neither what the engine does nor what it keeps is measured as the client's. Ends with its parent.
const compiled = new URL('../../test/dist/eventstoredb/index.js', import.meta.url);
const { WireServer } = (await import(compiled.href)) as WireServers;
const server = await WireServer.start();
process.on('disconnect', () => process.exit());
process.send?.(server.url);
