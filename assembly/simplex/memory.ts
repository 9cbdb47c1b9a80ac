// Raw memory access. Every array of the simplex lives in linear memory and is addressed by pointer:
// checked StaticArrays were measured ten times slower.

// @ts-ignore: decorator
@inline export function ldF(p: usize, i: i32): f64 { return load<f64>(p + (<usize>i << 3)); }
// @ts-ignore: decorator
@inline export function stF(p: usize, i: i32, v: f64): void { store<f64>(p + (<usize>i << 3), v); }
// @ts-ignore: decorator
@inline export function ldI(p: usize, i: i32): i32 { return load<i32>(p + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function stI(p: usize, i: i32, v: i32): void { store<i32>(p + (<usize>i << 2), v); }
// @ts-ignore: decorator
@inline export function ldB(p: usize, i: i32): i32 { return <i32>load<i8>(p + <usize>i); }
// @ts-ignore: decorator
@inline export function stB(p: usize, i: i32, v: i32): void { store<i8>(p + <usize>i, <i8>v); }

/** Makes sure that linear memory reaches `end`; a refusal traps, which the host reports as a memory limit. */
export function reach(end: usize): void {
  const pages = <i32>((end + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have) {
    // Growing by a quarter keeps the number of growths (and of detached host views) small.
    const wish = pages - have + (have >> 2);
    if (memory.grow(wish) < 0 && memory.grow(pages - have) < 0) unreachable();
  }
}
