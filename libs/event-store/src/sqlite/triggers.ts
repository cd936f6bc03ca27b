import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** A trigger that guards a file against every program that opens it. */
export interface Trigger {
  readonly name: string;
  /** Its text as SQLite keeps it: without `IF NOT EXISTS` and the semicolon at the end. */
  readonly sql: string;
}

/** Returns the triggers that a script lays out with `CREATE TRIGGER IF NOT EXISTS`. */
export function triggersIn(script: string): readonly Trigger[] {
  const found = script.matchAll(/CREATE TRIGGER IF NOT EXISTS (\w+)(\W[^]*?\bEND);/g);
  return [...found].map(([, name = '', rest = '']) => ({
    name,
    sql: `CREATE TRIGGER ${name}${rest}`,
  }));
}

/** Returns the names of triggers that a file lacks, or that are not as they were laid out. */
export function lostTriggers(
  db: DatabaseSyncInstance,
  laidOut: readonly Trigger[],
): readonly string[] {
  const rows = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  const found = new Map((rows as unknown as Trigger[]).map(({ name, sql }) => [name, sql]));
  return laidOut.filter(({ name, sql }) => found.get(name) !== sql).map(({ name }) => name);
}

/** Returns the script that drops triggers, where they are there. */
export function droppingOf(names: readonly string[]): string {
  return names.map((name) => `DROP TRIGGER IF EXISTS ${name};`).join(' ');
}
