import type { CompiledCase } from '../../model/compiled.js';
import type { NetworkPoint } from '../engine.js';
import { type Give, type Relaxation, type Relaxed, relax } from './relax.js';

/** One way, taken alone, to make the case feasible. */
export interface Remedy {
  readonly kind: Relaxation;
  /** Largest amount at one place, and the sum over places and periods; pu for voltages, MW or MVA else. */
  readonly most: number;
  readonly sum: number;
  readonly unit: 'pu' | 'MW' | 'MVA';
  readonly text: string;
}

/** A limit that cannot be kept. */
export interface Clash {
  readonly kind: Relaxation;
  /** Bus or line. */
  readonly id: string;
  readonly period: number;
  readonly amount: number;
  readonly text: string;
}

export interface Explanation {
  readonly clashes: readonly Clash[];
  readonly remedies: readonly Remedy[];
  /** One or two sentences. */
  readonly reason: string;
}

const LIMITS: readonly Relaxation[] = ['voltage', 'thermal', 'supply'];
const ALONE: readonly Relaxation[] = ['root-voltage', 'shed', 'voltage', 'thermal', 'supply'];
const SHOWN = 3;

/**
 * Why a case has no schedule: which limits clash, where, when and by how much when all limits may give
 * as little as possible together, and what each kind of remedy alone would take.
 */
export async function explainInfeasible(problem: CompiledCase, signal?: AbortSignal): Promise<Explanation> {
  const together = await relax(problem, LIMITS, signal);
  const clashes = together === undefined ? [] : clashesOf(problem, together);
  const remedies: Remedy[] = [];
  for (const kind of ALONE) {
    if (signal?.aborted) break;
    const relaxed = await relax(problem, [kind], signal);
    if (relaxed !== undefined && relaxed.gives.length > 0) remedies.push(remedyOf(problem, kind, relaxed.gives));
  }
  return { clashes, remedies, reason: sentence(clashes, remedies) };
}

function sentence(clashes: readonly Clash[], remedies: readonly Remedy[]): string {
  if (clashes.length === 0 && remedies.length === 0) {
    return 'no loosening of voltage bands, thermal limits or supply makes it feasible: the devices themselves leave no schedule (non-curtailable solar, ramps, inverter ratings or the renewable share)';
  }
  const shown = clashes.slice(0, SHOWN).map((clash) => clash.text);
  const more = clashes.length > SHOWN ? `; and ${clashes.length - SHOWN} more` : '';
  const cures = remedies.map((remedy) => remedy.text).join(', or ');
  return `${shown.join('; ')}${more}${cures === '' ? '' : `; ${cures}`}`;
}

function clashesOf(problem: CompiledCase, { gives, point }: Relaxed): Clash[] {
  const clashes = worstByPlace(gives).map((give): Clash => {
    const at = `${place(problem, give)}, period ${give.period} (${clock(problem, give.period)})`;
    const id = idOf(problem, give);
    const mw = Math.abs(give.amount) * problem.baseMva;
    if (give.kind === 'voltage') {
      const k = give.position * problem.periods + give.period;
      const low = give.amount < 0;
      const limit = Math.sqrt(low ? problem.vMin[give.position]! : problem.vMax[give.position]!);
      const text = `${at}: voltage ${Math.sqrt(point.v[k]!).toFixed(3)} pu ${low ? 'under' : 'over'} its ${limit.toFixed(3)} limit${evenWith(problem, point, give.period, low)}`;
      return { kind: give.kind, id, period: give.period, amount: Math.abs(give.amount), text };
    }
    const amount = mw;
    if (give.kind === 'thermal')
      return {
        kind: give.kind,
        id,
        period: give.period,
        amount,
        text: `${at}: ${size(mw, 'MVA')} over its thermal limit`,
      };
    const words = give.amount >= 0 ? 'short of what the feeder needs' : 'more than the substation can take';
    return {
      kind: give.kind,
      id,
      period: give.period,
      amount,
      text: `${at}: generators are ${size(mw, 'MW')} ${words}`,
    };
  });
  return clashes.sort((a, b) => b.amount - a.amount);
}

/** A place that gives in many periods is named once, at its worst. */
function worstByPlace(gives: readonly Give[]): Give[] {
  const worst = new Map<string, Give>();
  for (const give of gives) {
    const key = `${give.kind} ${give.position}`;
    const other = worst.get(key);
    if (other === undefined || Math.abs(give.amount) > Math.abs(other.amount)) worst.set(key, give);
  }
  return [...worst.values()];
}

/** Said only where it is so: every battery works the right way at its power in that period. */
function evenWith(problem: CompiledCase, point: NetworkPoint, period: number, low: boolean): string {
  const { batteries, periods } = problem;
  let power = 0;
  let used = 0;
  for (let b = 0; b < batteries.count; b++) {
    power += batteries.power[b]!;
    const k = b * periods + period;
    used += (low ? 1 : -1) * (point.discharge[k]! - point.charge[k]!);
  }
  return power > 0 && used > 0.98 * power ? ` even with every battery ${low ? 'discharging' : 'charging'}` : '';
}

function remedyOf(problem: CompiledCase, kind: Relaxation, gives: readonly Give[]): Remedy {
  const voltage = kind === 'voltage' || kind === 'root-voltage';
  const scale = voltage ? 1 : problem.baseMva;
  const amounts = gives.map((give) => Math.abs(give.amount) * scale);
  const most = Math.max(...amounts);
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  const unit = voltage ? 'pu' : kind === 'thermal' ? 'MVA' : 'MW';
  const periods = new Set(gives.map((give) => give.period)).size;
  const spread = periods === 1 ? '' : ` at most, ${size(sum * problem.hours, 'MWh')} over ${periods} periods`;
  const peak = perPeriodPeak(gives, scale);
  const text = {
    'root-voltage': `${gives[0]!.amount > 0 ? 'raise' : 'lower'} the root voltage by ${most.toFixed(4)} pu`,
    voltage: `widen the voltage band by ${most.toFixed(4)} pu at ${new Set(gives.map((give) => give.position)).size} buses`,
    thermal: `raise thermal limits by up to ${size(most, 'MVA')} on ${new Set(gives.map((give) => give.position)).size} lines`,
    supply: `${gives.some((give) => give.amount < 0) ? 'let the substation take' : 'give the substation'} ${size(peak, 'MW')} more${spread}`,
    shed: `shed ${size(peak, 'MW')}${spread}`,
  }[kind];
  return { kind, most, sum, unit, text };
}

/** Largest sum over places in one period. */
function perPeriodPeak(gives: readonly Give[], scale: number): number {
  const byPeriod = new Map<number, number>();
  for (const give of gives) byPeriod.set(give.period, (byPeriod.get(give.period) ?? 0) + Math.abs(give.amount) * scale);
  return Math.max(...byPeriod.values());
}

function idOf({ source, busOfPosition, lineOfPosition }: CompiledCase, give: Give): string {
  return give.kind === 'thermal'
    ? source.lines[lineOfPosition[give.position]!]!.id
    : source.buses[busOfPosition[give.position]!]!.id;
}

function place(problem: CompiledCase, give: Give): string {
  if (give.kind === 'supply') return 'substation';
  return `${give.kind === 'thermal' ? 'line' : 'bus'} ${idOf(problem, give)}`;
}

/** Time of day at which a period begins, days of 24 h counted on. */
export function clock({ hours }: Pick<CompiledCase, 'hours'>, period: number): string {
  const minutes = Math.round(period * hours * 60);
  const day = Math.floor(minutes / 1440);
  const text = `${String(Math.floor((minutes % 1440) / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return day === 0 ? text : `day ${day + 1}, ${text}`;
}

/** Four figures, so that small feeders do not read "0.00 MW". */
function size(value: number, unit: string): string {
  return `${Number(value.toPrecision(3))} ${unit}`;
}
