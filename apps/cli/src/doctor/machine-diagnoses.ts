import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LedgerLocation } from '@penalty-ledger/application/store-url';
import { figure } from '../terminal/words.js';
import type { Diagnosis } from './diagnosis.js';
import { said } from '../terminal/language.js';
import { ok, warn, fail } from './findings.js';

export function nodeDiagnosis(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = said(
    `${process.version}, time-zone data ${process.versions['tz'] ?? 'unknown'}`,
    `${process.version}，时区数据 ${process.versions['tz'] ?? '未知'}`,
  );
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', found)
    : fail('node', found, said('use Node 20.19 or later', '请使用 Node 20.19 或更高版本'));
}

const scarceBytes = 200_000_000;

export function diskDiagnosis({ readModels }: LedgerLocation): Diagnosis {
  let folder = dirname(readModels);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = said(
    `${figure(Math.floor((bavail * bsize) / 1_000_000))} MB free`,
    `可用空间 ${figure(Math.floor((bavail * bsize) / 1_000_000))} MB`,
  );
  return bavail * bsize >= scarceBytes
    ? ok('disk', free)
    : warn(
        'disk',
        free,
        said('free some space before the next import', '请在下次导入前腾出一些空间'),
      );
}
