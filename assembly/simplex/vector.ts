import { ldF, ldI, stF, stI } from './memory';
import { Vec } from './state';

/** Below this an entry of a computed vector is rounding and is dropped. */
export const TINY: f64 = 1e-14;
/** Stands for an entry that cancelled to zero while its position stays listed. */
export const CANCELLED: f64 = 1e-50;

export function clear(v: Vec): void {
  const val = v.val;
  if (v.count * 4 > v.size) {
    memory.fill(val, 0, <usize>v.size << 3);
  } else {
    const idx = v.idx;
    for (let k = 0, c = v.count; k < c; k++) stF(val, ldI(idx, k), 0);
  }
  v.count = 0;
}

export function copy(from: Vec, to: Vec): void {
  clear(to);
  const c = from.count;
  memory.copy(to.idx, from.idx, <usize>c << 2);
  to.count = c;
  const idx = from.idx, src = from.val, dst = to.val;
  for (let k = 0; k < c; k++) {
    const i = ldI(idx, k);
    stF(dst, i, ldF(src, i));
  }
}

/** Drops entries below TINY from the list. */
export function tidy(v: Vec): void {
  const idx = v.idx, val = v.val;
  let kept = 0;
  for (let k = 0, c = v.count; k < c; k++) {
    const i = ldI(idx, k);
    if (abs(ldF(val, i)) >= TINY) stI(idx, kept++, i);
    else stF(val, i, 0);
  }
  v.count = kept;
}

/** Lists the nonzeros again after the values were computed without the list. */
export function relist(v: Vec): void {
  const idx = v.idx, val = v.val;
  let c = 0;
  for (let i = 0, size = v.size; i < size; i++) {
    const value = ldF(val, i);
    if (abs(value) >= TINY) stI(idx, c++, i);
    else if (value != 0) stF(val, i, 0);
  }
  v.count = c;
}

// @ts-ignore: decorator
@inline export function addTo(v: Vec, i: i32, amount: f64): void {
  const old = ldF(v.val, i);
  if (old == 0) stI(v.idx, v.count++, i);
  const sum = old + amount;
  stF(v.val, i, abs(sum) < TINY ? CANCELLED : sum);
}

export function norm2(v: Vec): f64 {
  const idx = v.idx, val = v.val;
  let sum = 0.0;
  for (let k = 0, c = v.count; k < c; k++) {
    const value = ldF(val, ldI(idx, k));
    sum += value * value;
  }
  return sum;
}
