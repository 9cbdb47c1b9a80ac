// L D Lᵀ X = B for two right-hand sides at once, held side by side: with SIMD the second is free.
import { Plan } from '../ipm/plan';
import { atF, getF, getI } from './memory';

// @ts-ignore: decorator
@inline
function pairAt(base: usize, index: i32): usize {
  return base + ((<usize>index) << 4);
}

// acc − coefficient · pair
// @ts-ignore: decorator
@inline
function less(acc: v128, coefficient: usize, pair: usize): v128 {
  return f64x2.sub(acc, f64x2.mul(v128.load64_splat(coefficient), v128.load(pair)));
}

/** L X = B, then D: fronts from the leaves up. */
function forward(p: Plan): void {
  const x = p.solveWork;
  for (let f = 0; f < p.fronts; f++) {
    const pivot = getI(p.pivotStart, f);
    const pivots = getI(p.pivotStart, f + 1) - pivot;
    const rowFirst = getI(p.rowPtr, f);
    const rows = getI(p.rowPtr, f + 1) - rowFirst;
    const stride = (<usize>(pivots + ((rows + 1) & ~1))) << 3;
    const top = pairAt(x, pivot);
    const panel = atF(p.factor, getI(p.panelAt, f));
    // unit lower triangle, row by row
    for (let i = 1; i < pivots; i++) eliminateRow(pairAt(top, i), atF(panel, i), stride, top, i);
    // rows under the pivots
    const rowIdx = p.rowIdx + ((<usize>rowFirst) << 2);
    let under = atF(panel, pivots);
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      for (; i + 2 <= rows; i += 2) {
        const first = pairAt(x, getI(rowIdx, i));
        const second = pairAt(x, getI(rowIdx, i + 1));
        let a = v128.load(first);
        let b = v128.load(second);
        let column = under;
        const end = pairAt(top, pivots);
        for (let source = top; source < end; source += 16) {
          const value = v128.load(source);
          a = f64x2.sub(a, f64x2.mul(v128.load64_splat(column), value));
          b = f64x2.sub(b, f64x2.mul(v128.load64_splat(column, 8), value));
          column += stride;
        }
        v128.store(first, a);
        v128.store(second, b);
        under += 16;
      }
    }
    for (; i < rows; i++) {
      eliminateRow(pairAt(x, getI(rowIdx, i)), under, stride, top, pivots);
      under += 8;
    }
    for (let j = 0; j < pivots; j++) {
      const inv = getF(p.pivotInv, pivot + j);
      const at = pairAt(top, j);
      store<f64>(at, load<f64>(at) * inv);
      store<f64>(at, load<f64>(at, 8) * inv, 8);
    }
  }
}

// target −= Σ_j L[row, j] · top[j] over the first `count` pivots; `row` points at the row's first entry
function eliminateRow(target: usize, row: usize, stride: usize, top: usize, count: i32): void {
  const end = pairAt(top, count);
  if (ASC_FEATURE_SIMD) {
    let sum = v128.load(target);
    for (let source = top; source < end; source += 16) {
      sum = less(sum, row, source);
      row += stride;
    }
    v128.store(target, sum);
  } else {
    let one = load<f64>(target);
    let two = load<f64>(target, 8);
    for (let source = top; source < end; source += 16) {
      const a = load<f64>(row);
      one -= a * load<f64>(source);
      two -= a * load<f64>(source, 8);
      row += stride;
    }
    store<f64>(target, one);
    store<f64>(target, two, 8);
  }
}

/** Lᵀ X = B: fronts from the roots down. */
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
    let j = pivots - 1;
    if (ASC_FEATURE_SIMD) {
      // two columns at a time share what they read of the rows
      for (; j >= 1; j -= 2) {
        const second = atF(panel, j * ld);
        const first = second - ((<usize>ld) << 3);
        const atSecond = pairAt(top, j);
        const atFirst = atSecond - 16;
        let a = v128.load(atFirst);
        let b = v128.load(atSecond);
        let la = atF(first, pivots);
        let lb = atF(second, pivots);
        const end = pairAt(work, rows);
        for (let from = work; from < end; from += 16) {
          const value = v128.load(from);
          a = f64x2.sub(a, f64x2.mul(v128.load64_splat(la), value));
          b = f64x2.sub(b, f64x2.mul(v128.load64_splat(lb), value));
          la += 8;
          lb += 8;
        }
        for (let i = j + 1; i < pivots; i++) {
          const value = v128.load(pairAt(top, i));
          a = f64x2.sub(a, f64x2.mul(v128.load64_splat(atF(first, i)), value));
          b = f64x2.sub(b, f64x2.mul(v128.load64_splat(atF(second, i)), value));
        }
        v128.store(atSecond, b);
        v128.store(atFirst, f64x2.sub(a, f64x2.mul(v128.load64_splat(atF(first, j)), b)));
      }
    }
    for (; j >= 0; j--) {
      const column = atF(panel, j * ld);
      const at = pairAt(top, j);
      let one = load<f64>(at);
      let two = load<f64>(at, 8);
      for (let i = 0; i < rows; i++) {
        const a = getF(column, pivots + i);
        const from = pairAt(work, i);
        one -= a * load<f64>(from);
        two -= a * load<f64>(from, 8);
      }
      for (let i = j + 1; i < pivots; i++) {
        const a = getF(column, i);
        const from = pairAt(top, i);
        one -= a * load<f64>(from);
        two -= a * load<f64>(from, 8);
      }
      store<f64>(at, one);
      store<f64>(at, two, 8);
    }
  }
}

/** Solves in place on `solveWork`, in elimination order. */
export function solveFactored(p: Plan): void {
  forward(p);
  backward(p);
}
