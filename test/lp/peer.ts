import loadHighs, { type Highs } from 'highs';
import type { LpModel } from '../../src/lp/index.js';

let loaded: Promise<Highs> | undefined;

export interface PeerAnswer {
  readonly status: 'optimal' | 'infeasible' | 'unbounded' | 'unknown';
  readonly objective: number;
  readonly iterations: number;
}

/** HiGHS (npm, WebAssembly), the independent solver that ours is checked against. */
export async function highsLp(model: LpModel, presolve: 'off' | 'choose' = 'off'): Promise<PeerAnswer> {
  loaded ??= loadHighs();
  const highs = await loaded;
  const solver = highs.createModel();
  try {
    solver.options.set({
      output_flag: false,
      presolve,
      primal_feasibility_tolerance: 1e-9,
      dual_feasibility_tolerance: 1e-9,
      small_matrix_value: 1e-12,
    });
    const { minimize, maximize } = highs.constants.objectiveSense;
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
    solver.run();
    const status = solver.getModelStatus();
    const known = highs.constants.modelStatus;
    const words = new Map<number, PeerAnswer['status']>([
      [known.optimal, 'optimal'],
      [known.infeasible, 'infeasible'],
      [known.unbounded, 'unbounded'],
    ]);
    return {
      status: words.get(status) ?? 'unknown',
      objective: solver.getObjectiveValue(),
      iterations: Number(solver.info.get('simplex_iteration_count')),
    };
  } finally {
    solver.dispose();
  }
}
