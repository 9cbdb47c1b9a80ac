import loadHighs, { type Highs } from 'highs';
import type { LpModel, LpOptions, LpResult } from '../../src/lp/types.js';

let loaded: Promise<Highs> | undefined;

/** HiGHS behind the project's own LP types: the independent solver that ours is checked against. */
export async function highsLp(model: LpModel, _options: LpOptions = {}): Promise<LpResult> {
  loaded ??= loadHighs();
  const highs = await loaded;
  const solver = highs.createModel();
  try {
    solver.options.set({
      output_flag: false,
      presolve: 'off',
      primal_feasibility_tolerance: 1e-9,
      dual_feasibility_tolerance: 1e-9,
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
    const { optimal, infeasible } = highs.constants.modelStatus;
    const solution = solver.getSolution();
    const basis = solver.getBasis();
    return {
      status: status === optimal ? 'optimal' : status === infeasible ? 'infeasible' : 'numerical-error',
      objective: solver.getObjectiveValue(),
      iterations: Number(solver.info.get('simplex_iteration_count')),
      seconds: { setup: 0, solve: 0, total: 0 },
      primal: solution.colValue,
      rowActivity: solution.rowValue,
      dual: solution.rowDual,
      reducedCosts: solution.colDual,
      basis: { columns: Uint8Array.from(basis.colStatus), rows: Uint8Array.from(basis.rowStatus) },
    };
  } finally {
    solver.dispose();
  }
}
