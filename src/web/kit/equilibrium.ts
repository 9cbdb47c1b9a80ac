import type { Case } from '../../model/case.js';
import type { Solution } from '../../solver/solution.js';
import { maybe } from './api.js';
import { chosenDay, type DayView } from './days.js';
import type { Scene } from './view.js';

export interface Equilibrium {
  readonly day: DayView;
  readonly source: Case;
  readonly solution: Solution;
}

let last: Equilibrium | undefined;

/** The published equilibrium of the chosen day; the last one is kept, as documents may have megabytes. */
export async function equilibrium(scene: Scene, path: string) {
  const { day, chooser } = await chosenDay(scene, path);
  if (!day) return { chooser, day, found: undefined };
  const isPublished = day.record?.status === 'priced' || day.record?.status === 'settled';
  if (isPublished && last?.day.day === day.day) return { chooser, day, found: last };
  const answer = isPublished
    ? await maybe<{ case: Case; solution: Solution }>(`/api/days/${day.day}/equilibrium`, scene.signal)
    : undefined;
  const found = answer && { day, source: answer.case, solution: answer.solution };
  if (found) last = found;
  return { chooser, day, found };
}
