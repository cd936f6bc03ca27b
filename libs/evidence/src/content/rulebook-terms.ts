import { inOne, lineOf, pair, plain, soft, term, type Block, type Line } from './blocks.js';
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

/**
 * Every rulebook of the pack: its version, when it took effect, when it was recorded, its hash, and
 * what follows from the time of recording.
 */
export function rulebookBlocks(records: Records): Block[] {
  const inTime = new Map(records.data.computation.rulebooks.map((each) => [each.sha256, each]));
  return rulebookEvents(records).flatMap(({ data, effectiveAt, recordedAt, rulebook, type }) => {
    const sha256 = textOfMember(data, 'sha256');
    const { findings = [], retroactive = [] } = inTime.get(sha256) ?? {};
    return [
      lineOf(
        inOne([
          [{ text: `${rulebook?.id ?? ''} ${rulebook?.rulebookVersion ?? ''}`, heavy: true }],
          [...pair('生效', 'in force from'), ...at(records, effectiveAt)],
          [
            ...(type === 'RulebookShipped'
              ? pair('随账本提供', 'came with the ledger')
              : pair('记录', 'recorded')),
            ...at(records, recordedAt),
          ],
        ]),
      ),
      lineOf(soft(`SHA-256 ${sha256}`)),
      ...findings.map((finding) => {
        const acts = retroactive.map((revision) => `#${revision}`).join(', ');
        const about = finding === 'retroactive_rulebook' ? ` (${acts})` : '';
        return lineOf([{ text: `${finding} ` }, ...term(finding), ...plain(about)]);
      }),
    ];
  });
}

function rulebookEvents(records: Records): readonly QuotedEvent[] {
  return records.elsewhere('RulebookShipped', 'RulebookPublished');
}

function at(records: Records, instant: string | undefined): Line {
  return instant === undefined ? [] : plain(` ${records.instant(instant)}`);
}
