import { Choices } from '../power-loss/power-loss.js';

let choices = new Choices(0);

/** The source of everything that a run takes by chance. */
export function currentChoices(): Choices {
  return choices;
}

/** Begins another run. */
export function useChoices(seeded: Choices): void {
  choices = seeded;
}
