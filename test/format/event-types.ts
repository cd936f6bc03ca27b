import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of a table in docs/spec/event.md, "Event types". A member that ends in `?` is optional. */
export interface DocumentedType {
  readonly schemaVersion: number;
  readonly data: readonly string[];
  readonly times: readonly string[];
  readonly rulebook: boolean;
  readonly personal: readonly string[];
}

/** The event types as docs/spec/event.md documents them. */
export function documentedTypes(): ReadonlyMap<string, DocumentedType> {
  const markdown = readFileSync(join(__dirname, '../../docs/spec/event.md'), 'utf8');
  const types = new Map<string, DocumentedType>();
  let columns: string[] = [];
  for (const line of markdown.split('\n').filter((candidate) => candidate.startsWith('|'))) {
    const cells = line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1);
    if (cells[0] === 'type') columns = cells;
    const type = /^`([A-Z][A-Za-z]+)`$/.exec(cells[0] ?? '')?.[1];
    if (type === undefined || columns.length !== cells.length) continue;
    const cell = (column: string) => cells[columns.indexOf(column)] ?? '';
    const names = (column: string) =>
      cell(column)
        .replaceAll('`', '')
        .split(', ')
        .filter((name) => name !== 'none');
    if (types.has(type)) throw new Error(`two rows for ${type}`);
    types.set(type, {
      schemaVersion: Number(cell('schemaVersion')),
      data: names('data'),
      times: names('times'),
      rulebook: cell('rulebook') === 'yes',
      personal: names('personal'),
    });
  }
  return types;
}
