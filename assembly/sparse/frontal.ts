// Multifrontal LDLᵀ. Fronts come in postorder; each keeps its pivot columns in `factor` and hands
// its update block to its parent through `arena`, whose offsets the host planned from the lifetimes.
import { Plan } from '../ipm/plan';
import { factorPanel, updateLower } from './dense';
import { atF, getF, getI, setF } from './memory';

/** Adds the update block of `child` into its parent's panel and update block. */
function extendAdd(p: Plan, child: i32, panel: usize, ld: i32, pivots: i32, block: usize, blockLd: i32): void {
  const first = getI(p.rowPtr, child);
  const rows = getI(p.rowPtr, child + 1) - first;
  const childLd = (rows + 1) & ~1;
  const relative = p.relative + ((<usize>first) << 2);
  let source = atF(p.arena, getI(p.blockAt, child));
  for (let a = 0; a < rows; a++) {
    const to = getI(relative, a);
    const target = to < pivots ? atF(panel, to * ld) : atF(block, (to - pivots) * blockLd - pivots);
    for (let i = a; i < rows; i++) {
      const at = atF(target, getI(relative, i));
      store<f64>(at, load<f64>(at) + getF(source, i));
    }
    source += (<usize>childLd) << 3;
  }
}

/** Factors the KKT matrix in `kktVal`; gives back how many pivots had to be replaced. */
export function factorise(p: Plan): i32 {
  let replaced = 0;
  const fronts = p.fronts;
  for (let f = 0; f < fronts; f++) {
    const pivot = getI(p.pivotStart, f);
    const pivots = getI(p.pivotStart, f + 1) - pivot;
    const rows = getI(p.rowPtr, f + 1) - getI(p.rowPtr, f);
    const blockLd = (rows + 1) & ~1;
    const ld = pivots + blockLd;
    const panel = atF(p.factor, getI(p.panelAt, f));
    const block = atF(p.arena, getI(p.blockAt, f));
    memory.fill(panel, 0, (<usize>(ld * pivots)) << 3);
    memory.fill(block, 0, (<usize>(blockLd * rows)) << 3);
    const originEnd = getI(p.originPtr, f + 1);
    for (let e = getI(p.originPtr, f); e < originEnd; e++) setF(panel, getI(p.originDst, e), getF(p.kktVal, e));
    const childEnd = getI(p.childPtr, f + 1);
    for (let c = getI(p.childPtr, f); c < childEnd; c++) {
      extendAdd(p, getI(p.child, c), panel, ld, pivots, block, blockLd);
    }
    replaced += factorPanel(
      panel, ld, pivots, p.packed, atF(p.pivotSign, pivot), atF(p.pivotInv, pivot), p.pivotFloor, p.pivotBoost,
    );
    if (rows > 0) {
      const wStride = (<usize>pivots) << 3;
      updateLower(
        block, blockLd, rows, atF(panel, pivots), (<usize>ld) << 3,
        p.packed + <usize>pivots * wStride, wStride, pivots,
      );
    }
  }
  return replaced;
}
