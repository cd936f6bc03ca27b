import type { SchemaObject } from '../schemas.js';
import { closed, digest, id, instant, listOf, ref, text, whole, words } from './words.js';

/** How far a pack is; which fields there are depends on its status. */
interface PackAnswer {
  readonly id: string;
  readonly agencyId: string;
  readonly appealId?: string;
  readonly requestedAt: string;
  readonly status: string;
  readonly progress?: object;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly pages?: number;
  readonly missingGlyphs?: readonly string[];
  readonly href?: string;
  readonly expiresAt?: string;
  readonly problem?: object;
}

/** What is answered of evidence packs. */
export const packAnswers: Readonly<Record<string, SchemaObject>> = {
  EvidencePack: closed<PackAnswer>(
    {
      id: { type: 'string', format: 'uuid' },
      agencyId: id,
      appealId: id,
      requestedAt: instant,
      status: words({ waiting: true, building: true, ready: true, failed: true }),
      progress: closed({
        step: words({ waiting: true, gathering: true, printing: true, storing: true }),
        done: whole,
        of: whole,
      }),
      bytes: whole,
      sha256: digest,
      pages: whole,
      missingGlyphs: listOf(text),
      href: text,
      expiresAt: instant,
      problem: ref('Problem'),
    },
    'appealId',
    'progress',
    'bytes',
    'sha256',
    'pages',
    'missingGlyphs',
    'href',
    'expiresAt',
    'problem',
  ),
};
