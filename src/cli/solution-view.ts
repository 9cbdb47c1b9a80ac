import type { Solution } from '../solver/solution.js';
import { sparkline, thin } from './sparkline.js';
import { table } from './table.js';

const SPARK_WIDTH = 48;

/** A solution for people: what came out first, then how much it is worth, then the day as sparklines. */
export function describeSolution(solution: Solution): string {
  const verdict = solution.certificate?.verdict;
  const lines = [`${verdict === 'inexact' ? 'INEXACT  ' : ''}${solution.case}: ${solution.status}, ${solution.method}`];
  if (solution.reason !== undefined) lines.push(`  ${solution.reason}`);
  lines.push(table(headRows(solution), '  '));
  if (solution.buses !== undefined) lines.push('', table(dayRows(solution), '  '));
  for (const warning of solution.warnings) lines.push(`  ! ${warning}`);
  return lines.join('\n');
}

function headRows(solution: Solution): string[][] {
  const rows: string[][] = [];
  const { objective, lowerBound, certificate, seconds, iterations } = solution;
  if (objective !== undefined) {
    const bound = lowerBound === undefined ? '' : `(at least ${lowerBound.toFixed(4)})`;
    rows.push(['cost', `${objective.toFixed(4)} $`, bound]);
  }
  if (certificate !== undefined) {
    const mismatch = `AC replay ${power10(certificate.acVoltageMismatchMaxPu)} pu, ${power10(certificate.acPowerMismatchMaxMw)} MW`;
    rows.push(['verdict', certificate.verdict, mismatch]);
    const { primalResidual, dualResidual, relativeGap } = certificate;
    const residuals = `primal ${power10(primalResidual)}, dual ${power10(dualResidual)}, gap ${power10(relativeGap)}`;
    rows.push(['residuals', residuals]);
  }
  const { setup, solve, total } = seconds;
  rows.push([
    'effort',
    `${iterations} iterations`,
    `${total.toFixed(3)} s (setup ${setup.toFixed(3)}, solve ${solve.toFixed(3)})`,
  ]);
  return rows;
}

function power10(value: number): string {
  return Number.isFinite(value) ? value.toExponential(1) : 'none';
}

/** One row a quantity: sparkline over the periods, least and greatest. */
function dayRows(solution: Solution): string[][] {
  const buses = solution.buses ?? [];
  const periods = buses[0]?.voltagePu.length ?? 0;
  const each = <D>(list: readonly D[], at: (element: D, t: number) => number) =>
    Array.from({ length: periods }, (_, t) => list.reduce((sum, element) => sum + at(element, t), 0));
  const over = (pick: (values: number[]) => number, series: (k: number) => readonly number[] | undefined) =>
    Array.from({ length: periods }, (_, t) => pick(buses.map((_bus, k) => series(k)?.[t] ?? Number.NaN)));
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const rows: string[][] = [];
  const push = (name: string, values: number[], unit: string, digits: number) => {
    if (values.every((value) => value === 0)) return;
    const from = least(values).toFixed(digits);
    const to = most(values).toFixed(digits);
    const range = from === to ? `${to} ${unit}` : `${from} to ${to} ${unit}`;
    rows.push([name, periods > 1 ? sparkline(thin(values, SPARK_WIDTH)) : '', range]);
  };
  push(
    'generation',
    each(solution.generators ?? [], (g, t) => g.pMw[t]!),
    'MW',
    3,
  );
  push(
    'solar',
    each(solution.solar ?? [], (s, t) => s.pMw[t]!),
    'MW',
    3,
  );
  push(
    'storage',
    each(solution.batteries ?? [], (b, t) => b.dischargeMw[t]! - b.chargeMw[t]!),
    'MW',
    3,
  );
  push(
    'shapable',
    each(solution.shapables ?? [], (s, t) => s.pMw[t]!),
    'MW',
    3,
  );
  push(
    'load shed',
    each(solution.shed ?? [], (s, t) => s.pMw[t]!),
    'MW',
    3,
  );
  push(
    'losses',
    each(solution.lines ?? [], (line, t) => line.lossMw[t]!),
    'MW',
    4,
  );
  push(
    'lowest voltage',
    over(least, (k) => buses[k]!.voltagePu),
    'pu',
    4,
  );
  push(
    'highest voltage',
    over(most, (k) => buses[k]!.voltagePu),
    'pu',
    4,
  );
  if (buses[0]?.dlmpPerMwh !== undefined) {
    push(
      'lowest DLMP',
      over(least, (k) => buses[k]!.dlmpPerMwh),
      '$/MWh',
      3,
    );
    push(
      'highest DLMP',
      over(most, (k) => buses[k]!.dlmpPerMwh),
      '$/MWh',
      3,
    );
  }
  return rows;
}
