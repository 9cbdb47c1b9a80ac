import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import loadHighs, { type Highs } from 'highs';
import { type LpModel, writeMps } from '../../src/lp/index.js';
import { packageRoot } from '../../src/package-root.js';

/** One timed solve; seconds of the solver alone, without reading or passing the model. */
export interface Timed {
  readonly seconds: number;
  readonly iterations: number;
  readonly objective: number;
}

/** HiGHS compiled to WebAssembly (npm `highs`), its own defaults. */
export class HighsWasm {
  readonly #highs: Highs;

  private constructor(highs: Highs) {
    this.#highs = highs;
  }

  static async open(): Promise<HighsWasm> {
    return new HighsWasm(await loadHighs());
  }

  solve(model: LpModel): Timed {
    const { minimize, maximize } = this.#highs.constants.objectiveSense;
    const solver = this.#highs.createModel();
    try {
      solver.options.set({ output_flag: false });
      solver.passModel({
        numCols: model.columnCount,
        numRows: model.rowCount,
        sense: model.sense === 'maximise' ? maximize : minimize,
        offset: model.constant ?? 0,
        colCost: model.cost,
        colLower: model.lower,
        colUpper: model.upper,
        rowLower: model.rowLower,
        rowUpper: model.rowUpper,
        matrix: {
          format: 'csc',
          numRows: model.rowCount,
          numCols: model.columnCount,
          starts: model.columnStart,
          indices: model.rowIndex,
          values: model.value,
        },
      });
      const start = performance.now();
      solver.run();
      const seconds = (performance.now() - start) / 1000;
      const iterations = Number(solver.info.get('simplex_iteration_count'));
      return { seconds, iterations, objective: solver.getObjectiveValue() };
    } finally {
      solver.dispose();
    }
  }
}

/** Native HiGHS through the Python package highspy, in a process of its own. */
export class HighsNative {
  readonly version: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'crowdwatt-lp-'));

  private constructor(python: string, version: string) {
    this.version = version;
    this.#child = spawn(python, [join(packageRoot(), 'bench', 'lp', 'highs_native.py')]);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('ANSWER ')) this.#waiting.shift()?.(line.slice(7));
    });
    this.#child.on('close', () => {
      for (const done of this.#waiting.splice(0)) done('{}');
    });
  }

  /** Undefined where no Python with highspy is found (CROWDWATT_PYTHON, else python3). */
  static open(): HighsNative | undefined {
    for (const python of [process.env.CROWDWATT_PYTHON, 'python3']) {
      if (python === undefined) continue;
      const probe = spawnSync(python, ['-c', 'import highspy; print("VERSION", highspy.Highs().version())'], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      const version = /VERSION (\S+)/.exec(probe.stdout ?? '')?.[1];
      if (version !== undefined) return new HighsNative(python, version);
    }
    return undefined;
  }

  /** Writes the model where `solve` finds it. */
  place(name: string, model: LpModel): string {
    const file = join(this.#folder, `${name}.mps`);
    writeFileSync(file, writeMps(model));
    return file;
  }

  async solve(file: string): Promise<Timed> {
    const answer = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`${JSON.stringify({ file, presolve: 'choose' })}\n`);
    });
    const { seconds, iterations, objective } = JSON.parse(answer) as Partial<Timed>;
    return {
      seconds: seconds ?? Number.NaN,
      iterations: iterations ?? Number.NaN,
      objective: objective ?? Number.NaN,
    };
  }

  close(): void {
    this.#child.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
