import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';

/** The day in steps: the same powers and prices, `ratio` steps a period. What stands on the ledger. */
export function fineCase(base: Case, ratio: number): Case {
  const repeat = (values: readonly number[]): number[] => values.flatMap((v) => new Array<number>(ratio).fill(v));
  return {
    ...base,
    periods: base.periods * ratio,
    hoursPerPeriod: base.hoursPerPeriod / ratio,
    loads: base.loads.map((l) => ({ ...l, pMw: repeat(l.pMw), qMvar: repeat(l.qMvar) })),
    solar: base.solar.map((s) => ({ ...s, forecastMw: repeat(s.forecastMw) })),
    shapables: base.shapables.map((s) => ({
      ...s,
      startPeriod: s.startPeriod * ratio,
      endPeriod: s.endPeriod * ratio,
      ...(s.preferredMw === undefined ? {} : { preferredMw: repeat(s.preferredMw) }),
    })),
    generators: base.generators.map((g) => ({ ...g, costLinear: repeat(g.costLinear) })),
    incentives: base.incentives && {
      ...base.incentives,
      budgetPerPeriod: undefined,
      deviationMw: undefined,
      maxRounds: 1,
    },
  };
}

/** A day-ahead solution spread over the steps; stored energies on the straight line between periods' ends. */
export function fineSolution(base: Case, solution: Solution, ratio: number): Solution {
  const repeat = (values: readonly number[]): number[] => values.flatMap((v) => new Array<number>(ratio).fill(v));
  const spread = <Row extends object>(rows: readonly Row[]): Row[] =>
    rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, Array.isArray(value) ? repeat(value) : value]),
        ) as Row,
    );
  return {
    ...solution,
    buses: spread(solution.buses!.map(({ dlmpParts: _, ...bus }) => bus)),
    lines: spread(solution.lines!),
    generators: spread(solution.generators!),
    solar: spread(solution.solar!),
    shapables: spread(solution.shapables!),
    batteries: solution.batteries!.map((battery, k) => {
      const ends = [base.batteries[k]!.initialMwh, ...battery.energyMwh];
      const energyMwh = battery.energyMwh.flatMap((end, t) =>
        Array.from({ length: ratio }, (_, j) => ends[t]! + ((end - ends[t]!) * (j + 1)) / ratio),
      );
      return { ...spread([battery])[0]!, energyMwh };
    }),
    duals: undefined,
    trace: undefined,
  };
}
