// Nesterov–Todd scaling: W z = W⁻¹ s = λ. For a bound W = √(s/z); for a second-order cone W = η·H(w)
// with w on the unit hyperboloid (Andersen, Roos, Terlaky 2003; Vandenberghe, CVXOPT notes 2010).
import { atF, getF, getI, setF } from '../sparse/memory';
import { Plan } from './plan';

/** u0² − |u1|², as a product so that nothing cancels near the boundary. */
export function coneResidual(u: usize, first: i32, end: i32): f64 {
  let tail: f64 = 0;
  for (let i = first + 1; i < end; i++) tail += getF(u, i) * getF(u, i);
  const norm = Math.sqrt(tail);
  return (getF(u, first) - norm) * (getF(u, first) + norm);
}

/** Fills scale, coneEta and λ from (s, z); false when a point has left its cone. */
export function updateScaling(p: Plan, z: usize): bool {
  const s = p.slack;
  for (let i = 0; i < p.nb; i++) {
    const si = getF(s, i);
    const zi = getF(z, i);
    if (!(si > 0) || !(zi > 0)) return false;
    setF(p.scale, i, si / zi);
    setF(p.boundInv, i, zi / si);
    setF(p.scaled, i, Math.sqrt(si * zi));
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    const sRes = coneResidual(s, first, end);
    const zRes = coneResidual(z, first, end);
    if (!(sRes > 0) || !(zRes > 0) || !(getF(s, first) > 0) || !(getF(z, first) > 0)) return false;
    const sNorm = Math.sqrt(sRes);
    const zNorm = Math.sqrt(zRes);
    let inner: f64 = 0;
    for (let i = first; i < end; i++) inner += getF(s, i) * getF(z, i);
    const gamma = Math.sqrt(0.5 * (1 + inner / (sNorm * zNorm)));
    const half = 0.5 / gamma;
    let tail: f64 = 0;
    for (let i = first + 1; i < end; i++) {
      const w = half * (getF(s, i) / sNorm - getF(z, i) / zNorm);
      setF(p.scale, i, w);
      tail += w * w;
    }
    setF(p.scale, first, Math.sqrt(1 + tail)); // exactly on the hyperboloid
    setF(p.coneEta, c, Math.sqrt(sNorm / zNorm));
    applyW(p, c, z, p.scaled);
  }
  return true;
}

/** W = I: the scaling of the very first system. */
export function identityScaling(p: Plan): void {
  for (let i = 0; i < p.nb; i++) {
    setF(p.scale, i, 1);
    setF(p.boundInv, i, 1);
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    setF(p.scale, first, 1);
    for (let i = first + 1; i < end; i++) setF(p.scale, i, 0);
    setF(p.coneEta, c, 1);
  }
}

/** out = W u on cone c. */
export function applyW(p: Plan, c: i32, u: usize, out: usize): void {
  const first = getI(p.conePtr, c);
  const end = getI(p.conePtr, c + 1);
  const eta = getF(p.coneEta, c);
  const w0 = getF(p.scale, first);
  const u0 = getF(u, first);
  let tail: f64 = 0;
  for (let i = first + 1; i < end; i++) tail += getF(p.scale, i) * getF(u, i);
  const shift = u0 + tail / (1 + w0);
  setF(out, first, eta * (w0 * u0 + tail));
  for (let i = first + 1; i < end; i++) setF(out, i, eta * (getF(u, i) + shift * getF(p.scale, i)));
}

/** out = W⁻¹ u on cone c. */
export function applyInverseW(p: Plan, c: i32, u: usize, out: usize): void {
  const first = getI(p.conePtr, c);
  const end = getI(p.conePtr, c + 1);
  const inv = 1 / getF(p.coneEta, c);
  const w0 = getF(p.scale, first);
  const u0 = getF(u, first);
  let tail: f64 = 0;
  for (let i = first + 1; i < end; i++) tail += getF(p.scale, i) * getF(u, i);
  const shift = tail / (1 + w0) - u0;
  setF(out, first, inv * (w0 * u0 - tail));
  for (let i = first + 1; i < end; i++) setF(out, i, inv * (getF(u, i) + shift * getF(p.scale, i)));
}

/**
 * `slackShift` = W (λ \ (λ∘λ + (W⁻¹ds)∘(W dz) − centre·e)): Mehrotra's right-hand side.
 * `ds` and `dz` are the affine step; both are overwritten on the cones (they become W⁻¹ds and W dz).
 */
export function combinedShift(p: Plan, ds: usize, dz: usize, centre: f64): void {
  const s = p.slack;
  const out = p.slackShift;
  const lambda = p.scaled;
  const z = atF(p.point, p.n + p.m);
  for (let i = 0; i < p.nb; i++) {
    setF(out, i, getF(s, i) + (getF(ds, i) * getF(dz, i) - centre) / getF(z, i));
  }
  for (let c = 0; c < p.nc; c++) {
    const first = getI(p.conePtr, c);
    const end = getI(p.conePtr, c + 1);
    applyInverseW(p, c, ds, ds);
    applyW(p, c, dz, dz);
    // d = (W⁻¹ds)∘(W dz) − centre·e, kept in out
    const a0 = getF(ds, first);
    const b0 = getF(dz, first);
    let d0 = a0 * b0 - centre;
    let lambdaTail: f64 = 0;
    for (let i = first + 1; i < end; i++) {
      const a = getF(ds, i);
      const b = getF(dz, i);
      d0 += a * b;
      const d = a0 * b + b0 * a;
      setF(out, i, d);
      lambdaTail += getF(lambda, i) * d;
    }
    // λ \ d
    const l0 = getF(lambda, first);
    const top = (l0 * d0 - lambdaTail) / coneResidual(lambda, first, end);
    setF(out, first, top);
    for (let i = first + 1; i < end; i++) setF(out, i, (getF(out, i) - top * getF(lambda, i)) / l0);
    applyW(p, c, out, out);
    for (let i = first; i < end; i++) setF(out, i, getF(out, i) + getF(s, i)); // W (λ \ λ∘λ) = s
  }
}
