import { type LpModel, solveLp } from '../../src/lp/index.js';
import type { BenchReport } from '../harness.js';
import { HighsNative, HighsWasm, type Timed } from './peers.js';

export interface Entry {
  readonly name: string;
  readonly model: LpModel;
  readonly rounds: number;
}

interface Best {
  seconds: number;
  iterations: number;
  objective: number;
}

/**
 * Solves each model with ours, HiGHS in WebAssembly and native HiGHS in turn, several rounds, and
 * tables the shortest time of each (the machine's other work only ever adds), the ratios, and their
 * geometric means.
 */
export async function contest(report: BenchReport, title: string, entries: readonly Entry[]): Promise<void> {
  const wasm = await HighsWasm.open();
  const native = HighsNative.open();
  if (native === undefined) report.skip('native HiGHS: no Python with highspy (set CROWDWATT_PYTHON): not compared');
  const rows: (string | number)[][] = [];
  const ratios: { wasm: number[]; native: number[] } = { wasm: [], native: [] };
  try {
    for (const { name, model, rounds } of entries) {
      const file = native?.place(name, model);
      const best: Record<'ours' | 'wasm' | 'native', Best | undefined> = {
        ours: undefined,
        wasm: undefined,
        native: undefined,
      };
      for (let round = 0; round < rounds; round++) {
        best.ours = shorter(best.ours, await ours(model));
        best.wasm = shorter(best.wasm, wasm.solve(model));
        if (native !== undefined) best.native = shorter(best.native, await native.solve(file!));
      }
      const mine = best.ours!;
      const times = (peer: Best | undefined, all: number[]): string => {
        if (peer === undefined) return '–';
        all.push(peer.seconds / mine.seconds);
        return (peer.seconds / mine.seconds).toFixed(2);
      };
      rows.push([
        name,
        `${model.rowCount} × ${model.columnCount}`,
        shown(mine),
        shown(best.wasm),
        shown(best.native),
        times(best.wasm, ratios.wasm),
        times(best.native, ratios.native),
        agreement(mine, best.wasm, best.native),
      ]);
    }
  } finally {
    native?.close();
  }
  rows.push(['geometric mean', '', '', '', '', mean(ratios.wasm), mean(ratios.native), '']);
  report.table(
    title,
    [
      'model',
      'rows × columns',
      'ours, ms (iterations)',
      'highs npm (WebAssembly)',
      `HiGHS ${native?.version ?? ''} native`,
      'times faster than npm',
      'times faster than native',
      'largest relative difference of optima',
    ],
    rows,
  );
}

async function ours(model: LpModel): Promise<Timed> {
  const start = performance.now();
  const result = await solveLp(model);
  return { seconds: (performance.now() - start) / 1000, iterations: result.iterations, objective: result.objective };
}

function shorter(best: Best | undefined, run: Timed): Best {
  return best === undefined || run.seconds < best.seconds ? { ...run } : best;
}

function shown(best: Best | undefined): string {
  return best === undefined ? '–' : `${(best.seconds * 1000).toFixed(1)} (${best.iterations})`;
}

function agreement(mine: Best, ...peers: (Best | undefined)[]): string {
  let worst = 0;
  for (const peer of peers) {
    if (peer === undefined || !Number.isFinite(mine.objective) || !Number.isFinite(peer.objective)) continue;
    worst = Math.max(worst, Math.abs(peer.objective - mine.objective) / Math.max(1, Math.abs(mine.objective)));
  }
  return worst.toExponential(1);
}

function mean(ratios: readonly number[]): string {
  if (ratios.length === 0) return '–';
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(2);
}
