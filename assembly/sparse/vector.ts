// Plain vector work on f64 arrays; the order of additions is fixed.
import { atF, getF, setF } from './memory';

// @ts-ignore: decorator
@inline
function lanesMax(v: v128): f64 {
  return max(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1));
}

// f64.max and f64x2.max must look for NaN and −0 and cost several instructions; these do not.
// @ts-ignore: decorator
@inline
export function larger(a: f64, b: f64): f64 {
  return a < b ? b : a;
}

export function dot(a: usize, b: usize, count: i32): f64 {
  let sum: f64 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let even = f64x2.splat(0);
    let odd = f64x2.splat(0);
    for (; i + 4 <= count; i += 4) {
      even = f64x2.add(even, f64x2.mul(v128.load(atF(a, i)), v128.load(atF(b, i))));
      odd = f64x2.add(odd, f64x2.mul(v128.load(atF(a, i), 16), v128.load(atF(b, i), 16)));
    }
    const both = f64x2.add(even, odd);
    sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  }
  for (; i < count; i++) sum += getF(a, i) * getF(b, i);
  return sum;
}

/** y += alpha x */
export function axpy(y: usize, alpha: f64, x: usize, count: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const factor = f64x2.splat(alpha);
    for (; i + 2 <= count; i += 2) {
      const at = atF(y, i);
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, v128.load(atF(x, i)))));
    }
  }
  for (; i < count; i++) setF(y, i, getF(y, i) + alpha * getF(x, i));
}

/** to = alpha x */
export function scaleInto(to: usize, alpha: f64, x: usize, count: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const factor = f64x2.splat(alpha);
    for (; i + 2 <= count; i += 2) v128.store(atF(to, i), f64x2.mul(factor, v128.load(atF(x, i))));
  }
  for (; i < count; i++) setF(to, i, alpha * getF(x, i));
}

export function copy(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 3);
}

export function clear(to: usize, count: i32): void {
  memory.fill(to, 0, (<usize>count) << 3);
}

export function maxAbs(a: usize, count: i32): f64 {
  let most: f64 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let lanes = f64x2.splat(0);
    for (; i + 2 <= count; i += 2) lanes = f64x2.pmax(lanes, f64x2.abs(v128.load(atF(a, i))));
    most = lanesMax(lanes);
  }
  for (; i < count; i++) most = larger(most, Math.abs(getF(a, i)));
  return most;
}

/** max |a·weight| */
export function maxWeighted(a: usize, weight: usize, count: i32): f64 {
  let most: f64 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let lanes = f64x2.splat(0);
    for (; i + 2 <= count; i += 2) {
      const product = f64x2.mul(v128.load(atF(a, i)), v128.load(atF(weight, i)));
      lanes = f64x2.pmax(lanes, f64x2.abs(product));
    }
    most = lanesMax(lanes);
  }
  for (; i < count; i++) most = larger(most, Math.abs(getF(a, i)) * getF(weight, i));
  return most;
}
