import type { RunReport } from '../market/documents.js';
import type { DayResult } from '../market/index.js';
import { dollars } from '../units.js';
import { sparkline, thin } from './sparkline.js';
import { table } from './table.js';

const SPARK_WIDTH = 48;

/** A day of Algorithm 1 for people: what it cost, who was asked what, who is paid what, and how long it took. */
export function describeDay({ report, outcome }: DayResult): string {
  const { solution } = outcome.equilibrium;
  const inexact = report.opf.certificate?.verdict === 'inexact' ? 'INEXACT  ' : '';
  const prices = solution.buses!.flatMap((bus) => bus.dlmpPerMwh!);
  const head = [
    [
      'cost',
      `${report.opf.objective!.toFixed(4)} $`,
      `${report.opf.method}, ${report.opf.certificate?.verdict ?? 'off'}`,
    ],
    ['DLMP', `${Math.min(...prices).toFixed(2)} to ${Math.max(...prices).toFixed(2)} $/MWh`, priceLine(outcome)],
    ['contracts', String(report.contracts.length), 'generators and Type-1 crowdsourcees'],
    ...offerRows(report),
    ...incentiveRow(report),
    ...supplementRows(report),
    replayRow(report),
    ...statementRows(report),
    ['ledger', `${report.ledger.height} blocks`, `${report.ledger.transactions} transactions, ${report.ledger.kind}`],
  ];
  const lines = [`${inexact}${report.case}, ${report.day}`, table(head, '  ')];
  for (const warning of report.warnings ?? []) lines.push(`  ! ${warning}`);
  lines.push(`  seconds: ${seconds(report)}`);
  return lines.join('\n');
}

/** Mean DLMP over the buses, through the day. */
function priceLine(outcome: DayResult['outcome']): string {
  const { buses } = outcome.equilibrium.solution;
  const periods = buses![0]!.dlmpPerMwh!.length;
  if (periods < 2) return '';
  const mean = Array.from({ length: periods }, (_, t) => buses!.reduce((sum, bus) => sum + bus.dlmpPerMwh![t]!, 0));
  return sparkline(thin(mean, SPARK_WIDTH));
}

function offerRows(report: RunReport): string[][] {
  const rounds = [...new Set(report.offers.map((offer) => offer.round))].sort((a, b) => a - b);
  return rounds.map((round) => {
    const offers = report.offers.filter((offer) => offer.round === round);
    const count = (outcome: string) => offers.filter((offer) => offer.outcome === outcome).length;
    const others = ['expired', 'failed']
      .filter((outcome) => count(outcome) > 0)
      .map((outcome) => `, ${count(outcome)} ${outcome}`);
    return [
      `offers ${round}`,
      String(offers.length),
      `${count('accepted')} accepted, ${count('refused')} refused${others.join('')}`,
    ];
  });
}

function incentiveRow(report: RunReport): string[][] {
  if (report.offers.length === 0) return [];
  const paid = report.offers.map((offer) => offer.incentivePerMwh);
  return [['incentives', `${Math.min(...paid).toFixed(2)} to ${Math.max(...paid).toFixed(2)} $/MWh`]];
}

function supplementRows(report: RunReport): string[][] {
  const up = report.supplements.filter((entry) => entry.mw > 0).reduce((sum, entry) => sum + entry.mw, 0);
  const cost = report.supplements.reduce((sum, entry) => sum + entry.cost, 0);
  const rows = [
    ['supplements', String(report.supplements.length), `${up.toFixed(3)} MW·periods up, ${cost.toFixed(2)} $ in all`],
  ];
  if (report.undeliverable.length > 0) {
    const mwh = report.undeliverable.reduce((sum, entry) => sum + entry.mwh, 0);
    rows.push(['undeliverable', String(report.undeliverable.length), `${mwh.toFixed(4)} MWh of accepted tasks`]);
  }
  const short = report.shortfallMw.filter((mw) => mw > 0);
  if (short.length > 0)
    rows.push(['SHORTFALL', String(short.length), `periods, up to ${Math.max(...short).toFixed(4)} MW`]);
  return rows;
}

/** A violation that the verdict of a schedule allows, too, is the arithmetic's own. */
const ALLOWED_PU = 1.1e-5;

function replayRow(report: RunReport): string[] {
  const { violationMaxPu, where } = report.acCheck;
  const kept = violationMaxPu <= ALLOWED_PU;
  return [
    'AC replay',
    kept ? 'limits kept' : 'BROKEN',
    violationMaxPu > 0 ? `${violationMaxPu.toExponential(1)} pu: ${where}` : '',
  ];
}

function statementRows(report: RunReport): string[][] {
  const paid = report.statements.reduce((sum, statement) => sum + Math.max(0, statement.totalMicro), 0);
  return [
    ['statements', String(report.statements.length), `${dollars(paid).toFixed(2)} $ change hands, debits = credits`],
  ];
}

function seconds(report: RunReport): string {
  return Object.entries(report.seconds)
    .map(([step, value]) => `${step} ${value.toFixed(3)}`)
    .join(', ');
}
