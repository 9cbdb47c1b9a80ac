// The branch cone P² + Q² ≤ v·ell, spelled out: nearly every cone of a network is one. With variables
// (v, ell, P, Q) its rows are s = −G x with G = [g0 g1 0 0; g0 −g1 0 0; 0 0 g2 0; 0 0 0 g3], so four numbers
// of the block say everything. The general code for any cone is in operators.ts and scaling.ts.
import { atF, getF, getI, setF } from '../sparse/memory';
import { Plan } from './plan';

// @ts-ignore: decorator
@inline
function addTo(out: usize, index: i32, value: f64): void {
  const at = atF(out, index);
  store<f64>(at, load<f64>(at) + value);
}

// out += alpha · Gᵀ t on cone c
// @ts-ignore: decorator
@inline
function scatter(p: Plan, c: i32, out: usize, t0: f64, t1: f64, t2: f64, t3: f64): void {
  const vars = p.coneVar + ((<usize>getI(p.coneVarPtr, c)) << 2);
  const g = atF(p.coneG, getI(p.coneGPtr, c));
  addTo(out, getI(vars, 0), getF(g, 0) * (t0 + t1));
  addTo(out, getI(vars, 1), getF(g, 1) * (t0 - t1));
  addTo(out, getI(vars, 2), getF(g, 10) * t2);
  addTo(out, getI(vars, 3), getF(g, 15) * t3);
}

/** out += alpha · G x */
export function branchAddG(p: Plan, c: i32, x: usize, alpha: f64, out: usize): void {
  const vars = p.coneVar + ((<usize>getI(p.coneVarPtr, c)) << 2);
  const g = atF(p.coneG, getI(p.coneGPtr, c));
  const to = atF(out, getI(p.conePtr, c));
  const a = alpha * getF(g, 0) * getF(x, getI(vars, 0));
  const b = alpha * getF(g, 1) * getF(x, getI(vars, 1));
  addTo(to, 0, a + b);
  addTo(to, 1, a - b);
  addTo(to, 2, alpha * getF(g, 10) * getF(x, getI(vars, 2)));
  addTo(to, 3, alpha * getF(g, 15) * getF(x, getI(vars, 3)));
}

/** out += alpha · Gᵀ z */
export function branchAddTransposed(p: Plan, c: i32, z: usize, alpha: f64, out: usize): void {
  const from = atF(z, getI(p.conePtr, c));
  scatter(p, c, out, alpha * getF(from, 0), alpha * getF(from, 1), alpha * getF(from, 2), alpha * getF(from, 3));
}

/** out += Gᵀ W⁻² r */
export function branchCondense(p: Plan, c: i32, r: usize, out: usize): void {
  const first = getI(p.conePtr, c);
  const from = atF(r, first);
  const w = atF(p.scale, first);
  const eta = getF(p.coneEta, c);
  const factor = 1 / (eta * eta);
  const r0 = getF(from, 0);
  const r1 = getF(from, 1);
  const r2 = getF(from, 2);
  const r3 = getF(from, 3);
  const w0 = getF(w, 0);
  const w1 = getF(w, 1);
  const w2 = getF(w, 2);
  const w3 = getF(w, 3);
  const twice = 2 * (w0 * r0 - w1 * r1 - w2 * r2 - w3 * r3);
  scatter(
    p, c, out, factor * (twice * w0 - r0), factor * (r1 - twice * w1), factor * (r2 - twice * w2),
    factor * (r3 - twice * w3),
  );
}

/** z = W⁻²(G x − z) in place */
export function branchRecover(p: Plan, c: i32, x: usize, z: usize): void {
  const first = getI(p.conePtr, c);
  const to = atF(z, first);
  const w = atF(p.scale, first);
  const vars = p.coneVar + ((<usize>getI(p.coneVarPtr, c)) << 2);
  const g = atF(p.coneG, getI(p.coneGPtr, c));
  const eta = getF(p.coneEta, c);
  const factor = 1 / (eta * eta);
  const a = getF(g, 0) * getF(x, getI(vars, 0));
  const b = getF(g, 1) * getF(x, getI(vars, 1));
  const u0 = a + b - getF(to, 0);
  const u1 = a - b - getF(to, 1);
  const u2 = getF(g, 10) * getF(x, getI(vars, 2)) - getF(to, 2);
  const u3 = getF(g, 15) * getF(x, getI(vars, 3)) - getF(to, 3);
  const w0 = getF(w, 0);
  const w1 = getF(w, 1);
  const w2 = getF(w, 2);
  const w3 = getF(w, 3);
  const twice = 2 * (w0 * u0 - w1 * u1 - w2 * u2 - w3 * u3);
  setF(to, 0, factor * (twice * w0 - u0));
  setF(to, 1, factor * (u1 - twice * w1));
  setF(to, 2, factor * (u2 - twice * w2));
  setF(to, 3, factor * (u3 - twice * w3));
}

/** outZ −= G x − W² z, out −= Gᵀ z */
export function branchResidual(p: Plan, c: i32, x: usize, z: usize, out: usize, outZ: usize): void {
  const first = getI(p.conePtr, c);
  const from = atF(z, first);
  const to = atF(outZ, first);
  const w = atF(p.scale, first);
  const vars = p.coneVar + ((<usize>getI(p.coneVarPtr, c)) << 2);
  const g = atF(p.coneG, getI(p.coneGPtr, c));
  const eta = getF(p.coneEta, c);
  const factor = eta * eta;
  const z0 = getF(from, 0);
  const z1 = getF(from, 1);
  const z2 = getF(from, 2);
  const z3 = getF(from, 3);
  const w0 = getF(w, 0);
  const w1 = getF(w, 1);
  const w2 = getF(w, 2);
  const w3 = getF(w, 3);
  const twice = 2 * (w0 * z0 + w1 * z1 + w2 * z2 + w3 * z3);
  const a = getF(g, 0) * getF(x, getI(vars, 0));
  const b = getF(g, 1) * getF(x, getI(vars, 1));
  addTo(to, 0, factor * (twice * w0 - z0) - (a + b));
  addTo(to, 1, factor * (twice * w1 + z1) - (a - b));
  addTo(to, 2, factor * (twice * w2 + z2) - getF(g, 10) * getF(x, getI(vars, 2)));
  addTo(to, 3, factor * (twice * w3 + z3) - getF(g, 15) * getF(x, getI(vars, 3)));
  scatter(p, c, out, -z0, -z1, -z2, -z3);
}

/** Adds GᵀW⁻²G = η⁻²(2 a aᵀ − GᵀJG), a = GᵀJw, to the KKT values; GᵀJG has one pair off the diagonal. */
export function branchAssemble(p: Plan, c: i32): void {
  const w = atF(p.scale, getI(p.conePtr, c));
  const g = atF(p.coneG, getI(p.coneGPtr, c));
  const eta = getF(p.coneEta, c);
  const factor = 1 / (eta * eta);
  const twice = 2 * factor;
  const g0 = getF(g, 0);
  const g1 = getF(g, 1);
  const g2 = getF(g, 10);
  const g3 = getF(g, 15);
  const a0 = g0 * (getF(w, 0) - getF(w, 1));
  const a1 = g1 * (getF(w, 0) + getF(w, 1));
  const a2 = -g2 * getF(w, 2);
  const a3 = -g3 * getF(w, 3);
  const pairs = p.pairIdx + ((<usize>getI(p.pairPtr, c)) << 2);
  const values = p.kktVal;
  addTo(values, getI(pairs, 0), twice * a0 * a0);
  addTo(values, getI(pairs, 1), twice * a1 * a0 - 2 * factor * g0 * g1);
  addTo(values, getI(pairs, 2), twice * a1 * a1);
  addTo(values, getI(pairs, 3), twice * a2 * a0);
  addTo(values, getI(pairs, 4), twice * a2 * a1);
  addTo(values, getI(pairs, 5), twice * a2 * a2 + factor * g2 * g2);
  addTo(values, getI(pairs, 6), twice * a3 * a0);
  addTo(values, getI(pairs, 7), twice * a3 * a1);
  addTo(values, getI(pairs, 8), twice * a3 * a2);
  addTo(values, getI(pairs, 9), twice * a3 * a3 + factor * g3 * g3);
}
