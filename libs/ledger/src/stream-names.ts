/** The ledger's own stream: its first event is the ledger's first event (`docs/spec/event.md`). */
export const ledgerStream = 'ledger';

/** The register of rulebooks: one stream, never edited, only added to (rules §10). */
export const rulebooksStream = 'rulebooks';

/** The subjects that were erased, and the erasures that a legal hold refused. */
export const erasuresStream = 'erasures';

/** Alarms about engine settings that could delete events, and their ends. */
export const alarmsStream = 'alarms';

/** Everything that is decided together about one agency: the consistency boundary. */
export function agencyStream(agencyId: string): string {
  return `agency-${agencyId}`;
}

/** One creator's bindings and its exposure right. */
export function creatorStream(creatorId: string): string {
  return `creator-${creatorId}`;
}

/**
 * The live sessions of one agency that start in one month, `2019-04`: long enough that appends come
 * in batches, short enough that its head is found cheaply.
 */
export function sessionsStream(agencyId: string, month: string): string {
  // "session" and not "sessions": an agency's id of 64 characters fills the 80 of a stream's name.
  return `session-${agencyId}-${month}`;
}

/** One registered piece of evidence. */
export function evidenceStream(evidenceId: string): string {
  return `evidence-${evidenceId}`;
}

/** The traffic slots of one date, `2019-04-01`. */
export function slotsStream(date: string): string {
  return `slots-${date}`;
}

/** The theme proposals for one month, `2019-04`. */
export function themesStream(month: string): string {
  return `themes-${month}`;
}

/** The refused commands of one month, `2019-04`: by month, so that its head is found cheaply. */
export function refusalsStream(month: string): string {
  return `refusals-${month}`;
}

/** The parts of a stream's name. */
export type ParsedStream =
  | { readonly kind: 'ledger' | 'rulebooks' | 'erasures' | 'alarms' }
  | { readonly kind: 'agency'; readonly agencyId: string }
  | { readonly kind: 'creator'; readonly creatorId: string }
  | { readonly kind: 'sessions'; readonly agencyId: string; readonly month: string }
  | { readonly kind: 'evidence'; readonly evidenceId: string }
  | { readonly kind: 'slots'; readonly date: string }
  | { readonly kind: 'themes' | 'refusals'; readonly month: string };

/** The kinds of streams: each holds events of its own types (`events.ts`). */
export type StreamKind = ParsedStream['kind'];

const monthLength = '2019-04'.length;

/**
 * Reads a stream's name back into its parts. Ids keep their own hyphens: an agency's id ends before
 * the last `-2019-04` of its sessions' stream.
 *
 * @returns `undefined` for a name that is none of the ledger's
 */
export function parseStream(name: string): ParsedStream | undefined {
  const hyphen = name.indexOf('-');
  const prefix = hyphen === -1 ? name : name.slice(0, hyphen);
  const rest = hyphen === -1 ? '' : name.slice(hyphen + 1);
  switch (prefix) {
    case 'ledger':
    case 'rulebooks':
    case 'erasures':
    case 'alarms':
      return hyphen === -1 ? { kind: prefix } : undefined;
    case 'agency':
      return rest === '' ? undefined : { kind: prefix, agencyId: rest };
    case 'creator':
      return rest === '' ? undefined : { kind: prefix, creatorId: rest };
    case 'evidence':
      return rest === '' ? undefined : { kind: prefix, evidenceId: rest };
    case 'slots':
      return rest === '' ? undefined : { kind: prefix, date: rest };
    case 'themes':
    case 'refusals':
      return rest === '' ? undefined : { kind: prefix, month: rest };
    case 'session': {
      const split = rest.length - monthLength - 1;
      if (split < 1 || rest.charAt(split) !== '-') return undefined;
      return { kind: 'sessions', agencyId: rest.slice(0, split), month: rest.slice(split + 1) };
    }
    default:
      return undefined;
  }
}

/** The agency that a stream belongs to: its own stream, or its sessions. */
export function agencyOfStream(name: string): string | undefined {
  const parsed = parseStream(name);
  return parsed?.kind === 'agency' || parsed?.kind === 'sessions' ? parsed.agencyId : undefined;
}
