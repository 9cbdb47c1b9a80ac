import type { StandardForm } from './standard.js';

/**
 * x = column · x′, rows times `row`, cones times `cone` (one number each, so that a cone stays a
 * cone), objective times `objective`. Bounds are scaled so that their entry of G stays ±1.
 */
export interface Scaling {
  readonly column: Float64Array;
  readonly row: Float64Array;
  readonly cone: Float64Array;
  readonly objective: number;
}

const PASSES = 10;
const LEAST = 1e-4;
const MOST = 1e4;

/** Ruiz equilibration of [P Aᵀ Gᵀ; A; G] in the max norm (Ruiz 2001), cones kept together. */
export function equilibrate(form: StandardForm): Scaling {
  const { n, m, nc } = form;
  const column = new Float64Array(n).fill(1);
  const row = new Float64Array(m).fill(1);
  const cone = new Float64Array(nc).fill(1);
  const columnNorm = new Float64Array(n);
  const rowNorm = new Float64Array(m);
  const coneNorm = new Float64Array(nc);
  for (let pass = 0; pass < PASSES; pass++) {
    columnNorm.fill(0);
    rowNorm.fill(0);
    coneNorm.fill(0);
    for (let i = 0; i < m; i++) {
      let most = 0;
      for (let e = form.aPtr[i]!; e < form.aPtr[i + 1]!; e++) {
        const j = form.aCol[e]!;
        const size = Math.abs(form.aVal[e]!) * row[i]! * column[j]!;
        if (size > most) most = size;
        if (size > columnNorm[j]!) columnNorm[j] = size;
      }
      rowNorm[i] = most;
    }
    for (let k = 0; k < nc; k++) {
      const first = form.coneVarPtr[k]!;
      const width = form.coneVarPtr[k + 1]! - first;
      let most = 0;
      for (let e = form.coneGPtr[k]!, v = 0; e < form.coneGPtr[k + 1]!; e++, v = v + 1 === width ? 0 : v + 1) {
        const j = form.coneVar[first + v]!;
        const size = Math.abs(form.coneG[e]!) * cone[k]! * column[j]!;
        if (size > most) most = size;
        if (size > columnNorm[j]!) columnNorm[j] = size;
      }
      coneNorm[k] = most;
    }
    let worst = 0;
    worst = Math.max(worst, apply(column, columnNorm), apply(row, rowNorm), apply(cone, coneNorm));
    if (worst < 0.05) break;
  }
  let most = 0;
  for (let j = 0; j < n; j++) {
    most = Math.max(most, Math.abs(form.cost[j]!) * column[j]!, form.quad[j]! * column[j]! * column[j]!);
  }
  return { column, row, cone, objective: most > 0 ? 1 / most : 1 };
}

function apply(scale: Float64Array, norm: Float64Array): number {
  let worst = 0;
  for (let k = 0; k < scale.length; k++) {
    if (norm[k] === 0) continue;
    worst = Math.max(worst, Math.abs(1 - norm[k]!));
    scale[k] = Math.min(MOST, Math.max(LEAST, scale[k]! / Math.sqrt(norm[k]!)));
  }
  return worst;
}
