import {
  fingerprintOf,
  nounTerms,
  type CommandLine,
  type SubjectKey,
} from '@penalty-ledger/ledger';
import { registrationKey, type Registration } from '@penalty-ledger/projections';
import type { SubjectKeys } from '../keys/key-store.js';
import {
  fingerprintSubjectOf,
  idsOf,
  importedLineId,
  keysToLookUp,
  recordedIdOf,
  type Registered,
  type TakenId,
} from './command-ids.js';
import { duplicateSince, rejected, type Outcome } from './outcome.js';
import type { RegisteredIds } from './registered-ids.js';

/** A command under the id that it is recorded with, and its outcome when it is a repetition. */
export interface Recognised {
  readonly line: CommandLine;
  readonly repeated?: Outcome;
}

/** A command line and the actor who sends it. */
export interface SentLine {
  readonly line: CommandLine;
  readonly actor: string;
}

/** Recognises commands that were recorded before (interchange §2, Repetition). */
export class Repetitions {
  constructor(
    private readonly keys: SubjectKeys,
    private readonly ids: RegisteredIds,
  ) {}

  /** Looks up together what {@link recognise} will ask for of each of these. */
  lookUp(sent: readonly SentLine[]): void {
    this.ids.lookUp(sent.flatMap(({ line, actor }) => keysToLookUp(line, actor)));
    // What a line of an import names has to be found before its own id can be made.
    const imported = sent.flatMap(({ line, actor }) => {
      const id = this.#importedIdOf(line, actor, (key) => this.ids.registered(key));
      return typeof id === 'string' ? [registrationKey('command', id)] : [];
    });
    if (imported.length > 0) this.ids.lookUp(imported);
  }

  /**
   * Finds a command whose id is in use: with the same data a duplicate, with other data a conflict.
   *
   * @param registered tells which ids are in use
   */
  recognise({ line, actor }: SentLine, registered: Registered): Recognised {
    const recordedId =
      line.commandId === undefined
        ? this.#importedIdOf(line, actor, registered)
        : recordedIdOf(line.commandId, actor, registered);
    if (recordedId instanceof ErasedSubject) return { line, repeated: unrecognisable(recordedId) };
    const recorded = recordedId === undefined ? line : { ...line, commandId: recordedId };
    for (const taken of idsOf(recorded)) {
      const registration = registered(registrationKey(taken.kind, taken.id));
      if (registration === undefined) continue;
      return {
        line: recorded,
        repeated: this.#isSame(line, registration)
          ? duplicateSince(registration.recordedAt)
          : conflict(taken, line),
      };
    }
    return { line: recorded };
  }

  /**
   * The id of an import's line that has none. It is known only with the key of its subject, so that
   * nobody can confirm a guess at the line's texts once that key is destroyed.
   *
   * @returns `undefined` for any other line, and for one whose subject has no events yet
   */
  #importedIdOf(
    { command, occurrence, dataAsSent }: CommandLine,
    actor: string,
    registered: Registered,
  ): string | ErasedSubject | undefined {
    if (occurrence === undefined) return undefined;
    const subject = fingerprintSubjectOf(command, registered);
    if (subject === undefined) return undefined;
    let key: SubjectKey | undefined;
    if (subject !== null) {
      const state = this.keys.stateOf(subject);
      if (state === 'destroyed') return new ErasedSubject(subject);
      if (state === 'never') return undefined;
      key = this.keys.find(subject);
    }
    return importedLineId(actor, fingerprintOf(command.command, dataAsSent, key), occurrence);
  }

  /** Nothing recorded before an erasure is the same: the key of its fingerprint is destroyed. */
  #isSame({ command, dataAsSent }: CommandLine, { subject, fingerprint }: Registration): boolean {
    const key = subject === null ? undefined : this.keys.find(subject);
    return fingerprintOf(command.command, dataAsSent, key) === fingerprint;
  }
}

/** A subject whose personal data were erased: what was recorded of it is recognised no more. */
class ErasedSubject {
  constructor(readonly subject: string) {}
}

function unrecognisable({ subject }: ErasedSubject): Outcome {
  return rejected('conflict', {
    en:
      `the personal data of "${subject}" were erased, so a line without an id is not recognised; ` +
      'if it is new, give it a commandId',
    zh: `"${subject}" 的个人信息已删除，因此无法识别没有编号的行；如为新行，请给出 commandId`,
  });
}

/** The refusal names the id as it was sent. */
function conflict({ kind, id }: TakenId, { commandId = '' }: CommandLine): Outcome {
  const { en, zh } = nounTerms[kind];
  const sent = kind === 'command' ? commandId : id;
  return rejected('conflict', {
    en: `the id ${en} "${sent}" is taken by other data; nothing was changed`,
    zh: `${zh}的编号 "${sent}" 已被其他数据占用；未作任何更改`,
  });
}
