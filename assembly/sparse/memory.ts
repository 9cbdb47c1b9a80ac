// Typed access by element index; everything the kernels read or write goes through these.

// @ts-ignore: decorator
@inline
export function getF(base: usize, index: i32): f64 {
  return load<f64>(base + ((<usize>index) << 3));
}

// @ts-ignore: decorator
@inline
export function setF(base: usize, index: i32, value: f64): void {
  store<f64>(base + ((<usize>index) << 3), value);
}

// @ts-ignore: decorator
@inline
export function getI(base: usize, index: i32): i32 {
  return load<i32>(base + ((<usize>index) << 2));
}

// @ts-ignore: decorator
@inline
export function atF(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}

// @ts-ignore: decorator
@inline
export function setI(base: usize, index: i32, value: i32): void {
  store<i32>(base + ((<usize>index) << 2), value);
}

export function fillI(base: usize, count: i32, value: i32): void {
  for (let i = 0; i < count; i++) setI(base, i, value);
}
