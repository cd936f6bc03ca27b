import { SimulatedDisk } from './simulated-disk.js';

let current = new SimulatedDisk();

/** The disk that files are opened on now. */
export function currentDisk(): SimulatedDisk {
  return current;
}

/** Puts another disk in. Files that are open stay on theirs. */
export function useDisk(disk: SimulatedDisk): void {
  current = disk;
}
