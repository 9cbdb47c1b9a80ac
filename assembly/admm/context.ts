import { DOUBLES, PERIODS } from '../abi';

/** A word of the context: a count or an address. */
// @ts-ignore: decorator
@inline
export function word(ctx: usize, index: i32): usize {
  return <usize>load<u32>(ctx + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function setWord(ctx: usize, index: i32, value: i32): void {
  store<i32>(ctx + (<usize>index << 2), value);
}

/** A double of the context. */
// @ts-ignore: decorator
@inline
export function field(ctx: usize, index: i32): f64 {
  return load<f64>(ctx + DOUBLES + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
export function setField(ctx: usize, index: i32, value: f64): void {
  store<f64>(ctx + DOUBLES + (<usize>index << 3), value);
}

/** Bytes of one row. */
// @ts-ignore: decorator
@inline
export function rowBytes(ctx: usize): usize {
  return word(ctx, PERIODS) << 3;
}
