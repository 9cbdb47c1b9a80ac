// One source for scalar and SIMD: a kernel is written once over a lane type V, which is f64 or v128
// (two periods). Every operation rounds alike in both, so the two builds agree to the last bit;
// sums keep one accumulator for even and one for odd periods for the same reason.

// @ts-ignore: decorator
@inline
export function splat<V>(a: f64): V {
  if (isVector<V>()) return f64x2.splat(a);
  else return <V>a;
}

// @ts-ignore: decorator
@inline
export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.add(a, b);
  else return a + b;
}

// @ts-ignore: decorator
@inline
export function sub<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.sub(a, b);
  else return a - b;
}

// @ts-ignore: decorator
@inline
export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.mul(a, b);
  else return a * b;
}

// @ts-ignore: decorator
@inline
export function div<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.div(a, b);
  else return a / b;
}

// @ts-ignore: decorator
@inline
export function root<V>(a: V): V {
  if (isVector<V>()) return f64x2.sqrt(a);
  else return sqrt<f64>(a);
}

// @ts-ignore: decorator
@inline
export function magnitude<V>(a: V): V {
  if (isVector<V>()) return f64x2.abs(a);
  else return abs<f64>(a);
}

/** a < b ? x : y, lane by lane. */
// @ts-ignore: decorator
@inline
export function ifLess<V>(a: V, b: V, x: V, y: V): V {
  if (isVector<V>()) return v128.bitselect(x, y, f64x2.lt(a, b));
  else return a < b ? x : y;
}

/** a <= b ? x : y, lane by lane. */
// @ts-ignore: decorator
@inline
export function ifAtMost<V>(a: V, b: V, x: V, y: V): V {
  if (isVector<V>()) return v128.bitselect(x, y, f64x2.le(a, b));
  else return a <= b ? x : y;
}

// @ts-ignore: decorator
@inline
export function clamp<V>(a: V, low: V, high: V): V {
  const raised = ifLess<V>(a, low, low, a);
  return ifLess<V>(high, raised, high, raised);
}

/** Whether a > b in some lane. */
// @ts-ignore: decorator
@inline
export function anyAbove<V>(a: V, b: V): bool {
  if (isVector<V>()) return v128.any_true(f64x2.gt(a, b));
  else return a > b;
}
