import type { RunReport } from '../market/documents.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import { dollars } from '../units.js';

/** A table of the report: plain text cells, escaped when they are put on the page. */
export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Index of the first column that holds numbers; default 1. */
  readonly numbersFrom?: number;
}

export const money = (value: number): string =>
  `${value < 0 ? '−' : ''}${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} $`;

export function number(value: number, places: number): string {
  const text = value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
  return text.replace('-', '−');
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const small = (value: number): string => (value === 0 ? '0' : value.toExponential(1).replaceAll('-', '−'));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface Extreme {
  readonly value: number;
  readonly bus: string;
  readonly hour: number;
}

function extreme(solution: Solution, of: 'voltagePu' | 'dlmpPerMwh', sign: 1 | -1, hours: number): Extreme | undefined {
  let best: Extreme | undefined;
  for (const bus of solution.buses ?? []) {
    (bus[of] ?? []).forEach((value, t) => {
      if (best === undefined || sign * value > sign * best.value) best = { value, bus: bus.id, hour: t * hours };
    });
  }
  return best;
}

/** What the schedule costs, uses and looks like. */
export function resultsTable(source: Case, solution: Solution): ReportTable {
  const h = source.hoursPerPeriod;
  const energy = (rows: readonly (readonly number[])[]) => `${number(h * sum(rows.map(sum)), 3)} MWh`;
  const rows: string[][] = [];
  if (solution.objective !== undefined) rows.push(['Cost of the schedule', money(solution.objective)]);
  if (solution.lowerBound !== undefined) rows.push(['No schedule can cost less than', money(solution.lowerBound)]);
  rows.push(['Uncontrollable load', energy(source.loads.map((load) => load.pMw))]);
  if (solution.shapables) rows.push(['Shapable load', energy(solution.shapables.map((device) => device.pMw))]);
  if (solution.solar) {
    rows.push(['Solar used', energy(solution.solar.map((device) => device.pMw))]);
    rows.push(['Solar forecast', energy(source.solar.map((device) => device.forecastMw))]);
  }
  if (solution.batteries) rows.push(['Discharged by batteries', energy(solution.batteries.map((b) => b.dischargeMw))]);
  if (solution.generators) rows.push(['From generators', energy(solution.generators.map((g) => g.pMw))]);
  if (solution.lines) rows.push(['Lost in lines', energy(solution.lines.map((line) => line.lossMw))]);
  const at = (found: Extreme, places: number, unit: string) =>
    `${number(found.value, places)} ${unit} (bus ${found.bus}, hour ${found.hour})`;
  for (const [what, sign] of [
    ['Highest', 1],
    ['Lowest', -1],
  ] as const) {
    const price = extreme(solution, 'dlmpPerMwh', sign, h);
    const voltage = extreme(solution, 'voltagePu', sign, h);
    if (price) rows.push([`${what} price`, at(price, 2, '$/MWh')]);
    if (voltage) rows.push([`${what} voltage`, at(voltage, 4, 'pu')]);
  }
  rows.push([
    'Method',
    `${solution.method}, ${solution.iterations} iterations, ${number(solution.seconds.total, 2)} s`,
  ]);
  return { title: 'Results', head: ['', ''], rows };
}

/** Why the answer may be believed. */
export function certificateTable(solution: Solution): ReportTable | undefined {
  const proof = solution.certificate;
  if (proof === undefined) return undefined;
  return {
    title: 'Certificate',
    note: 'The schedule was replayed by an AC power flow that knows nothing of the optimisation; the differences are its.',
    head: ['', ''],
    rows: [
      ['Verdict', proof.verdict],
      ['Prices come from', solution.pricesFrom ?? '–'],
      ['Primal residual, relative', small(proof.primalResidual)],
      ['Dual residual, relative', small(proof.dualResidual)],
      ['Gap, relative', small(proof.relativeGap)],
      ['Voltage against the AC replay, at most', `${small(proof.acVoltageMismatchMaxPu)} pu`],
      ['Substation power against the AC replay, at most', `${small(proof.acPowerMismatchMaxMw)} MW`],
      ['Limits broken in the AC replay by at most', `${small(proof.acLimitViolationMaxPu)} pu`],
      ['Phantom loss of the relaxation, at most', `${small(proof.excessLossMw)} MW`],
      ['Batteries charging and discharging at once, at most', `${small(proof.simultaneousMwMax)} MW`],
    ],
  };
}

/** Offers by round, and what refusals cost. */
export function offersTable(report: RunReport, hours: number): ReportTable {
  const rounds = [...new Set(report.offers.map((offer) => offer.round))].sort((a, b) => a - b);
  const rows = rounds.map((round) => {
    const offers = report.offers.filter((offer) => offer.round === round);
    const accepted = offers.filter((offer) => offer.outcome === 'accepted');
    const mwh = sum(accepted.map((offer) => offer.mw)) * hours;
    const reward = sum(accepted.map((offer) => offer.mw * offer.incentivePerMwh)) * hours;
    const refused = offers.length - accepted.length;
    return [
      String(round),
      ...[offers.length, accepted.length, refused].map(String),
      `${number(mwh, 3)}`,
      money(reward),
    ];
  });
  const cost = sum(report.supplements.map((entry) => entry.cost));
  const late = sum(report.undeliverable.map((entry) => entry.mwh));
  const short = sum(report.shortfallMw) * hours;
  return {
    title: 'Offers and refusals',
    note:
      `What was refused twice was supplemented by generators: ${count(report.supplements.length, 'order')}, ${money(cost)}. ` +
      `Accepted but undeliverable: ${number(late, 3)} MWh. Shortfall: ${number(short, 3)} MWh.`,
    head: ['round', 'offers', 'accepted', 'refused', 'accepted MWh', 'rewards λᵃ·m'],
    rows,
    numbersFrom: 0,
  };
}

/** What every participant gets or pays over the statement's period. */
export function statementsTable(report: RunReport): ReportTable | undefined {
  if (report.statements.length === 0) return undefined;
  const total = report.statements.reduce((all, statement) => all + statement.totalMicro, 0);
  return {
    title: 'Statements',
    note: `All totals together: ${number(dollars(total), 6)} $. What one side pays, the other gets.`,
    head: ['participant', 'from', 'to', 'lines', 'total'],
    rows: report.statements.map((statement) => [
      statement.participant,
      statement.from,
      statement.to,
      String(statement.lines.length),
      money(dollars(statement.totalMicro)),
    ]),
    numbersFrom: 3,
  };
}

export function ledgerTable(report: RunReport): ReportTable {
  return {
    title: 'Ledger',
    note: 'Anyone who holds the head hash can check that nothing before it was changed: crowdwatt ledger verify DIR.',
    head: ['', ''],
    rows: [
      ['Kind', report.ledger.kind],
      ['Blocks', String(report.ledger.height)],
      ['Transactions', String(report.ledger.transactions)],
      ['Head', report.ledger.lastBlockHash],
      ['Equilibrium', report.equilibriumHash],
    ],
  };
}

export function secondsTable(report: RunReport): ReportTable {
  return {
    title: 'Seconds by step',
    head: ['step', 's'],
    rows: Object.entries(report.seconds).map(([step, value]) => [step, number(value, 3)]),
  };
}
