export { buildGathered } from './build-gathered.js';
export type { BuildWith } from './build-gathered.js';
export { gatherPack } from './gather-pack.js';
export type { Gather, LogTurn } from './gather-pack.js';
export type { GatheredPack } from './gathered-pack.js';
export { buildInItsOwnThread } from './pack-thread.js';
export type { PackThreadData } from './pack-thread.js';
export { PackRefusedError, subjectOfAppeal } from './pack-wanted.js';
export type { PackWanted } from './pack-wanted.js';
