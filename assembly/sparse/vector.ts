// Plain vector work on f64 arrays; fixed order of additions.
import { atF, getF, setF } from './memory';

export function dot(a: usize, b: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += getF(a, i) * getF(b, i);
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

export function copy(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 3);
}

export function clear(to: usize, count: i32): void {
  memory.fill(to, 0, (<usize>count) << 3);
}

export function maxAbs(a: usize, count: i32): f64 {
  let most: f64 = 0;
  for (let i = 0; i < count; i++) most = max(most, Math.abs(getF(a, i)));
  return most;
}

/** max |a·weight| */
export function maxWeighted(a: usize, weight: usize, count: i32): f64 {
  let most: f64 = 0;
  for (let i = 0; i < count; i++) most = max(most, Math.abs(getF(a, i)) * getF(weight, i));
  return most;
}
