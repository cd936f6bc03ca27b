import type { InBoth } from './in-both.js';
import { enumOf, type Shape } from './schema.js';

/** The standing of an agency (rules §5). */
export type Standing = Shape<typeof StandingSchema>;
export const StandingSchema = enumOf([
  'not_admitted',
  'active',
  'pending_expulsion',
  'expelled',
  'exited',
]);

/** Each standing as people read it. */
export const standingTerms: Readonly<Record<Standing, InBoth>> = {
  not_admitted: { en: 'not admitted', zh: '未入驻' },
  active: { en: 'active', zh: '正常' },
  pending_expulsion: { en: 'pending expulsion', zh: '待清退' },
  expelled: { en: 'expelled', zh: '已清退' },
  exited: { en: 'exited', zh: '已退出' },
};

/** Says whether an agency of this standing may bind creators, stream and be charged (rules §5). */
export function isAdmitted(standing: Standing): boolean {
  return standing === 'active' || standing === 'pending_expulsion';
}
