import { sha256, utf8 } from './bytes.js';
import { canonical } from './canonical-json.js';
import { instantOfText, isCalendarDocument, isRulebookDocument } from './event-forms.js';
import { byText } from './forms.js';
import { must } from './problem.js';

const calendarType = 'CalendarPublished';
/** The most events of the register (evidence-pack.md, "Limits"). */
const mostRulebooks = 500;
const types = ['RulebookShipped', 'RulebookPublished', calendarType];

/** Returns the rulebooks, if each is the one its event names and every event names one of them. */
export const checkRulebooks = async (streams) => {
  const chain = streams.get('rulebooks') ?? [];
  must(chain.length > 0, 'rulebook_missing');
  must(chain.length <= mostRulebooks, 'rulebook_form', 'too many');
  const register = [];
  for (const { event } of chain) {
    const { data, recordedAt, rulebook, type } = event;
    const { document, sha256: stated } = data;
    const isDocument = type === calendarType ? isCalendarDocument : isRulebookDocument;
    const isOfRegister = types.includes(type) && event.schemaVersion === 1;
    must(isOfRegister && isDocument(document), 'rulebook_form');
    const found = await sha256(utf8.encode(canonical(document)));
    if (type === calendarType) {
      must(stated === found && rulebook === undefined, 'rulebook_hash');
      continue;
    }
    const { id, rulebookVersion } = document;
    must(stated === found && rulebook !== undefined, 'rulebook_hash');
    const reference = { id, rulebookVersion, sha256: found };
    must(canonical(rulebook) === canonical(reference), 'rulebook_hash');
    const effectiveFrom = instantOfText(document.effectiveFrom);
    register.push({ document, effectiveFrom, reference, recordedAt, type });
  }
  const known = new Set(register.map(({ reference }) => canonical(reference)));
  for (const { event } of [...streams.values()].flat())
    must(event.rulebook === undefined || known.has(canonical(event.rulebook)), 'rulebook_unknown');
  return register;
};

/** Returns the rulebook in force (rulebook.md, "What is in force when"). */
export const inForceAt = (register, effectiveAt, knownAt) => {
  const published = register.filter(
    ({ type, recordedAt }) => type === 'RulebookPublished' && recordedAt <= knownAt,
  );
  const shipped = register.filter(({ type }) => type === 'RulebookShipped');
  const known = published.length > 0 ? published : shipped;
  must(known.length > 0, 'computation_events', 'no rulebook is known');
  const sorted = known.toSorted((a, b) => byText(a.effectiveFrom, b.effectiveFrom));
  return sorted.findLast(({ effectiveFrom }) => effectiveFrom <= effectiveAt) ?? sorted[0];
};
