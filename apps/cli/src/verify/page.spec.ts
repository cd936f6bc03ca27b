import { Sentence } from '@penalty-ledger/ledger';
import { damageLines } from '../terminal/check-lines.js';
import { speak } from '../terminal/language.js';
import { verdictLines } from './page.js';

afterEach(() => speak('en'));

const problem = new Sentence({ en: 'the tail is gone', zh: '尾部已丢失' });

it('says a damage and a failed step in the reader’s language', () => {
  const shown = (): string =>
    [
      ...damageLines({ check: 'outside', stream: 'agency-a1', problem }),
      ...verdictLines({
        ...{ kind: 'receipt', holds: false, found: [] },
        ...{ problem: 'receipt', message: problem },
      }),
    ].join('\n');
  expect(shown()).toMatch(/kept elsewhere {2,}stream agency-a1\n {2,}the tail is gone\nFAIL/);
  expect(shown()).toContain('receipt: the tail is gone');
  speak('zh');
  expect(shown()).toContain('另存凭据');
  expect(shown()).not.toContain('the tail is gone');
  expect(shown().match(/尾部已丢失/g)).toHaveLength(2);
});

it('says that a file holds by the words of the glossary', () => {
  speak('zh');
  const pack = { kind: 'evidence pack', found: [], checks: [], parts: [], notChecked: [] } as const;
  expect(verdictLines({ ...pack, holds: true }).at(-1)).toBe('证据包核验通过。');
  expect(verdictLines({ ...pack, holds: false }).at(-1)).toBe('证据包核验未通过。');
});
