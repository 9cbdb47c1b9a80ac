import { CrowdwattError } from '../errors.js';
import { type ColumnBlock, type RowBlock, withColumns, withRows } from './edit.js';
import { SimplexKernel } from './kernel.js';
import type { LoadedProgram } from './loaded.js';
import { type LpRanging, rangeAll } from './ranging.js';
import { finishInTurns, finishNow, startClock } from './run.js';
import { solveSteps } from './steps.js';
import { BasisStatus, type LpBasis, type LpModel, type LpOptions, type LpResult } from './types.js';
import { checkBasis, checkModel } from './validate.js';

/**
 * A linear program that stays: solve it, change costs, limits, rows or columns, and solve it again
 * from the basis it had. Costs and limits may change without the matrix being laid out anew.
 * Holds one kernel instance until `close`.
 */
export class LinearProgram implements Disposable {
  #model: LpModel;
  #kernel: SimplexKernel | undefined;
  #loaded: LoadedProgram | undefined;
  #basis: LpBasis | undefined;
  #busy = false;

  /** @throws CrowdwattError `input/invalid` where the arrays do not fit together. The model is copied where it can change. */
  constructor(model: LpModel) {
    checkModel(model);
    this.#model = {
      ...model,
      cost: model.cost.slice(),
      lower: model.lower.slice(),
      upper: model.upper.slice(),
      rowLower: model.rowLower.slice(),
      rowUpper: model.rowUpper.slice(),
    };
  }

  get model(): LpModel {
    return this.#model;
  }

  /** Basis of the last solve, or the one set; undefined before. */
  get basis(): LpBasis | undefined {
    return this.#basis;
  }

  set basis(basis: LpBasis | undefined) {
    if (basis !== undefined) checkBasis(basis, this.#model);
    this.#basis = basis;
  }

  setCost(column: number, cost: number): void {
    this.#inRange('cost', column, this.#model.columnCount);
    if (!Number.isFinite(cost))
      throw new CrowdwattError('input/invalid', `cost[${column}]: is ${cost}, must be finite`);
    this.#model.cost[column] = cost;
    this.#last = undefined;
  }

  setColumnBounds(column: number, lower: number, upper: number): void {
    this.#inRange('lower', column, this.#model.columnCount);
    checkLimits(`column ${column}`, lower, upper);
    this.#model.lower[column] = lower;
    this.#model.upper[column] = upper;
    this.#last = undefined;
  }

  setRowBounds(row: number, lower: number, upper: number): void {
    this.#inRange('rowLower', row, this.#model.rowCount);
    checkLimits(`row ${row}`, lower, upper);
    this.#model.rowLower[row] = lower;
    this.#model.rowUpper[row] = upper;
    this.#last = undefined;
  }

  /** Adds rows at the end; they come in basic, so the basis stays one. */
  addRows(block: RowBlock): void {
    const model = withRows(this.#model, block);
    checkModel(model);
    const added = model.rowCount - this.#model.rowCount;
    this.#replace(model);
    if (this.#basis !== undefined) {
      const rows = new Uint8Array(model.rowCount).fill(BasisStatus.basic);
      rows.set(this.#basis.rows);
      this.#basis = { columns: this.#basis.columns, rows: added > 0 ? rows : this.#basis.rows };
    }
  }

  /** Adds columns at the end; they come in at a bound. */
  addColumns(block: ColumnBlock): void {
    const before = this.#model.columnCount;
    const model = withColumns(this.#model, block);
    checkModel(model);
    this.#replace(model);
    if (this.#basis !== undefined) {
      const columns = new Uint8Array(model.columnCount);
      columns.set(this.#basis.columns);
      for (let j = before; j < model.columnCount; j++) {
        if (model.lower[j] === Number.NEGATIVE_INFINITY) {
          columns[j] = model.upper[j] === Number.POSITIVE_INFINITY ? BasisStatus.free : BasisStatus.atUpper;
        }
      }
      this.#basis = { columns, rows: this.#basis.rows };
    }
  }

  /** Solves from the basis at hand (or the one in the options), giving the event loop its turns. */
  async solve(options: LpOptions = {}): Promise<LpResult> {
    return this.#keep(await this.#guarded(() => finishInTurns(this.#drive(options), options.onProgress)));
  }

  /** Solves without giving the event loop a turn. */
  solveSync(options: LpOptions = {}): LpResult {
    return this.#keep(finishNow(this.#drive(options), options.onProgress));
  }

  /**
   * How far each cost and limit may move, one at a time, before the optimal basis changes.
   * @throws CrowdwattError `usage` unless the last solve was optimal.
   */
  ranging(): LpRanging {
    if (this.#loaded === undefined || this.#last !== 'optimal') {
      throw new CrowdwattError('usage', 'ranging needs an optimal solve of the program as it stands');
    }
    return rangeAll(this.#loaded, this.#model);
  }

  #last: string | undefined;

  /** Lets the kernel instance go; a later solve takes a new one. */
  close(): void {
    this.#kernel?.release();
    this.#kernel = undefined;
    this.#loaded = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #drive(options: LpOptions) {
    this.#kernel ??= SimplexKernel.acquire();
    this.#loaded?.writeLimits(this.#model);
    const basis = options.basis ?? this.#basis;
    return solveSteps(this.#kernel, this.#model, { ...options, basis }, startClock(options), { loaded: this.#loaded });
  }

  #keep(done: { result: LpResult; loaded: LoadedProgram | undefined }): LpResult {
    this.#loaded = done.loaded;
    this.#last = done.result.status;
    if (done.result.basis !== undefined) this.#basis = done.result.basis;
    return done.result;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new CrowdwattError('usage', 'this program is being solved already');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  #replace(model: LpModel): void {
    this.#model = model;
    this.#loaded = undefined;
    this.#last = undefined;
  }

  #inRange(name: string, index: number, size: number): void {
    if (Number.isInteger(index) && index >= 0 && index < size) return;
    throw new CrowdwattError('input/invalid', `${name}[${index}]: the index must be from 0 to ${size - 1}`);
  }
}

function checkLimits(what: string, lower: number, upper: number): void {
  if (
    Number.isNaN(lower) ||
    Number.isNaN(upper) ||
    lower === Number.POSITIVE_INFINITY ||
    upper === Number.NEGATIVE_INFINITY
  ) {
    throw new CrowdwattError(
      'input/invalid',
      `${what}: limits [${lower}, ${upper}] must be numbers, -Infinity below or +Infinity above`,
    );
  }
}
