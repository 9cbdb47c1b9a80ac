import { get } from './api.js';
import { field, h, select } from './dom.js';
import type { Scene } from './view.js';

export interface DayRecord {
  readonly day: string;
  readonly status: 'open' | 'gated' | 'priced' | 'settled';
  readonly periods: number;
  readonly minutesPerPeriod: number;
  readonly maxRounds: number;
  readonly budgetsMicro: readonly (number | string | null)[];
}

export interface DayView {
  readonly day: string;
  readonly case: string | null;
  readonly mode: 'steps' | 'run' | null;
  readonly state: 'running' | 'waiting' | 'done' | 'failed' | 'cancelled' | 'recorded';
  readonly step: string | null;
  readonly next: string | null;
  readonly round: number | null;
  readonly gateClosesAt: number | null;
  readonly answersCloseAt: number | null;
  readonly live?: readonly string[];
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly record: DayRecord | null;
}

export const allDays = async (signal?: AbortSignal): Promise<DayView[]> =>
  (await get<{ items: DayView[] }>('/api/days', signal)).items;

/** The day that the address asks for, else the newest; and a list to choose another from. */
export async function chosenDay({ query, signal }: Scene, path: string) {
  const days = await allDays(signal);
  const wanted = query.get('day');
  const day = days.find((each) => each.day === wanted) ?? days.at(-1);
  if (!day) return { day: undefined, chooser: h('p', { class: 'soft' }, 'No day has been opened yet.') };
  const list = select(days.map((each) => [each.day, each.day] as const).reverse(), day.day);
  list.addEventListener('change', () => {
    location.hash = `#/${path}?day=${list.value}`;
  });
  return { day, chooser: field('Day', list) };
}

export const STEP_WORDS: Readonly<Record<string, string>> = {
  open: 'Open the day',
  gate: 'Close the gate',
  equilibrium: 'Solve and publish the equilibrium',
  contracts: 'Establish contracts',
  offers: 'Make offers',
  close: 'Close the round',
  supplements: 'Supplement by generators',
  statements: 'Reconcile: statements',
};

/** How a day stands, for anybody. */
export function phase(day: DayView): string {
  if (day.state === 'done' || day.record?.status === 'settled') return 'settled';
  if (day.state === 'failed' || day.state === 'cancelled') return day.state;
  if (day.next === 'gate') return 'open for preferences';
  if (day.next === 'close') return `answers wanted, round ${day.round ?? 1}`;
  const step = STEP_WORDS[day.next ?? ''];
  return step ? `next: ${step.toLowerCase()}` : (day.record?.status ?? day.state);
}
