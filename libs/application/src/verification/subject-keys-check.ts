import {
  errorInBoth,
  keysNeededBy,
  openText,
  readEvent,
  textKeyOf,
  type InBoth,
  type SealedText,
} from '@penalty-ledger/ledger';
import type { KeyStore } from '../keys/key-store.js';
import type { Findings, Place } from './damage.js';
import type { StoredRow } from './stored-rows.js';

/** The first event that needs a subject's key. */
interface Sample {
  readonly place: Place;
  readonly eventId: string;
  /** The text that the key must open; none for the key that names legal persons. */
  readonly text: SealedText | undefined;
}

/**
 * Checks the key of each subject against what was sealed for it: that it is there or was destroyed,
 * and opens a text. A key in another's place is as lost as a missing one.
 */
export class SubjectKeysCheck {
  readonly #samples = new Map<string, Sample>();
  readonly #erased = new Set<string>();

  /** Takes an event that can be read. */
  take({ body = '', stream, revision, position }: StoredRow): void {
    const isErasure = body.includes('"type":"SubjectErased"');
    if (!isErasure && !this.#hasNewSubject(body)) return;
    const event = readEvent({ body });
    if (event.type === 'SubjectErased') this.#erased.add(event.data.subject);
    for (const subject of keysNeededBy(event))
      if (!this.#samples.has(subject))
        this.#samples.set(subject, {
          place: { stream, revision, position },
          eventId: event.id,
          text: event.personal?.find((each) => each.subject === subject),
        });
  }

  /** Compares the subjects met with the keys. */
  finish(keys: KeyStore, findings: Findings): void {
    for (const [subject, sample] of this.#samples) {
      const problem = this.#problemOf(subject, sample, keys);
      if (problem !== undefined) findings.damage('keys', sample.place, problem);
    }
    findings.counted('keys', this.#samples.size, 'subjects');
  }

  #problemOf(subject: string, { eventId, text }: Sample, keys: KeyStore): InBoth | undefined {
    try {
      const isErased = this.#erased.has(subject);
      const state = keys.stateOf(subject);
      if (state === 'held' && isErased)
        return {
          en: `"${subject}" was erased, and its key is there again`,
          zh: `"${subject}" 已删除，而其密钥又存在了`,
        };
      // Without an event too: by a restore, or by a promotion that accepted lost texts.
      if (state === 'destroyed') return undefined;
      const key = keys.find(subject);
      if (key === undefined)
        return {
          en: `the key of "${subject}" is lost: what was sealed for it cannot be read`,
          zh: `"${subject}" 的密钥已丢失：为其封存的内容无法读取`,
        };
      return text === undefined || opens(text, eventId, key)
        ? undefined
        : {
            en:
              `the key of "${subject}" does not open what was sealed for it: ` +
              'another key lies in its place',
            zh: `"${subject}" 的密钥打不开为其封存的内容：该处是另一个密钥`,
          };
    } catch (error) {
      return errorInBoth(error);
    }
  }

  /** Looks at the text, so that an event is parsed for its first subject alone. */
  #hasNewSubject(body: string): boolean {
    if (!body.includes('"personal":[')) return false;
    for (const [, subject = ''] of body.matchAll(/"subject":"([^"]*)"/g))
      if (!this.#samples.has(subject)) return true;
    return false;
  }
}

function opens(text: SealedText, eventId: string, key: Uint8Array): boolean {
  try {
    openText(text, eventId, textKeyOf(text.text, eventId, key));
    return true;
  } catch {
    return false;
  }
}
