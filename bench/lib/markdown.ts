import type { Block, KernelMeasured, Measured, Section } from './section.js';
import { digits, median, quantile, seconds } from './statistics.js';

/** docs/benchmarks.md from the recorded sections. */
export function toMarkdown(sections: readonly Section[]): string {
  const parts = [
    '# Benchmarks',
    'Written by `npm run bench`; do not edit. Each table was measured in one process tree, contestants in turn, round ' +
      'by round. A ratio is peer ÷ ours of the same round: its median, and in brackets its quartiles. The error is the ' +
      'true one, against an independent reference, not what a solver says of itself.',
  ];
  for (const section of sections) {
    parts.push(`## ${section.title}`);
    parts.push(
      `\`npm run bench ${section.name}\` · ${section.measured.slice(0, 10)} · ${section.commit} · ${section.machine}`,
    );
    for (const block of section.blocks) parts.push(blockToMarkdown(block));
  }
  return `${parts.join('\n\n')}\n`;
}

function blockToMarkdown(block: Block): string {
  if (block.kind === 'note') return block.text;
  if (block.kind === 'skip') return `> **Not measured:** ${block.text}`;
  if (block.kind === 'plot') return `![${block.title}](${block.file})`;
  if (block.kind === 'table') return `**${block.title}**\n\n${table(block.columns, block.rows)}`;
  if (block.kind === 'kernel') return kernels(block.results);
  return comparison(block.title, block.errorLabel, block.results);
}

function kernels(results: readonly KernelMeasured[]): string {
  const ours = results.find((result) => !result.peer);
  const rows = results.map((result) => [
    result.name,
    `${digits(result.nanoseconds)} ns`,
    `±${digits(result.marginPercent, 2)} %`,
    ours && result.peer ? `${digits(result.nanoseconds / ours.nanoseconds)}×` : '',
    digits(result.toCalibration),
  ]);
  return table(['kernel', 'per call', 'margin', 'time ÷ ours', 'calibrating loops'], rows);
}

function comparison(title: string, errorLabel: string | undefined, results: readonly Measured[]): string {
  const ours = results.filter((result) => result.side === 'ours');
  const extras = [...new Set(results.flatMap((result) => Object.keys(result.extra ?? {})))];
  const columns = ['', 'min', 'median', 'iterations', errorLabel ? `error (${errorLabel})` : 'error', ...extras];
  for (const own of ours) columns.push(`÷ ${own.name}`);
  const rows = results.map((result) => [
    result.side === 'ours' ? `**${result.name}**` : result.name,
    seconds(Math.min(...result.seconds)),
    seconds(median(result.seconds)),
    result.iterations?.toString() ?? '',
    result.error === undefined ? '' : digits(result.error, 2),
    ...extras.map((name) => cell(result.extra?.[name])),
    ...ours.map((own) => (own === result ? '' : ratio(result.seconds, own.seconds))),
  ]);
  return `**${title}** (${results[0]?.seconds.length ?? 0} rounds)\n\n${table(columns, rows)}`;
}

const cell = (value: number | string | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? digits(value, 4) : value;

/** Ratios of the same round: the machine's mood then cancels. */
function ratio(theirs: readonly number[], own: readonly number[]): string {
  const ratios = theirs.map((time, round) => time / (own[round] ?? Number.NaN));
  return `${digits(median(ratios))}× (${digits(quantile(ratios, 0.25))}–${digits(quantile(ratios, 0.75))})`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
