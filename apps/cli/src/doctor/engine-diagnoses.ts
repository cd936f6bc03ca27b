import { sharedEngineOf, sideStreams, streamsOf } from '@penalty-ledger/application/open-store';
import type { EventStore } from '@penalty-ledger/event-store';
import { alarms, alarmsStream, eventIn, readEvent } from '@penalty-ledger/ledger';
import { keptHeads } from '../ledger/kept-heads.js';
import { count, figure } from '../terminal/words.js';
import type { Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';
import { ok, warn, fail } from './findings.js';

/** The alarms of harm that was done, where "verify" fails too; the others are of threats. */
const harm: ReadonlySet<string> = new Set(['stream_deleted', 'stream_truncated']);

/** Threats to the ledger's streams that the engine shows now, and alarms recorded before. */
export async function engineDiagnoses(
  store: EventStore,
  log: string,
): Promise<readonly Diagnosis[]> {
  const engine = sharedEngineOf(store);
  let standing = alarms.empty;
  for await (const batch of store.readStream(alarmsStream))
    for (const record of batch)
      standing = alarms.evolve(standing, eventIn('alarms', readEvent(record)));
  if (engine === undefined && standing.size === 0) return [];
  const streams = await streamsOf(store);
  // Of a stream that was scavenged away only the log has the name.
  for (const { stream } of keptHeads(log)) streams.add(stream);
  const found = engine === undefined ? [] : await engine.tripwires(streams, sideStreams);
  const alarmDiagnoses = found.map(({ code, stream, what, hint }) =>
    (harm.has(code) ? fail : warn)(
      `alarm ${code}`,
      stream === undefined
        ? saidIn(what)
        : said(`stream ${stream}: ${what.en}`, `事件流 ${stream}：${what.zh}`),
      saidIn(hint),
    ),
  );
  const recorded = said(
    `${count(standing.size, 'alarm')} recorded that ${standing.size === 1 ? 'stands' : 'stand'}`,
    `已记录且仍有效的警报 ${figure(standing.size)} 个`,
  );
  return [
    ...alarmDiagnoses,
    standing.size === 0
      ? ok('alarms', recorded)
      : warn(
          'alarms',
          recorded,
          said(
            `"ledger export" has them in the stream "${alarmsStream}"`,
            `"ledger export" 的事件流 "${alarmsStream}" 中有这些警报`,
          ),
        ),
  ];
}
