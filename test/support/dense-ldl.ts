/**
 * Twin of the factorisation in plain TypeScript: dense LDLᵀ without pivoting, in the given order.
 * `matrix` is row-major and symmetric; returns x with matrix · x = rhs.
 */
export function denseLdlSolve(matrix: Float64Array, size: number, rhs: Float64Array): Float64Array {
  const lower = matrix.slice();
  const pivot = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    let d = lower[j * size + j]!;
    for (let k = 0; k < j; k++) d -= lower[j * size + k]! ** 2 * pivot[k]!;
    pivot[j] = d;
    for (let i = j + 1; i < size; i++) {
      let sum = lower[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]! * pivot[k]!;
      lower[i * size + j] = sum / d;
    }
  }
  const x = rhs.slice();
  for (let i = 0; i < size; i++) for (let k = 0; k < i; k++) x[i]! -= lower[i * size + k]! * x[k]!;
  for (let i = 0; i < size; i++) x[i]! /= pivot[i]!;
  for (let i = size - 1; i >= 0; i--) for (let k = i + 1; k < size; k++) x[i]! -= lower[k * size + i]! * x[k]!;
  return x;
}
