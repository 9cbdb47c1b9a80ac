// L D Lᵀ X = B for two right-hand sides at once, held side by side: with SIMD the second is free.
import { Plan } from '../ipm/plan';
import { atF, getF, getI } from './memory';

// @ts-ignore: decorator
@inline
function pairAt(base: usize, index: i32): usize {
  return base + ((<usize>index) << 4);
}

// target −= coefficient · source, for a pair
// @ts-ignore: decorator
@inline
function subtractPair(target: usize, coefficient: usize, source: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(
      target,
      f64x2.sub(v128.load(target), f64x2.mul(v128.load64_splat(coefficient), v128.load(source))),
    );
  } else {
    const a = load<f64>(coefficient);
    store<f64>(target, load<f64>(target) - a * load<f64>(source));
    store<f64>(target, load<f64>(target, 8) - a * load<f64>(source, 8), 8);
  }
}

function forward(p: Plan): void {
  const x = p.solveWork;
  const work = p.frontWork;
  for (let f = 0; f < p.fronts; f++) {
    const pivot = getI(p.pivotStart, f);
    const pivots = getI(p.pivotStart, f + 1) - pivot;
    const rowFirst = getI(p.rowPtr, f);
    const rows = getI(p.rowPtr, f + 1) - rowFirst;
    const ld = pivots + ((rows + 1) & ~1);
    const top = pairAt(x, pivot);
    const rowIdx = p.rowIdx + ((<usize>rowFirst) << 2);
    let column = atF(p.factor, getI(p.panelAt, f));
    for (let i = 0; i < rows; i++) {
      const from = pairAt(x, getI(rowIdx, i));
      const to = pairAt(work, i);
      if (ASC_FEATURE_SIMD) {
        v128.store(to, v128.load(from));
      } else {
        store<f64>(to, load<f64>(from));
        store<f64>(to, load<f64>(from, 8), 8);
      }
    }
    const stride = (<usize>ld) << 3;
    let j = 0;
    for (; j < pivots; j++) {
      const source = pairAt(top, j);
      for (let i = j + 1; i < pivots; i++) subtractPair(pairAt(top, i), atF(column, i), source);
      const under = atF(column, pivots);
      for (let i = 0; i < rows; i++) subtractPair(pairAt(work, i), atF(under, i), source);
      column += stride;
    }
    for (let i = 0; i < rows; i++) {
      const to = pairAt(x, getI(rowIdx, i));
      const from = pairAt(work, i);
      if (ASC_FEATURE_SIMD) {
        v128.store(to, v128.load(from));
      } else {
        store<f64>(to, load<f64>(from));
        store<f64>(to, load<f64>(from, 8), 8);
      }
    }
    for (let j = 0; j < pivots; j++) {
      const inv = getF(p.pivotInv, pivot + j);
      const at = pairAt(top, j);
      store<f64>(at, load<f64>(at) * inv);
      store<f64>(at, load<f64>(at, 8) * inv, 8);
    }
  }
}

function backward(p: Plan): void {
  const x = p.solveWork;
  const work = p.frontWork;
  for (let f = p.fronts - 1; f >= 0; f--) {
    const pivot = getI(p.pivotStart, f);
    const pivots = getI(p.pivotStart, f + 1) - pivot;
    const rowFirst = getI(p.rowPtr, f);
    const rows = getI(p.rowPtr, f + 1) - rowFirst;
    const ld = pivots + ((rows + 1) & ~1);
    const top = pairAt(x, pivot);
    const rowIdx = p.rowIdx + ((<usize>rowFirst) << 2);
    const panel = atF(p.factor, getI(p.panelAt, f));
    for (let i = 0; i < rows; i++) {
      const from = pairAt(x, getI(rowIdx, i));
      const to = pairAt(work, i);
      if (ASC_FEATURE_SIMD) {
        v128.store(to, v128.load(from));
      } else {
        store<f64>(to, load<f64>(from));
        store<f64>(to, load<f64>(from, 8), 8);
      }
    }
    for (let j = pivots - 1; j >= 0; j--) {
      const column = atF(panel, j * ld);
      const under = atF(column, pivots);
      const at = pairAt(top, j);
      if (ASC_FEATURE_SIMD) {
        let sum = v128.load(at);
        let other = f64x2.splat(0);
        let i = 0;
        for (; i + 2 <= rows; i += 2) {
          sum = f64x2.sub(sum, f64x2.mul(v128.load64_splat(atF(under, i)), v128.load(pairAt(work, i))));
          other = f64x2.sub(other, f64x2.mul(v128.load64_splat(atF(under, i), 8), v128.load(pairAt(work, i), 16)));
        }
        if (i < rows) sum = f64x2.sub(sum, f64x2.mul(v128.load64_splat(atF(under, i)), v128.load(pairAt(work, i))));
        for (i = j + 1; i < pivots; i++) {
          other = f64x2.sub(other, f64x2.mul(v128.load64_splat(atF(column, i)), v128.load(pairAt(top, i))));
        }
        v128.store(at, f64x2.add(sum, other));
      } else {
        let sum = load<f64>(at);
        let sumTwo = load<f64>(at, 8);
        for (let i = 0; i < rows; i++) {
          const a = getF(under, i);
          const from = pairAt(work, i);
          sum -= a * load<f64>(from);
          sumTwo -= a * load<f64>(from, 8);
        }
        for (let i = j + 1; i < pivots; i++) {
          const a = getF(column, i);
          const from = pairAt(top, i);
          sum -= a * load<f64>(from);
          sumTwo -= a * load<f64>(from, 8);
        }
        store<f64>(at, sum);
        store<f64>(at, sumTwo, 8);
      }
    }
  }
}

/** Solves in place on `solveWork`, in elimination order. */
export function solveFactored(p: Plan): void {
  forward(p);
  backward(p);
}
