import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Section } from './section.js';
import { digits } from './statistics.js';

/** Kernel name → time per call in calibrating loops, measured once and committed. */
type Baseline = Record<string, number>;

/** A kernel fails the gate only when it is this many times slower than its baseline: machines differ. */
export const GATE_FACTOR = 3;

const baselineFile = (): string => join(packageRoot(), 'bench', 'baseline.json');

function kernelsOf(sections: readonly Section[]): Baseline {
  const found: Baseline = {};
  for (const section of sections) {
    for (const block of section.blocks) {
      if (block.kind !== 'kernel') continue;
      for (const result of block.results) if (!result.peer) found[result.name] = result.toCalibration;
    }
  }
  return found;
}

export function writeBaseline(sections: readonly Section[]): void {
  const measured = kernelsOf(sections);
  const sorted = Object.fromEntries(
    Object.entries(measured)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, Number(value.toPrecision(3))]),
  );
  writeFileSync(baselineFile(), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Names of the kernels that became too slow, or went missing. */
export function gate(sections: readonly Section[]): string[] {
  if (!existsSync(baselineFile()))
    throw new Error('bench/baseline.json is missing; make it with npm run bench -- --baseline');
  const baseline = JSON.parse(readFileSync(baselineFile(), 'utf8')) as Baseline;
  const measured = kernelsOf(sections);
  const failed: string[] = [];
  for (const [name, expected] of Object.entries(baseline)) {
    const now = measured[name];
    if (now === undefined) failed.push(`${name}: in the baseline, but no benchmark measures it`);
    else {
      const ratio = now / expected;
      console.error(`  ${name}: ${digits(ratio)}× its baseline`);
      if (ratio > GATE_FACTOR) failed.push(`${name}: ${digits(ratio)}× its baseline, ${GATE_FACTOR}× allowed`);
    }
  }
  for (const name of Object.keys(measured)) {
    if (!(name in baseline))
      failed.push(`${name}: not in bench/baseline.json; add it with npm run bench -- --baseline`);
  }
  return failed;
}
