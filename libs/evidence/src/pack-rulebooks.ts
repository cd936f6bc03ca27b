import {
  calendarHash,
  canonicalJson,
  eventIn,
  readEvent,
  rulebooks,
  rulebookHash,
  rulebooksStream,
  type EventOf,
  type RulebookReference,
  type RulebookRegister,
} from '@penalty-ledger/ledger';
import { isCalendarDocument, isRulebookDocument } from './event-forms.js';
import { PackError } from './pack-error.js';
import type { PackStreams } from './pack-events.js';

/**
 * Reads the pack's register of rulebooks and calendars. Checks that each stands under the hash of
 * its own text, and that the pack has every rulebook its events name (rules §10).
 *
 * @throws PackError `rulebook_missing`, `rulebook_form`, `rulebook_hash`, `rulebook_unknown`
 */
export function checkRulebooks(streams: PackStreams): RulebookRegister {
  const chain = streams.get(rulebooksStream) ?? [];
  if (chain.length === 0)
    throw new PackError('rulebook_missing', {
      en: 'the pack has no rulebook',
      zh: '证据包中没有规则',
    });
  if (chain.length > maxRulebooks)
    throw new PackError('rulebook_form', {
      en: `more than ${maxRulebooks} rulebooks and calendars`,
      zh: `规则与节假日历超过 ${maxRulebooks} 份`,
    });
  let register = rulebooks.empty;
  const known = new Set<string>();
  for (const { event } of chain) {
    const { data, revision, schemaVersion, type } = event;
    const isDocument = type === 'CalendarPublished' ? isCalendarDocument : isRulebookDocument;
    if (!registerTypes.has(type) || schemaVersion !== 1 || !isDocument(data['document']))
      throw new PackError('rulebook_form', {
        en: `event ${revision} of "${rulebooksStream}" holds no rulebook`,
        zh: `"${rulebooksStream}" 的事件 ${revision} 中没有规则`,
      });
    try {
      const recorded = eventIn('rulebooks', readEvent({ body: canonicalJson(event) }));
      register = rulebooks.evolve(register, recorded);
      if (recorded.type === 'CalendarPublished') {
        checkCalendar(recorded);
        continue;
      }
      const { document, sha256 } = recorded.data;
      const reference = {
        id: document.id,
        rulebookVersion: document.rulebookVersion,
        sha256: rulebookHash(document),
      };
      if (
        sha256 !== reference.sha256 ||
        event.rulebook === undefined ||
        nameOf(event.rulebook) !== nameOf(reference)
      )
        throw new PackError('rulebook_hash', {
          en: `event ${event.revision}: the rulebook has not the hash or name it goes by`,
          zh: `事件 ${event.revision}：规则与其所用的哈希或名称不符`,
        });
      known.add(nameOf(reference));
    } catch (error) {
      if (error instanceof PackError) throw error;
      throw new PackError(
        'rulebook_hash',
        {
          en: `event ${event.revision} of "${rulebooksStream}" holds no rulebook`,
          zh: `"${rulebooksStream}" 的事件 ${event.revision} 中没有规则`,
        },
        { cause: error },
      );
    }
  }
  for (const [stream, events] of streams) {
    for (const { event } of events) {
      if (event.rulebook !== undefined && !known.has(nameOf(event.rulebook)))
        throw new PackError('rulebook_unknown', {
          en: `event ${event.revision} of "${stream}" names a rulebook that is not there`,
          zh: `"${stream}" 的事件 ${event.revision} 所引用的规则不在证据包中`,
        });
    }
  }
  return register;
}

/** The most events of the register in a pack (`docs/spec/evidence-pack.md`, "Limits"). */
const maxRulebooks = 500;

const registerTypes = new Set(['RulebookShipped', 'RulebookPublished', 'CalendarPublished']);

/** @throws PackError `rulebook_hash` */
function checkCalendar({ data, revision, rulebook }: EventOf<'CalendarPublished'>): void {
  if (data.sha256 !== calendarHash(data.document) || rulebook !== undefined)
    throw new PackError('rulebook_hash', {
      en: `event ${String(revision)}: the calendar has not the hash it goes by`,
      zh: `事件 ${String(revision)}：节假日历与其所用的哈希不符`,
    });
}

function nameOf({ id, rulebookVersion, sha256 }: RulebookReference): string {
  return `${id}@${rulebookVersion}#${sha256}`;
}
