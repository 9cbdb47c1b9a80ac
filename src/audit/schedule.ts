import type { Case } from '../model/case.js';
import { compileCase } from '../model/index.js';
import { sweep } from '../solver/powerflow.js';
import type { Solution } from '../solver/solution.js';
import type { Findings } from './day-records.js';

/** Share of a device's own size by which a published number may miss a limit. */
const ROUNDING = 1e-3;
/** Voltage limits in the AC replay may be missed by this much, pu. */
const VOLTAGE_SLACK = 1e-3;

/**
 * Is the published schedule one at all? Devices within their limits, and the whole replayed in AC:
 * voltages, line limits, and the substation giving what it is said to give.
 */
export function auditSchedule(feeder: Case, solution: Solution, tolerance: number, findings: Findings): void {
  const slack = Math.max(ROUNDING, 10 * tolerance);
  checkDevices(feeder, solution, slack, findings);
  replay(feeder, solution, slack, findings);
}

function checkDevices(feeder: Case, solution: Solution, slack: number, findings: Findings): void {
  const { periods, hoursPerPeriod: hours } = feeder;
  const check = (fine: boolean, message: string, who: string, period?: number) => {
    if (!fine) findings.fault('schedule', message, who, period);
  };
  for (const [k, battery] of feeder.batteries.entries()) {
    const { chargeMw, dischargeMw, energyMwh } = solution.batteries![k]!;
    const [power, energy] = [slack * battery.powerMw + 1e-9, slack * battery.energyMwh + 1e-9];
    let stored = battery.initialMwh;
    for (let t = 0; t < periods; t++) {
      const [into, out] = [chargeMw[t]!, dischargeMw[t]!];
      check(
        Math.min(into, out) >= -power && Math.max(into, out) <= battery.powerMw + power,
        `battery ${battery.id} leaves its power limit`,
        battery.owner,
        t,
      );
      stored += hours * (battery.chargeEfficiency * into - out / battery.dischargeEfficiency);
      check(
        Math.abs(stored - energyMwh[t]!) <= energy * (t + 1),
        `battery ${battery.id} does not hold what it was charged with`,
        battery.owner,
        t,
      );
      check(
        stored >= -energy * (t + 1) && stored <= battery.energyMwh + energy * (t + 1),
        `battery ${battery.id} leaves its energy limit`,
        battery.owner,
        t,
      );
    }
    check(
      stored >= battery.finalMwh - energy * periods,
      `battery ${battery.id} ends at ${stored} MWh, below ${battery.finalMwh}`,
      battery.owner,
    );
  }
  for (const [k, load] of feeder.shapables.entries()) {
    const { pMw } = solution.shapables![k]!;
    const room = slack * load.maxMw + 1e-9;
    for (let t = 0; t < periods; t++) {
      const most = t >= load.startPeriod && t < load.endPeriod ? load.maxMw : 0;
      check(
        pMw[t]! >= -room && pMw[t]! <= most + room,
        `shapable ${load.id} runs outside its window or limit`,
        load.owner,
        t,
      );
    }
    const energy = hours * pMw.reduce((sum, mw) => sum + mw, 0);
    check(
      Math.abs(energy - load.energyMwh) <= slack * load.energyMwh + 1e-9,
      `shapable ${load.id} gets ${energy} of ${load.energyMwh} MWh`,
      load.owner,
    );
  }
  for (const [k, panel] of feeder.solar.entries()) {
    const room = slack * Math.max(...panel.forecastMw) + 1e-9;
    for (const [t, mw] of solution.solar![k]!.pMw.entries()) {
      const least = panel.curtailable ? 0 : panel.forecastMw[t]!;
      check(
        mw >= least - room && mw <= panel.forecastMw[t]! + room,
        `solar ${panel.id} gives ${mw} of ${panel.forecastMw[t]} MW`,
        panel.owner,
        t,
      );
    }
  }
  for (const [k, generator] of feeder.generators.entries()) {
    const { pMw } = solution.generators![k]!;
    const room = slack * Math.max(1e-3, ...pMw.map(Math.abs));
    for (let t = 0; t < periods; t++) {
      check(
        pMw[t]! >= generator.pMinMw - room && pMw[t]! <= generator.pMaxMw + room,
        `generator ${generator.id} leaves its limits`,
        generator.id,
        t,
      );
      const ramp = generator.rampMwPerHour;
      const step = t === 0 || ramp === undefined ? 0 : Math.abs(pMw[t]! - pMw[t - 1]!);
      check(
        ramp === undefined || step <= ramp * hours + 2 * room,
        `generator ${generator.id} changes faster than its ramp`,
        generator.id,
        t,
      );
    }
  }
}

/** The published injections through the exact power flow, the root closing the balance. */
function replay(feeder: Case, solution: Solution, slack: number, findings: Findings): void {
  const problem = compileCase(feeder);
  const { periods, baseMva } = problem;
  const p = problem.loadP.map((value) => -value);
  const q = problem.loadQ.map((value) => -value);
  const add = (target: Float64Array, position: number, mw: readonly number[], sign = 1) => {
    for (let t = 0; t < periods; t++) target[position * periods + t]! += (sign * mw[t]!) / baseMva;
  };
  const rootGeneration = new Float64Array(periods);
  for (const [k, position] of problem.generators.bus.entries()) {
    const { pMw, qMvar } = solution.generators![k]!;
    add(p, position, pMw);
    add(q, position, qMvar);
    if (position === 0) for (let t = 0; t < periods; t++) rootGeneration[t]! += pMw[t]! / baseMva;
  }
  for (const [k, position] of problem.solar.bus.entries()) {
    add(p, position, solution.solar![k]!.pMw);
    add(q, position, solution.solar![k]!.qMvar);
  }
  for (const [k, position] of problem.batteries.bus.entries()) {
    const battery = solution.batteries![k]!;
    add(p, position, battery.dischargeMw);
    add(p, position, battery.chargeMw, -1);
    add(q, position, battery.qMvar);
  }
  for (const [k, position] of problem.shapables.bus.entries()) {
    add(p, position, solution.shapables![k]!.pMw, -1);
    add(q, position, solution.shapables![k]!.qMvar, -1);
  }
  const shed = new Map((solution.shed ?? []).map(({ id, pMw }) => [id, pMw]));
  for (const [k, position] of problem.sheddable.bus.entries()) {
    const load = feeder.loads[problem.sheddable.load[k]!]!;
    const less = shed.get(load.id);
    if (!less) continue;
    add(p, position, less);
    add(
      q,
      position,
      less.map((mw, t) => (load.pMw[t]! > 0 ? (mw * load.qMvar[t]!) / load.pMw[t]! : 0)),
    );
  }
  const state = sweep(problem, { p, q });
  if (!state.converged) {
    findings.fault('schedule', 'the published schedule has no AC power flow');
    return;
  }
  for (let t = 0; t < periods; t++) {
    const missing = Math.abs(state.rootP[t]!);
    if (missing > 2 * slack * problem.peakPu) {
      findings.fault(
        'schedule',
        `the substation is ${(missing * baseMva).toPrecision(3)} MW from what the balance wants`,
        undefined,
        t,
      );
    }
  }
  for (let position = 1; position < problem.busCount; position++) {
    for (let t = 0; t < periods; t++) {
      const at = position * periods + t;
      const voltage = Math.sqrt(state.v[at]!);
      const [low, high] = [Math.sqrt(problem.vMin[position]!), Math.sqrt(problem.vMax[position]!)];
      const bus = feeder.buses[problem.busOfPosition[position]!]!.id;
      if (voltage < low - VOLTAGE_SLACK || voltage > high + VOLTAGE_SLACK) {
        findings.fault(
          'schedule',
          `bus ${bus} is at ${voltage.toFixed(4)} pu in AC, outside ${low.toFixed(3)}..${high.toFixed(3)}`,
          undefined,
          t,
        );
      }
      const load = Math.hypot(state.flowP[at]!, state.flowQ[at]!);
      if (load > problem.limit[position]! * (1 + slack))
        findings.fault('schedule', `the line to bus ${bus} is over its limit in AC`, undefined, t);
    }
  }
}
