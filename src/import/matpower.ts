import { CrowdwattError } from '../errors.js';
import type { Case, Generator } from '../model/case.js';
import { FeederDraft } from './draft.js';
import { runMatlab } from './matlab/machine.js';
import { isMatrix, type Matrix, Struct } from './matlab/values.js';
import type { Imported } from './notes.js';

// Columns of MATPOWER's case format (version 2), 0-based.
const BUS = { id: 0, type: 1, pd: 2, qd: 3, gs: 4, bs: 5, vm: 7, baseKv: 9, vMax: 11, vMin: 12 } as const;
const BRANCH = { from: 0, to: 1, r: 2, x: 3, b: 4, rateA: 5, ratio: 8, status: 10 } as const;
const GEN = { bus: 0, pg: 1, qMax: 3, qMin: 4, vg: 5, status: 7, pMax: 8, pMin: 9 } as const;
const TYPE = { reference: 3, isolated: 4 } as const;

/**
 * MATPOWER case (`.m` or the text of `savecase`) → one-period case. Radial networks only; the
 * reference bus is the root. Unit conversions written as statements in the file are carried out.
 *
 * @throws CrowdwattError `input/invalid` with the line, where the file cannot be represented.
 */
export function importMatpower(text: string): Imported<Case> {
  const { variables, skipped } = runMatlab(text);
  const mpc = variables.get('mpc');
  if (!(mpc instanceof Struct))
    throw new CrowdwattError('input/invalid', "no 'mpc' struct: this is not a MATPOWER case of version 2");
  const table = (name: string, leastColumns: number): Matrix | undefined => {
    const value = mpc.fields.get(name);
    if (value === undefined) return undefined;
    if (!isMatrix(value)) throw new CrowdwattError('input/invalid', `mpc.${name} is not a matrix`);
    if (value.rows > 0 && value.columns < leastColumns) {
      throw new CrowdwattError(
        'input/invalid',
        `mpc.${name} has ${value.columns} columns, at least ${leastColumns} are needed`,
      );
    }
    return value;
  };
  const need = (name: string, leastColumns: number): Matrix => {
    const found = table(name, leastColumns);
    if (found === undefined || found.rows === 0)
      throw new CrowdwattError('input/invalid', `mpc.${name} is missing or empty`);
    return found;
  };
  const baseMva = mpc.fields.get('baseMVA');
  if (typeof baseMva !== 'number') throw new CrowdwattError('input/invalid', 'mpc.baseMVA is missing');
  const buses = need('bus', 13);
  const branches = need('branch', 11);
  const gens = need('gen', 10);
  const name = /^\s*function\s+\w+\s*=\s*(\w+)/m.exec(text)?.[1] ?? 'MATPOWER case';
  const draft = new FeederDraft(name, baseMva, 1, 1);
  for (const statement of skipped) draft.leftOut.add(`statement on line ${statement.line}: ${statement.text}`);

  const root = readBuses(draft, buses);
  const baseKv = at(buses, root.row, BUS.baseKv);
  readBranches(draft, branches, baseMva);
  const rootVoltage = readGenerators(draft, gens, table('gencost', 5), root.id) ?? at(buses, root.row, BUS.vm);
  return draft.finish(root.id, baseKv > 0 ? baseKv : 1, rootVoltage);
}

function at(m: Matrix, row: number, column: number): number {
  return m.data[row * m.columns + column]!;
}

function readBuses(draft: FeederDraft, buses: Matrix): { id: string; row: number } {
  const roots: { id: string; row: number }[] = [];
  for (let k = 0; k < buses.rows; k++) {
    const id = String(at(buses, k, BUS.id));
    const type = at(buses, k, BUS.type);
    if (type === TYPE.isolated) {
      draft.leftOut.add('isolated buses (type 4)', id);
      continue;
    }
    if (type === TYPE.reference) roots.push({ id, row: k });
    draft.bus(id, at(buses, k, BUS.vMin), at(buses, k, BUS.vMax));
    let p = at(buses, k, BUS.pd);
    const q = at(buses, k, BUS.qd);
    const conductance = at(buses, k, BUS.gs);
    if (conductance !== 0) {
      draft.approximations.add('shunt conductances taken as constant real load at 1 pu', id);
      p += conductance;
    }
    if (p !== 0 || q !== 0) draft.load(`load-${id}`, id, [p], [q]);
    draft.shunt(id, at(buses, k, BUS.bs));
  }
  if (roots.length !== 1) {
    throw new CrowdwattError(
      'input/invalid',
      `${roots.length} reference buses (${roots.map((r) => r.id).join(', ')}): a feeder has exactly one substation`,
    );
  }
  return roots[0]!;
}

function readBranches(draft: FeederDraft, branches: Matrix, baseMva: number): void {
  const counts = new Map<string, number>();
  for (let k = 0; k < branches.rows; k++) {
    const from = String(at(branches, k, BRANCH.from));
    const to = String(at(branches, k, BRANCH.to));
    const count = (counts.get(`${from}-${to}`) ?? 0) + 1;
    counts.set(`${from}-${to}`, count);
    const id = `${from}-${to}${count === 1 ? '' : `#${count}`}`;
    if (at(branches, k, BRANCH.status) === 0) {
      draft.leftOut.add('branches out of service', id);
      continue;
    }
    if (!draft.hasBus(from) || !draft.hasBus(to)) {
      draft.leftOut.add('branches of isolated buses', id);
      continue;
    }
    const ratio = at(branches, k, BRANCH.ratio);
    if (ratio !== 0 && ratio !== 1) draft.approximations.add('off-nominal tap ratios taken as 1', `${id} (${ratio})`);
    const charging = at(branches, k, BRANCH.b);
    if (charging !== 0) {
      draft.approximations.add('line charging moved half to the shunt of each end', id);
      draft.shunt(from, (charging / 2) * baseMva);
      draft.shunt(to, (charging / 2) * baseMva);
    }
    const rate = at(branches, k, BRANCH.rateA);
    draft.branch(id, from, to, at(branches, k, BRANCH.r), at(branches, k, BRANCH.x), rate > 0 ? rate : undefined);
  }
}

/** Gives back the root's voltage setpoint where a generator at the root has one. */
function readGenerators(draft: FeederDraft, gens: Matrix, costs: Matrix | undefined, root: string): number | undefined {
  let rootVoltage: number | undefined;
  const counts = new Map<string, number>();
  for (let k = 0; k < gens.rows; k++) {
    const bus = String(at(gens, k, GEN.bus));
    const count = (counts.get(bus) ?? 0) + 1;
    counts.set(bus, count);
    const base = bus === root ? 'substation' : `gen-${bus}`;
    const id = count === 1 ? base : `${base}#${count}`;
    if (!(at(gens, k, GEN.status) > 0) || !draft.hasBus(bus)) {
      draft.leftOut.add('generators out of service', id);
      continue;
    }
    if (bus === root) rootVoltage ??= at(gens, k, GEN.vg);
    else
      draft.leftOut.add(
        'voltage setpoints of generators below the root (their reactive power is free in its limits)',
        id,
      );
    draft.generator({
      id,
      bus,
      pMinMw: finite(at(gens, k, GEN.pMin)),
      pMaxMw: finite(at(gens, k, GEN.pMax)),
      qMinMvar: finite(at(gens, k, GEN.qMin)),
      qMaxMvar: finite(at(gens, k, GEN.qMax)),
      ...cost(draft, costs, k, id),
    });
  }
  if (rootVoltage === undefined)
    throw new CrowdwattError('input/invalid', `no generator in service at the reference bus ${root}`, { id: root });
  return rootVoltage;
}

/** Files write Inf or 1e10 for "no limit". */
function finite(value: number): number {
  const most = 1e6;
  return Math.max(-most, Math.min(most, value));
}

type Costs = Pick<Generator, 'costQuadratic' | 'costLinear' | 'costConstant'>;

function cost(draft: FeederDraft, costs: Matrix | undefined, row: number, id: string): Costs {
  if (costs === undefined || row >= costs.rows) {
    draft.approximations.add('no cost in the file: 30 $/MWh', id);
    return { costQuadratic: 0, costLinear: [30], costConstant: 0 };
  }
  const model = at(costs, row, 0);
  const count = at(costs, row, 3);
  const coefficients = costs.data.slice(
    row * costs.columns + 4,
    row * costs.columns + 4 + (model === 1 ? 2 * count : count),
  );
  if (model === 1) return piecewise(draft, coefficients, id);
  if (model !== 2)
    throw new CrowdwattError('input/invalid', `generator ${id} has cost model ${model}; 1 and 2 are known`, { id });
  if (coefficients.slice(0, -3).some((c) => c !== 0)) {
    throw new CrowdwattError(
      'input/invalid',
      `generator ${id} has a cost polynomial of degree ${count - 1}; at most 2 can be represented`,
      { id },
    );
  }
  const [constant = 0, linear = 0, quadratic = 0] = coefficients.slice(-3).reverse();
  if (quadratic < 0)
    throw new CrowdwattError('input/invalid', `generator ${id} has a concave cost (${quadratic} $/MW²h)`, { id });
  return { costQuadratic: quadratic, costLinear: [linear], costConstant: constant };
}

function piecewise(draft: FeederDraft, points: readonly number[], id: string): Costs {
  const first = { mw: points[0] ?? 0, cost: points[1] ?? 0 };
  const last = { mw: points[points.length - 2] ?? 0, cost: points[points.length - 1] ?? 0 };
  const slope = last.mw === first.mw ? 0 : (last.cost - first.cost) / (last.mw - first.mw);
  if (points.length > 4)
    draft.approximations.add('piecewise linear costs taken as the straight line through their ends', id);
  return { costQuadratic: 0, costLinear: [slope], costConstant: first.cost - slope * first.mw };
}
