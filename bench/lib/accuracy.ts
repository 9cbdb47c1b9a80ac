import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledCase } from '../../src/model/compiled.js';
import { packageRoot } from '../../src/package-root.js';
import type { Solution } from '../../src/solver/solution.js';
import type { Sample } from '../harness.js';

/** `crowdwatt-reference/1`: an independent solver's answer to the plain relaxation. */
export interface Reference {
  readonly objective: number;
  readonly buses: readonly string[];
  readonly dlmpPerMwh: readonly (readonly number[])[];
  readonly voltagePu: readonly (readonly number[])[];
}

/** Cases and references that are not shipped live beside the checkout, or where CROWDWATT_CASES says. */
export function caseFile(name: string): string | undefined {
  const folders = [
    join(packageRoot(), 'examples', 'cases'),
    join(packageRoot(), 'bench', 'references'),
    process.env.CROWDWATT_CASES ?? join(packageRoot(), '..', 'shared', 'cases'),
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export function readReference(name: string): Reference | undefined {
  const file = caseFile(`${name}.reference.json`);
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Reference);
}

/** What a solver found, by bus id and period. */
export interface Found {
  readonly objective: number;
  readonly voltagePu: (bus: string, t: number) => number;
  readonly dlmpPerMwh: (bus: string, t: number) => number;
}

/** True errors: relative in cost, largest in price and voltage. */
export function errors(found: Found, reference: Reference): Pick<Sample, 'error' | 'extra'> {
  let price = 0;
  let voltage = 0;
  reference.buses.forEach((bus, k) => {
    reference.dlmpPerMwh[k]!.forEach((expected, t) => {
      price = Math.max(price, Math.abs(found.dlmpPerMwh(bus, t) - expected));
      voltage = Math.max(voltage, Math.abs(found.voltagePu(bus, t) - reference.voltagePu[k]![t]!));
    });
  });
  const cost = Math.abs(found.objective - reference.objective) / Math.max(1, Math.abs(reference.objective));
  return { error: cost, extra: { 'price error $/MWh': price, 'voltage error pu': voltage } };
}

export function fromSolution(solution: Solution): Found {
  const bus = new Map((solution.buses ?? []).map((entry) => [entry.id, entry]));
  return {
    objective: solution.objective ?? Number.NaN,
    voltagePu: (id, t) => bus.get(id)?.voltagePu[t] ?? Number.NaN,
    dlmpPerMwh: (id, t) => bus.get(id)?.dlmpPerMwh?.[t] ?? Number.NaN,
  };
}

/** From squared voltages and prices in tree order, N × T. */
export function fromArrays(
  problem: CompiledCase,
  objective: number,
  v: ArrayLike<number>,
  price: ArrayLike<number>,
): Found {
  const place = new Map(problem.source.buses.map((bus, k) => [bus.id, problem.positionOfBus[k]! * problem.periods]));
  return {
    objective,
    voltagePu: (id, t) => Math.sqrt(v[place.get(id)! + t]!),
    dlmpPerMwh: (id, t) => price[place.get(id)! + t]!,
  };
}
