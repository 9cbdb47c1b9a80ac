import type { CompiledCase } from '../../../model/compiled.js';
import type { ConicProgram } from '../program.js';
import type { InjectionTerms } from './terms.js';

/** First column of each device's run over its periods; −1: the device has no such variable. */
export interface DeviceColumns {
  readonly solarP: Int32Array;
  readonly solarQ: Int32Array;
  readonly charge: Int32Array;
  readonly discharge: Int32Array;
  readonly energy: Int32Array;
  readonly batteryQ: Int32Array;
  /** Runs over [start, end) only. */
  readonly shapableP: Int32Array;
  readonly generatorP: Int32Array;
  readonly generatorQ: Int32Array;
  readonly shedP: Int32Array;
  /** First row of the energy balance of each battery (−1: it cannot move), and its discs' first cone. */
  readonly batteryRow: Int32Array;
  readonly shapableRow: Int32Array;
  /** Ramp rows of each generator: T − 1 of them, −1 where there is no ramp limit. */
  readonly rampRow: Int32Array;
  /** The renewable share's row, −1 without one. */
  readonly shareRow: number;
  readonly solarDisc: Int32Array;
  readonly batteryDisc: Int32Array;
}

/** A window or a store that leaves less freedom than this share of its range is fixed. */
const NO_FREEDOM = 1e-9;

/** Adds every device of the set 𝒳 (docs/math.md, "Devices") and says what it injects where. */
export function addDevices(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms): DeviceColumns {
  const none = (count: number) => new Int32Array(count).fill(-1);
  const columns = {
    solarP: none(problem.solar.count),
    solarQ: none(problem.solar.count),
    solarDisc: none(problem.solar.count),
    charge: none(problem.batteries.count),
    discharge: none(problem.batteries.count),
    energy: none(problem.batteries.count),
    batteryQ: none(problem.batteries.count),
    batteryRow: none(problem.batteries.count),
    batteryDisc: none(problem.batteries.count),
    shapableP: none(problem.shapables.count),
    shapableRow: none(problem.shapables.count),
    generatorP: none(problem.generators.count),
    generatorQ: none(problem.generators.count),
    rampRow: none(problem.generators.count),
    shedP: none(problem.sheddable.count),
  };
  addGenerators(program, problem, terms, columns);
  addSolar(program, problem, terms, columns);
  addBatteries(program, problem, terms, columns);
  addShapables(program, problem, terms, columns);
  addSheddable(program, problem, terms, columns);
  return { ...columns, shareRow: addRenewableShare(program, problem, columns) };
}

type Columns = Omit<{ -readonly [K in keyof DeviceColumns]: DeviceColumns[K] }, 'shareRow'>;

function addGenerators(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms, columns: Columns): void {
  const { generators, periods } = problem;
  for (let g = 0; g < generators.count; g++) {
    const bus = generators.bus[g]!;
    const first = program.variables;
    for (let t = 0; t < periods; t++) {
      program.addVariable(
        generators.pMin[g]!,
        generators.pMax[g]!,
        generators.linear[g * periods + t]!,
        2 * generators.quadratic[g]!,
      );
    }
    columns.generatorP[g] = first;
    terms.add(bus, { first, from: 0, to: periods, real: 1, reactive: 0 });
    const firstQ = program.addVariables(periods, generators.qMin[g]!, generators.qMax[g]!);
    columns.generatorQ[g] = firstQ;
    terms.add(bus, { first: firstQ, from: 0, to: periods, real: 0, reactive: 1 });
    const ramp = generators.ramp[g]!;
    const binding = ramp < generators.pMax[g]! - generators.pMin[g]!;
    for (let t = 1; binding && t < periods; t++) {
      const row = program.addInequality([first + t, first + t - 1], [1, -1], -ramp, ramp);
      if (t === 1) columns.rampRow[g] = row;
    }
  }
}

function addSolar(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms, columns: Columns): void {
  const { solar, periods } = problem;
  for (let s = 0; s < solar.count; s++) {
    const bus = solar.bus[s]!;
    const first = program.variables;
    for (let t = 0; t < periods; t++) {
      const forecast = solar.forecast[s * periods + t]!;
      program.addVariable(solar.curtailable[s] ? 0 : forecast, forecast);
    }
    columns.solarP[s] = first;
    terms.add(bus, { first, from: 0, to: periods, real: 1, reactive: 0 });
    const rating = solar.sMax[s]!;
    if (Number.isNaN(rating)) continue;
    const firstQ = program.addVariables(periods);
    columns.solarQ[s] = firstQ;
    terms.add(bus, { first: firstQ, from: 0, to: periods, real: 0, reactive: 1 });
    for (let t = 0; t < periods; t++) {
      const cone = program.addDisc(rating, [first + t, firstQ + t]);
      if (t === 0) columns.solarDisc[s] = cone;
    }
  }
}

function addBatteries(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms, columns: Columns): void {
  const { batteries, periods, hours } = problem;
  for (let b = 0; b < batteries.count; b++) {
    const bus = batteries.bus[b]!;
    const power = batteries.power[b]!;
    const etaC = batteries.chargeEfficiency[b]!;
    const etaD = batteries.dischargeEfficiency[b]!;
    const initial = batteries.initial[b]!;
    const final = batteries.final[b]!;
    const most = periods * hours * power;
    // A store that must run flat out all day has one schedule only; so has one that cannot move.
    const up = final - initial >= (1 - NO_FREEDOM) * most * etaC;
    const down = initial - final >= ((1 - NO_FREEDOM) * most) / etaD;
    const still = !(power > 0);
    const fixedCharge = up && !still ? (final - initial) / (periods * hours * etaC) : 0;
    const fixedDischarge = down && !still ? ((initial - final) * etaD) / (periods * hours) : 0;
    const bounds = (value: number): [number, number] => (up || down || still ? [value, value] : [0, power]);
    const charge = program.addVariables(periods, ...bounds(fixedCharge), batteries.cost[b]!);
    const discharge = program.addVariables(periods, ...bounds(fixedDischarge), batteries.cost[b]!);
    columns.charge[b] = charge;
    columns.discharge[b] = discharge;
    terms.add(bus, { first: charge, from: 0, to: periods, real: -1, reactive: 0 });
    terms.add(bus, { first: discharge, from: 0, to: periods, real: 1, reactive: 0 });
    if (!up && !down && !still) {
      const energy = program.addVariables(periods, 0, batteries.energy[b]!);
      program.setBounds(energy + periods - 1, final, final);
      columns.energy[b] = energy;
      for (let t = 0; t < periods; t++) {
        const row = program.addEquality(
          t === 0 ? [energy, charge, discharge] : [energy + t, charge + t, discharge + t, energy + t - 1],
          t === 0 ? [1, -hours * etaC, hours / etaD] : [1, -hours * etaC, hours / etaD, -1],
          t === 0 ? initial : 0,
        );
        if (t === 0) columns.batteryRow[b] = row;
      }
    }
    const rating = batteries.sMax[b]!;
    if (Number.isNaN(rating)) continue;
    const reactive = program.addVariables(periods);
    columns.batteryQ[b] = reactive;
    terms.add(bus, { first: reactive, from: 0, to: periods, real: 0, reactive: 1 });
    for (let t = 0; t < periods; t++) {
      const cone = program.addCone({ columns: [], coefficients: [], constant: rating }, [
        { columns: [discharge + t, charge + t], coefficients: [1, -1] },
        { columns: [reactive + t], coefficients: [1] },
      ]);
      if (t === 0) columns.batteryDisc[b] = cone;
    }
  }
}

function addShapables(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms, columns: Columns): void {
  const { shapables, periods, hours } = problem;
  for (let s = 0; s < shapables.count; s++) {
    const start = shapables.start[s]!;
    const end = shapables.end[s]!;
    const length = end - start;
    const energy = shapables.energy[s]!;
    const max = shapables.max[s]!;
    const most = hours * length * max;
    const fixed = length <= 1 || energy <= NO_FREEDOM * most || energy >= (1 - NO_FREEDOM) * most;
    const level = length > 0 ? energy / (hours * length) : 0;
    const discomfort = shapables.discomfort[s]!;
    const first = program.variables;
    for (let t = 0; t < periods; t++) {
      const preferred = shapables.preferred[s * periods + t]!;
      program.constant += discomfort * preferred * preferred;
      if (t < start || t >= end) continue;
      program.addVariable(fixed ? level : 0, fixed ? level : max, -2 * discomfort * preferred, 2 * discomfort);
    }
    columns.shapableP[s] = first;
    terms.add(shapables.bus[s]!, { first, from: start, to: end, real: -1, reactive: -shapables.tanPhi[s]! });
    if (fixed) continue;
    const run = Array.from({ length }, (_, k) => first + k);
    columns.shapableRow[s] = program.addEquality(run, new Array<number>(length).fill(hours), energy);
  }
}

function addSheddable(program: ConicProgram, problem: CompiledCase, terms: InjectionTerms, columns: Columns): void {
  const { sheddable, periods } = problem;
  for (let k = 0; k < sheddable.count; k++) {
    const first = program.variables;
    for (let t = 0; t < periods; t++) {
      program.addVariable(0, sheddable.p[k * periods + t]!, sheddable.cost[k]!);
    }
    columns.shedP[k] = first;
    const ratio = (t: number): number => {
      const p = sheddable.p[k * periods + t]!;
      return p > 0 ? sheddable.q[k * periods + t]! / p : 0;
    };
    terms.add(sheddable.bus[k]!, { first, from: 0, to: periods, real: 1, reactive: ratio });
  }
}

/** Σ p^r ≥ share · Σ (p^u + p^s) over all periods. */
function addRenewableShare(program: ConicProgram, problem: CompiledCase, columns: Columns): number {
  const { minRenewableShare: share, solar, shapables, periods } = problem;
  if (!(share > 0)) return -1;
  const indices: number[] = [];
  const coefficients: number[] = [];
  for (let s = 0; s < solar.count; s++) {
    for (let t = 0; t < periods; t++) {
      indices.push(columns.solarP[s]! + t);
      coefficients.push(1);
    }
  }
  for (let s = 0; s < shapables.count; s++) {
    for (let k = 0; k < shapables.end[s]! - shapables.start[s]!; k++) {
      indices.push(columns.shapableP[s]! + k);
      coefficients.push(-share);
    }
  }
  const load = problem.loadP.reduce((sum, value) => sum + value, 0);
  return program.addInequality(indices, coefficients, share * load, Number.POSITIVE_INFINITY);
}
