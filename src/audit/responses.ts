import { solveLp } from '../lp/index.js';
import type { Battery, Case, Generator, Shapable } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { Findings } from './day-records.js';

/** Regret below this share of what the device turns over is the solver's tolerance. */
const SHARE = 2e-3;
/** $: below it nobody is named. */
const LEAST = 0.01;

/**
 * Dual feasibility, device by device: at the published prices, no device can do better for itself
 * than the schedule has it do. Who can was passed over (or its price was shaved), and is named.
 * Gives the sum of all regrets, $: the devices' part of the duality gap.
 */
export async function auditResponses(
  feeder: Case,
  solution: Solution,
  tolerance: number,
  findings: Findings,
): Promise<number> {
  const priceAt = new Map(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh!]));
  const { hoursPerPeriod: hours, periods } = feeder;
  const share = Math.max(SHARE, 20 * tolerance);
  let total = 0;
  const weigh = (what: string, who: string, scheduled: number, best: number, turnover: number) => {
    const regret = best - scheduled;
    total += Math.max(0, regret);
    if (regret > share * turnover + LEAST) {
      findings.fault(
        'optimality',
        `${what} is passed over: at the published prices it could earn ${regret.toFixed(4)} $ more`,
        who,
      );
    }
  };
  for (const [k, generator] of feeder.generators.entries()) {
    if (generator.rampMwPerHour !== undefined) continue;
    const price = priceAt.get(generator.bus)!;
    const pMw = solution.generators![k]!.pMw;
    const at = (best: boolean) =>
      sum(periods, (t) => profit(generator, best ? bestPower(generator, price[t]!, t) : pMw[t]!, price[t]!, t, hours));
    const turnover = sum(periods, (t) => hours * Math.abs(pMw[t]! * price[t]!));
    weigh(`generator ${generator.id}`, generator.id, at(false), at(true), turnover);
  }
  for (const [k, panel] of feeder.solar.entries()) {
    if (!panel.curtailable || feeder.minRenewableShare) continue;
    const price = priceAt.get(panel.bus)!;
    const given = solution.solar![k]!;
    // Reactive power takes its part of an inverter's rating.
    const most = (t: number) =>
      Math.min(
        panel.forecastMw[t]!,
        panel.sMaxMva === undefined ? Infinity : Math.sqrt(Math.max(0, panel.sMaxMva ** 2 - given.qMvar[t]! ** 2)),
      );
    const best = sum(periods, (t) => hours * Math.max(0, price[t]! * most(t)));
    weigh(
      `solar ${panel.id}`,
      panel.owner,
      sum(periods, (t) => hours * price[t]! * given.pMw[t]!),
      best,
      best,
    );
  }
  for (const [k, battery] of feeder.batteries.entries()) {
    const price = priceAt.get(battery.bus)!;
    const { chargeMw, dischargeMw } = solution.batteries![k]!;
    const worth = (into: ArrayLike<number>, out: ArrayLike<number>) =>
      sum(periods, (t) => hours * (price[t]! * (out[t]! - into[t]!) - battery.throughputCost * (out[t]! + into[t]!)));
    const best = await bestBattery(battery, price, periods, hours);
    if (best === undefined) continue;
    // The store itself counts: what it is short of by rounding at the end is worth money too.
    const highest = Math.max(...price.map(Math.abs));
    const traded = sum(periods, (t) => hours * Math.abs(price[t]!) * (chargeMw[t]! + dischargeMw[t]!));
    weigh(
      `battery ${battery.id}`,
      battery.owner,
      worth(chargeMw, dischargeMw),
      best,
      traded + highest * battery.energyMwh,
    );
  }
  for (const [k, load] of feeder.shapables.entries()) {
    const price = priceAt.get(load.bus)!;
    const cost = (pMw: readonly number[]) =>
      sum(
        periods,
        (t) =>
          hours * (price[t]! * pMw[t]! + (load.discomfortCost ?? 0) * (pMw[t]! - (load.preferredMw?.[t] ?? 0)) ** 2),
      );
    const scheduled = solution.shapables![k]!.pMw;
    const turnover = sum(periods, (t) => hours * Math.abs(price[t]! * scheduled[t]!));
    weigh(
      `shapable ${load.id}`,
      load.owner,
      -cost(scheduled),
      -cost(bestShapable(load, price, periods, hours)),
      turnover,
    );
  }
  return total;
}

function sum(count: number, term: (t: number) => number): number {
  let total = 0;
  for (let t = 0; t < count; t++) total += term(t);
  return total;
}

function profit(generator: Generator, mw: number, price: number, t: number, hours: number): number {
  return hours * (price * mw - (generator.costQuadratic * mw + generator.costLinear[t]!) * mw);
}

function bestPower(generator: Generator, price: number, t: number): number {
  const margin = price - generator.costLinear[t]!;
  const wanted =
    generator.costQuadratic > 0
      ? margin / (2 * generator.costQuadratic)
      : margin > 0
        ? generator.pMaxMw
        : generator.pMinMw;
  return Math.min(generator.pMaxMw, Math.max(generator.pMinMw, wanted));
}

/** What a battery could earn at most, by an LP over charge, discharge and stored energy. */
async function bestBattery(
  battery: Battery,
  price: readonly number[],
  periods: number,
  hours: number,
): Promise<number | undefined> {
  // Columns: charge, discharge, energy at the end of each period; one balance row each.
  const count = 3 * periods;
  const columnStart = new Int32Array(count + 1);
  const rowIndex: number[] = [];
  const value: number[] = [];
  const put = (row: number, amount: number) => {
    rowIndex.push(row);
    value.push(amount);
  };
  for (let j = 0; j < count; j++) {
    const t = j % periods;
    if (j < periods) put(t, -hours * battery.chargeEfficiency);
    else if (j < 2 * periods) put(t, hours / battery.dischargeEfficiency);
    else {
      put(t, 1);
      if (t + 1 < periods) put(t + 1, -1);
    }
    columnStart[j + 1] = rowIndex.length;
  }
  const rowBound = new Float64Array(periods);
  rowBound[0] = battery.initialMwh;
  const answer = await solveLp({
    sense: 'maximise',
    rowCount: periods,
    columnCount: count,
    columnStart,
    rowIndex: Int32Array.from(rowIndex),
    value: Float64Array.from(value),
    cost: Float64Array.from({ length: count }, (_, j) => {
      const lambda = price[j % periods]!;
      if (j < periods) return hours * (-lambda - battery.throughputCost);
      return j < 2 * periods ? hours * (lambda - battery.throughputCost) : 0;
    }),
    lower: Float64Array.from({ length: count }, (_, j) => (j === count - 1 ? battery.finalMwh : 0)),
    upper: Float64Array.from({ length: count }, (_, j) => (j < 2 * periods ? battery.powerMw : battery.energyMwh)),
    rowLower: rowBound,
    rowUpper: rowBound,
  });
  return answer.status === 'optimal' ? answer.objective : undefined;
}

/** Cheapest way to give a shapable load its energy: one price level μ for all periods, found by bisection. */
function bestShapable(load: Shapable, price: readonly number[], periods: number, hours: number): number[] {
  const curve = load.discomfortCost ?? 0;
  const inside = (t: number) => t >= load.startPeriod && t < load.endPeriod;
  if (curve <= 0) {
    const plan = new Array<number>(periods).fill(0);
    let left = load.energyMwh / hours;
    const order = Array.from({ length: load.endPeriod - load.startPeriod }, (_, k) => load.startPeriod + k).sort(
      (a, b) => price[a]! - price[b]!,
    );
    for (const t of order) {
      plan[t] = Math.min(load.maxMw, left);
      left -= plan[t]!;
    }
    return plan;
  }
  const planAt = (level: number) =>
    Array.from({ length: periods }, (_, t) =>
      inside(t)
        ? Math.min(load.maxMw, Math.max(0, (load.preferredMw?.[t] ?? 0) + (level - price[t]!) / (2 * curve)))
        : 0,
    );
  const span = 2 * curve * (load.maxMw + Math.max(0, ...(load.preferredMw ?? [0])));
  let [low, high] = [Math.min(...price) - span, Math.max(...price) + span];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (hours * planAt(middle).reduce((a, b) => a + b, 0) < load.energyMwh) low = middle;
    else high = middle;
  }
  return planAt(high);
}
