import { PackRefusedError } from '@penalty-ledger/application/packing';
import { PackError } from '@penalty-ledger/evidence';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  placed,
  Sha256Schema,
  UtcInstantSchema,
  UuidSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { Language } from '../http/language.js';
import { problemDocument, ProblemSchema, problemText } from '../http/problems/problem-document.js';
import { problemOf } from '../http/problems/problem-filter.js';
import { PackProgressSchema, type EvidencePack, type PackState } from './evidence-pack.js';

/** The path at which a pack's state is read. */
export const addressOf = ({ id }: Pick<EvidencePack, 'id'>): string => `/evidence-packs/${id}`;

/** A pack's state as it is answered: its subject, and how far it is. */
export type PackStatus = Shape<typeof PackStatusSchema>;
export const PackStatusSchema = closed(
  {
    id: UuidSchema,
    agencyId: IdSchema,
    appealId: Type.Optional(IdSchema),
    requestedAt: UtcInstantSchema,
    status: enumOf(
      ['waiting', 'building', 'ready', 'failed', 'gone'],
      'which members there are depends on it; gone: deleted while its events were followed',
    ),
    progress: Type.Optional(PackProgressSchema),
    bytes: Type.Optional(Type.Integer()),
    sha256: Type.Optional(described(Sha256Schema, 'of the file')),
    pages: Type.Optional(Type.Integer({ description: 'of `statement.pdf`' })),
    missingGlyphs: Type.Optional(
      Type.Array(Type.String(), {
        description: 'characters that stand in `statement.pdf` as their numbers: `U+20BB7`',
      }),
    ),
    href: Type.Optional(Type.String({ description: 'the path of the file' })),
    expiresAt: Type.Optional(described(UtcInstantSchema, 'when it is deleted')),
    problem: Type.Optional(ProblemSchema),
  },
  { $id: 'EvidencePack' },
);

/** Says how far a pack is, in a language. */
export function statusOf(pack: EvidencePack, state: PackState, language: Language): PackStatus {
  const { id, requestedAt, wanted } = pack;
  return { id, ...wanted.subject, requestedAt, ...partOf(pack, state, language) };
}

type Part = Omit<PackStatus, 'id' | 'agencyId' | 'appealId' | 'requestedAt'>;

function partOf(pack: EvidencePack, state: PackState, language: Language): Part {
  switch (state.status) {
    case 'ready':
      return {
        ...state,
        missingGlyphs: state.missingGlyphs.map(numberOf),
        href: `${addressOf(pack)}/pack.zip`,
      };
    case 'failed': {
      const { status, expiresAt, error } = state;
      const { code, detail } = problemOfBuild(error);
      return {
        status,
        expiresAt,
        problem: problemDocument(code, language, detail === undefined ? {} : { detail }),
      };
    }
    default:
      return state;
  }
}

/** The reason why a pack was not made, as its requester is answered. */
export function problemOfBuild(error: unknown): ApiProblem {
  if (error instanceof PackRefusedError) return new ApiProblem(error.code, error.inBoth);
  if (error instanceof PackError)
    return new ApiProblem('no_pack', placed(error.problem, error.inBoth));
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new ApiProblem('no_pack', {
      en: 'it is too large for the service; make it with "ledger evidence"',
      zh: '证据包过大，服务无法生成；请改用命令 "ledger evidence"',
    });
  return problemOf(error);
}

/** Says whether the operators have to look at a failure: the request was not its reason. */
export function isOurs(error: unknown): boolean {
  return problemText(problemOfBuild(error).code).status >= 500;
}

/** `U+20BB7` */
function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
