import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledCase } from '../../src/model/compiled.js';
import type { Contestant, Sample } from '../harness.js';
import { errors, fromArrays, type Reference } from './accuracy.js';
import { type ConicProblem, toConic } from './conic.js';
import { findPython, PythonPeer } from './python.js';

export type NativeSolver = 'clarabel' | 'scs' | 'ecos';

/** Other solvers on one case, ready to compete; `close` ends their process. */
export class Peers {
  readonly #problem: CompiledCase;
  readonly #conic: ConicProblem;
  readonly #reference: Reference | undefined;
  #python: PythonPeer | undefined;
  readonly #versions = new Map<string, string>();

  private constructor(problem: CompiledCase, reference: Reference | undefined) {
    this.#problem = problem;
    this.#conic = toConic(problem);
    this.#reference = reference;
  }

  static async open(problem: CompiledCase, reference: Reference | undefined): Promise<Peers> {
    const peers = new Peers(problem, reference);
    const python = findPython();
    if (python === undefined) return peers;
    peers.#python = new PythonPeer(python);
    const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-bench-'));
    try {
      const file = join(folder, 'problem.json');
      const { quadratic, linear, start, index, value, rightSide, ...rest } = peers.#conic;
      const plain = { quadratic, linear, start, index, value, rightSide };
      const lists = Object.fromEntries(Object.entries(plain).map(([name, list]) => [name, Array.from(list)]));
      writeFileSync(file, JSON.stringify({ ...rest, ...lists }));
      await peers.#python.ask({ problem: file });
      for (const probe of ['clarabel', 'scs', 'ecos']) {
        const version = await peers.#python.ask({ probe }).then(
          (reply) => reply.version,
          () => undefined,
        );
        if (version !== undefined) peers.#versions.set(probe, version);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return peers;
  }

  /** A native solver; without a tolerance, at the solver's own default. Its set-up and solve are timed. */
  native(solver: NativeSolver, tolerance?: number): Contestant {
    const version = this.#versions.get(solver);
    const name = `${solver} ${version ?? ''} native, ${tolerance === undefined ? 'default' : tolerance.toExponential()}`;
    const unavailable =
      this.#python === undefined
        ? 'no Python with numpy and scipy (set CROWDWATT_PYTHON)'
        : version === undefined
          ? `the Python package ${solver} is not installed`
          : undefined;
    return { name, side: 'peer', unavailable, run: () => this.#runNative(solver, tolerance) };
  }

  async #runNative(solver: NativeSolver, tolerance: number | undefined): Promise<Sample> {
    const { voltageColumn, balanceRow } = this.#conic;
    const count = this.#problem.busCount * this.#problem.periods;
    const reply = await this.#python!.ask({ solver, tolerance, voltageColumn, balanceRow, count });
    return {
      seconds: reply.seconds,
      iterations: reply.iterations,
      ...this.#accuracy(reply.objective!, reply.v!, reply.price!),
    };
  }

  /** The npm package scs-solver: SCS compiled to WebAssembly. */
  async scsWasm(tolerance: number): Promise<Contestant> {
    const name = `scs-solver (npm, WebAssembly), ${tolerance.toExponential()}`;
    let solver: ScsModule;
    try {
      const create = createRequire(import.meta.url)('scs-solver') as () => Promise<ScsModule>;
      solver = await create();
    } catch {
      return { name, side: 'peer', unavailable: 'the package scs-solver is not installed', run: () => ({}) };
    }
    const c = this.#conic;
    const diagonal = [...c.quadratic.keys()].filter((k) => c.quadratic[k] !== 0);
    const start = new Array<number>(c.columns + 1).fill(0);
    for (const k of diagonal) start[k + 1] = 1;
    for (let k = 0; k < c.columns; k++) start[k + 1]! += start[k]!;
    const data = {
      m: c.rows,
      n: c.columns,
      A_x: Array.from(c.value),
      A_i: Array.from(c.index),
      A_p: Array.from(c.start),
      P_x: diagonal.map((k) => c.quadratic[k]!),
      P_i: diagonal,
      P_p: start,
      b: Array.from(c.rightSide),
      c: Array.from(c.linear),
    };
    const { zero, nonnegative, secondOrder } = c.cones;
    const cone = {
      z: zero,
      l: nonnegative,
      bsize: 0,
      q: [...secondOrder],
      qsize: secondOrder.length,
      ep: 0,
      ed: 0,
      psize: 0,
    };
    const run = (): Sample => {
      const settings = new solver.ScsSettings();
      solver.setDefaultSettings(settings);
      Object.assign(settings, { epsAbs: tolerance, epsRel: tolerance, maxIters: 100_000, verbose: 0 });
      const begun = performance.now();
      const found = solver.solve(data, cone, settings);
      const seconds = (performance.now() - begun) / 1000;
      const x = found.x;
      let objective = 0;
      for (let k = 0; k < c.columns; k++) objective += c.linear[k]! * x[k]! + 0.5 * c.quadratic[k]! * x[k]! * x[k]!;
      const count = this.#problem.busCount * this.#problem.periods;
      const v = x.slice(c.voltageColumn, c.voltageColumn + count);
      const price = found.y.slice(c.balanceRow, c.balanceRow + count);
      return { seconds, iterations: found.info?.iter, ...this.#accuracy(objective, v, price) };
    };
    return { name, side: 'peer', run };
  }

  #accuracy(objective: number, v: readonly number[], dual: readonly number[]): Pick<Sample, 'error' | 'extra'> {
    if (this.#reference === undefined) return {};
    const price = dual.map((multiplier) => multiplier * this.#conic.priceScale);
    return errors(fromArrays(this.#problem, objective + this.#conic.constant, v, price), this.#reference);
  }

  close(): void {
    this.#python?.close();
  }
}

interface ScsModule {
  readonly ScsSettings: new () => object;
  setDefaultSettings(settings: object): void;
  solve(data: object, cone: object, settings: object): { x: number[]; y: number[]; info?: { iter: number } };
}
