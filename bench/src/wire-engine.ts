type WireServers = typeof import('../../test/support/eventstoredb/index.js');

// A separate process for the wire server, so that the client's measurement excludes the engine's
// time and memory. Ends with its parent.
const compiled = new URL('../../test/dist/eventstoredb/index.js', import.meta.url);
const { WireServer } = (await import(compiled.href)) as WireServers;
const server = await WireServer.start({ syncMs: Number(process.argv[2] ?? 0) });
process.on('disconnect', () => process.exit());
process.send?.(server.url);
