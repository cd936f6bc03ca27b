import { inOne, lineOf, pair, plain, soft, type Block, type Line } from './blocks.js';
import { recordOfMember, textOfMember, type QuotedEvent, type Records } from './records.js';
import { isRecord } from './complaint-events.js';

/**
 * A parameter of the rulebook that an event was judged by, and whether a source states it:
 * `appealInitiateDays = 5`.
 */
export function restsOn(
  records: Records,
  rulebook: QuotedEvent['rulebook'],
  ...names: readonly string[]
): Line {
  const published = rulebookEvents(records).find(({ data }) => data['sha256'] === rulebook?.sha256);
  if (published === undefined) return [];
  const parameters = recordOfMember(recordOfMember(published.data, 'document'), 'parameters');
  const parts = names.flatMap((name): Line[] => {
    const parameter = parameters[name];
    if (!isRecord(parameter)) return [];
    const value = `${name} = ${textOfMember(parameter, 'value')}`;
    return [
      [
        { text: value },
        ...(parameter['assumed'] === true
          ? pair('（本账本设定，无依据）', '(assumed: no source answers)')
          : soft(` (${textOfMember(parameter, 'source')})`)),
      ],
    ];
  });
  return parts.length === 0 ? [] : [...pair('依据', 'rests on'), ...plain(' '), ...inOne(parts)];
}

/** Every rulebook of the pack: its version, when it took effect, when it was recorded, its hash. */
export function rulebookBlocks(records: Records): Block[] {
  return rulebookEvents(records).flatMap((event) => {
    const { data, effectiveAt, recordedAt, rulebook } = event;
    return [
      lineOf(
        inOne([
          [{ text: `${rulebook?.id ?? ''} ${rulebook?.rulebookVersion ?? ''}`, heavy: true }],
          [...pair('生效', 'in force from'), ...at(records, effectiveAt)],
          [...pair('记录', 'recorded'), ...at(records, recordedAt)],
        ]),
      ),
      lineOf(soft(`SHA-256 ${textOfMember(data, 'sha256')}`)),
    ];
  });
}

function rulebookEvents(records: Records): readonly QuotedEvent[] {
  return records.elsewhere('RulebookShipped', 'RulebookPublished');
}

function at(records: Records, instant: string | undefined): Line {
  return instant === undefined ? [] : plain(` ${records.instant(instant)}`);
}
