import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../src/model/case.js';
import { packageRoot } from '../../src/package-root.js';
import { solve } from '../../src/solver/index.js';
import type { Bench, Contestant, Sample } from '../harness.js';
import { findPython } from '../lib/python.js';

/** Best known AC cost with one direction per battery and period, from an independent solver, $. */
const BEST_KNOWN = 972.68;
const file = join(packageRoot(), 'examples', 'cases', 'sce56-tight.json');

/** AC recovery beside Ipopt on the nonconvex problem: the case where the relaxation is not exact. */
export const bench: Bench = {
  name: 'recovery',
  title: 'AC recovery where the relaxation is not exact (sce56-tight)',
  async run(report) {
    const source = JSON.parse(readFileSync(file, 'utf8')) as Case;
    const ours: Contestant = {
      name: 'crowdwatt ipm + recovery, no battery both ways',
      side: 'ours',
      run: async (): Promise<Sample> => {
        const started = performance.now();
        const s = await solve(source, { method: 'ipm', exactness: 'recover' });
        const seconds = (performance.now() - started) / 1000;
        if (s.certificate?.verdict !== 'recovered') throw new Error(`not recovered: ${s.reason}`);
        return {
          seconds,
          iterations: s.iterations,
          error: s.objective! / BEST_KNOWN - 1,
          extra: { 'cost, $': s.objective!.toFixed(3) },
        };
      },
    };
    await report.compare({
      title: 'whole solve, building included',
      errorLabel: 'cost above the best known AC cost (972.68 $), relative',
      repeats: 3,
      warmup: 1,
      contestants: [ours, ipopt()],
    });
  },
};

function ipopt(): Contestant {
  const python = findPython();
  const there = python !== undefined && spawnSync(python, ['-c', 'import casadi'], { timeout: 60_000 }).status === 0;
  return {
    name: 'Ipopt through CasADi (batteries may go both ways)',
    side: 'peer',
    unavailable: there ? undefined : 'no Python with casadi (set CROWDWATT_PYTHON)',
    run: (): Sample => {
      const done = spawnSync(python!, [join(packageRoot(), 'bench', 'peers', 'ipopt.py'), file], {
        encoding: 'utf8',
        timeout: 600_000,
      });
      if (done.status !== 0) throw new Error(done.stderr.trim().split('\n').at(-1));
      const reply = JSON.parse(done.stdout.trim().split('\n').at(-1)!) as {
        seconds: number;
        iterations: number;
        objective: number;
      };
      return {
        seconds: reply.seconds,
        iterations: reply.iterations,
        error: reply.objective / BEST_KNOWN - 1,
        extra: { 'cost, $': reply.objective.toFixed(3) },
      };
    },
  };
}
