import { answer } from './answers.js';
import { formatInstant, parseInstant, yearOf } from './calendar.js';
import { breaches, contradicts, decide } from './commands.js';
import type { Fact, NewFact } from './facts.js';
import { Line } from './line.js';
import { deductions, expulsions, isSupported, pendingAt, standingAt, sumOf } from './questions.js';
import { ofType } from './facts.js';
import { threshold } from './rules.js';
import { commands, envelope, fits, isData, type Data } from './shapes.js';

export interface Outcome {
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  readonly code: string | null;
  readonly events: readonly string[];
  readonly findings: readonly string[];
}

/**
 * A reference interpreter of a *simulation* (interchange §2), written from the specification alone.
 * It keeps the list of recorded facts and computes everything else anew for every question. It
 * should be obviously right, not fast.
 */
export class Oracle {
  readonly mode: 'observer' | 'operator';
  #clock: number | null = null;
  #facts: readonly Fact[] = [];
  #accepted: readonly Sent[] = [];

  constructor(mode: 'observer' | 'operator') {
    this.mode = mode;
  }

  get now(): string | null {
    return this.#clock === null ? null : formatInstant(this.#clock);
  }

  /** For tests that look for interesting instants and ids. */
  get facts(): readonly Fact[] {
    return this.#facts;
  }

  apply(line: unknown): Outcome {
    const at = isData(line) ? parseInstant(line['at']) : null;
    if (!isData(line) || at === null || (this.#clock !== null && at < this.#clock))
      return rejected('invalid');
    this.#moveClock(at);
    if (!fits(line, envelope)) return rejected('invalid');

    const command = String(line['command']);
    const shape = Object.hasOwn(commands, command) ? commands[command] : undefined;
    const by = typeof line['by'] === 'string' ? line['by'] : 'simulation';
    const sent: Sent = { command, by, commandId: line['commandId'], data: line['data'] as Data };
    if (shape === undefined || !fits(sent.data, shape)) return rejected('invalid');
    const applied = new Line(this.#facts, at, by, sent.data, this.mode);
    if (contradicts(command, applied)) return rejected('invalid');

    const earlier = this.#accepted.filter((other) => sharesAnId(sent, other));
    if (earlier.some((other) => !sameContent(sent, other))) return rejected('conflict');
    if (earlier.length > 0) return { status: 'duplicate', code: null, events: [], findings: [] };

    const verdict = decide(command, applied);
    if ('code' in verdict) return rejected(verdict.code);
    const breach = verdict.findings.find((finding) => breaches.includes(finding));
    if (this.mode === 'operator' && breach !== undefined) return rejected(breach);

    const before = this.#facts;
    this.#accepted = [...this.#accepted, sent];
    for (const fact of verdict.facts) this.#append(fact, at, by);
    this.#appendDerived(before, at);
    return {
      status: 'accepted',
      code: null,
      events: this.#facts.slice(before.length).map(({ type }) => type),
      findings: verdict.findings,
    };
  }

  query(q: unknown): unknown {
    return answer(this.#facts, this.#clock ?? 0, q);
  }

  /**
   * Lets deductions up to `to` fall due first, each at its own instant (interchange §2; rules §5
   * "Opening").
   */
  #moveClock(to: number): void {
    const from = this.#clock;
    const due =
      from === null
        ? []
        : deductions(this.#facts).filter((one) => from < one.effectiveAt && one.effectiveAt <= to);
    for (const { effectiveAt, agencyId } of due.toSorted((a, b) => a.effectiveAt - b.effectiveAt)) {
      this.#open(agencyId, effectiveAt);
    }
    this.#clock = to;
  }

  #append(fact: NewFact, recordedAt: number, by: string): void {
    this.#facts = [...this.#facts, { ...fact, seq: this.#facts.length, recordedAt, by }];
  }

  /** Derivations in the same append: lifted, unsupported, opened. */
  #appendDerived(before: readonly Fact[], now: number): void {
    const agencies = new Set(
      this.#facts.slice(before.length).flatMap(({ agencyId }) => agencyId ?? []),
    );
    for (const agencyId of agencies) {
      this.#lift(agencyId, now);
      this.#noticeLostSupport(before, agencyId, now);
      this.#open(agencyId, now);
    }
  }

  #lift(agencyId: string, now: number): void {
    const pending = pendingAt(this.#facts, agencyId, now);
    if (pending === undefined || sumOf(this.#facts, agencyId, now, pending.period) >= threshold)
      return;
    this.#append({ type: 'PendingExpulsionLifted', agencyId }, now, 'ledger');
  }

  /**
   * Support ends when it held before this append and does not hold after it; reported once for an
   * expulsion (R 21, R 22).
   */
  #noticeLostSupport(before: readonly Fact[], agencyId: string, now: number): void {
    const lost = expulsions(before, agencyId).filter(
      (expulsion) =>
        isSupported(before, agencyId, expulsion) &&
        !isSupported(this.#facts, agencyId, expulsion) &&
        !ofType(this.#facts, 'ExpulsionUnsupported').some(
          (fact) => fact.expulsion === expulsion.seq,
        ) &&
        !expulsions(this.#facts, agencyId).some(
          ({ seq, revoked }) => seq === expulsion.seq && revoked,
        ),
    );
    for (const { seq } of lost)
      this.#append({ type: 'ExpulsionUnsupported', agencyId, expulsion: seq }, now, 'ledger');
  }

  #open(agencyId: string, now: number): void {
    const period = yearOf(now);
    const balance = sumOf(this.#facts, agencyId, now, period);
    if (balance < threshold || standingAt(this.#facts, agencyId, now) !== 'active') return;
    this.#append({ type: 'PendingExpulsionOpened', agencyId, period, balance }, now, 'ledger');
  }
}

// Duplicates and conflicts (interchange §2; E-57, V-17)

interface Sent {
  readonly command: string;
  readonly by: string;
  readonly commandId: unknown;
  readonly data: Data;
}

const creatingId: Readonly<Record<string, string>> = {
  AdmitAgency: 'agencyId',
  RecordDeduction: 'deductionId',
  InitiateAppeal: 'appealId',
  RegisterEvidence: 'evidenceId',
  RecordSession: 'sessionId',
  FileComplaint: 'complaintId',
  RecordGrowthPost: 'postId',
  ProposeTheme: 'proposalId',
};

function sharesAnId(sent: Sent, other: Sent): boolean {
  const key = creatingId[sent.command];
  const creates =
    key !== undefined && other.command === sent.command && sent.data[key] === other.data[key];
  const isOwn = sent.by === other.by && sent.commandId === other.commandId;
  return creates || (sent.commandId !== undefined && isOwn);
}

function sameContent(a: Sent, b: Sent): boolean {
  return a.command === b.command && sameJson(a.data, b.data);
}

function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (isData(a) && isData(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
    );
  }
  return a === b;
}

function rejected(code: string): Outcome {
  return { status: 'rejected', code, events: [], findings: [] };
}
