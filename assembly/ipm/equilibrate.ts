// Ruiz equilibration of [0 Aᵀ Gᵀ; A; G] in the max norm (Ruiz, RAL-TR-2001-034). A cone has one number
// for all its rows, so that it stays a cone; a bound is scaled so that its entry of G stays ±1. The host
// puts the unscaled numbers in place; afterwards x = colScale·x′ and everything is scaled.
import { atF, getF, getI, setF } from '../sparse/memory';
import { clear, larger } from '../sparse/vector';
import { Plan } from './plan';

const PASSES = 10;
const LEAST: f64 = 1e-4;
const MOST: f64 = 1e4;
const CLOSE: f64 = 0.05;

function fillOnes(to: usize, count: i32): void {
  for (let i = 0; i < count; i++) setF(to, i, 1);
}

// scale /= √norm; gives the largest |1 − norm|
function shrink(scale: usize, norm: usize, count: i32): f64 {
  let worst: f64 = 0;
  for (let i = 0; i < count; i++) {
    const size = getF(norm, i);
    if (size == 0) continue;
    worst = max(worst, Math.abs(1 - size));
    setF(scale, i, min(MOST, max(LEAST, getF(scale, i) / Math.sqrt(size))));
  }
  return worst;
}

/**
 * Finds the scaling of A and G, unless it is to be kept, and applies it. P takes no part in it: costs may
 * change while the scaling stays.
 */
export function equilibrate(p: Plan, keep: bool): void {
  if (!keep) findScaling(p);
  let most: f64 = 0;
  for (let j = 0; j < p.n; j++) {
    const d = getF(p.colScale, j);
    most = max(most, max(Math.abs(getF(p.cost, j)) * d, getF(p.quad, j) * d * d));
  }
  p.objectiveScale = most > 0 ? 1 / most : 1;
  scaleColumns(p);
  scaleRows(p);
  scaleCones(p);
}

function findScaling(p: Plan): void {
  const colNorm = p.stepOne;
  const rowNorm = p.stepTwo;
  const coneNorm = p.refineOne;
  fillOnes(p.colScale, p.n);
  fillOnes(p.rowScale, p.m);
  fillOnes(p.coneScale, p.nc);
  for (let pass = 0; pass < PASSES; pass++) {
    clear(colNorm, p.n);
    measureRows(p, colNorm, rowNorm);
    measureCones(p, colNorm, coneNorm);
    const worst = max(
      shrink(p.colScale, colNorm, p.n),
      max(shrink(p.rowScale, rowNorm, p.m), shrink(p.coneScale, coneNorm, p.nc)),
    );
    if (worst < CLOSE) break;
  }
}

function measureRows(p: Plan, colNorm: usize, rowNorm: usize): void {
  let e = 0;
  for (let i = 0; i < p.m; i++) {
    const end = getI(p.aPtr, i + 1);
    const row = getF(p.rowScale, i);
    let most: f64 = 0;
    for (; e < end; e++) {
      const j = getI(p.aCol, e);
      const size = Math.abs(getF(p.aVal, e)) * row * getF(p.colScale, j);
      most = larger(most, size);
      setF(colNorm, j, larger(getF(colNorm, j), size));
    }
    setF(rowNorm, i, most);
  }
}

function measureCones(p: Plan, colNorm: usize, coneNorm: usize): void {
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.coneVarPtr, c);
    const width = getI(p.coneVarPtr, c + 1) - first;
    const height = getI(p.conePtr, c + 1) - getI(p.conePtr, c);
    const scale = getF(p.coneScale, c);
    let g = atF(p.coneG, getI(p.coneGPtr, c));
    let most: f64 = 0;
    for (let i = 0; i < height; i++) {
      for (let k = 0; k < width; k++) {
        const j = getI(p.coneVar, first + k);
        const size = Math.abs(load<f64>(g)) * scale * getF(p.colScale, j);
        g += 8;
        most = larger(most, size);
        setF(colNorm, j, larger(getF(colNorm, j), size));
      }
    }
    setF(coneNorm, c, most);
  }
}

function scaleColumns(p: Plan): void {
  const unit = p.objectiveScale;
  for (let j = 0; j < p.n; j++) {
    const d = getF(p.colScale, j);
    setF(p.quad, j, getF(p.quad, j) * unit * d * d);
    setF(p.cost, j, getF(p.cost, j) * unit * d);
    setF(p.colWeight, j, 1 / (unit * d));
  }
  for (let i = 0; i < p.nb; i++) {
    const d = getF(p.colScale, getI(p.boundVar, i));
    setF(p.offset, i, getF(p.offset, i) / d);
    setF(p.slackWeight, i, d / p.slackTolerance);
  }
}

function scaleRows(p: Plan): void {
  let e = 0;
  for (let i = 0; i < p.m; i++) {
    const row = getF(p.rowScale, i);
    setF(p.rhs, i, getF(p.rhs, i) * row);
    setF(p.rowWeight, i, 1 / (row * getF(p.rowWeight, i))); // the host left the row's tolerance there
    setF(p.priceWeight, i, row / p.objectiveScale);
    const end = getI(p.aPtr, i + 1);
    for (; e < end; e++) {
      const value = getF(p.aVal, e) * row * getF(p.colScale, getI(p.aCol, e));
      setF(p.aVal, e, value);
      setF(p.kktVal, getI(p.aIdx, e), value);
    }
  }
}

function scaleCones(p: Plan): void {
  let pair = 0;
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.coneVarPtr, c);
    const width = getI(p.coneVarPtr, c + 1) - first;
    const scale = getF(p.coneScale, c);
    const block = atF(p.coneG, getI(p.coneGPtr, c));
    const begin = getI(p.conePtr, c);
    const height = getI(p.conePtr, c + 1) - begin;
    for (let i = 0; i < height; i++) {
      setF(p.offset, begin + i, getF(p.offset, begin + i) * scale);
      setF(p.slackWeight, begin + i, 1 / (scale * p.slackTolerance));
      for (let k = 0; k < width; k++) {
        const at = i * width + k;
        setF(block, at, getF(block, at) * scale * getF(p.colScale, getI(p.coneVar, first + k)));
      }
    }
    for (let k = 0; k < width; k++) {
      for (let other = 0; other <= k; other++) {
        let sum = getF(block, k) * getF(block, other);
        for (let i = 1; i < height; i++) sum -= getF(block, i * width + k) * getF(block, i * width + other);
        setF(p.coneGJG, pair++, sum);
      }
    }
  }
}
