// x-block of a line and its bus (Peng & Low 2014, their per-bus subproblem): the point of
//   { P² + Q² ≤ v·ell,  vMin ≤ v ≤ vMax,  P² + Q² ≤ limit² }
// nearest to (vHat, ellHat, pHat, qHat) in the norm weightV·v² + weightEll·ell² + weightFlow·(P² + Q²).
//
// P and Q share a weight, so only s = √(P² + Q²) matters. Where the cone binds, ell = s²/v, and what
// is left is convex in (v, s):  ½ weightV (v − vHat)² + ½ weightEll (s²/v − ellHat)² + ½ weightFlow (s − sHat)².
// Newton's method on that with the bounds as an active set; quadratic, so a step below 1e-8 leaves an
// error near rounding. Points it does not settle go to `settle`, slow and sure.
import { add, sub, mul, div, root, magnitude, ifLess, ifAtMost, clamp, anyAbove, splat } from '../lanes';

const NEWTON_STEPS: i32 = 16;
const STEP_DONE: f64 = 1e-8;

/**
 * Projects `count` points in place. The four rows lie `stride` bytes apart, `count` doubles each.
 * A line without impedance (weightEll = 0) has no cone: its current is nobody's business.
 */
export function projectRows(
  at: usize, stride: usize, count: i32,
  weightV: f64, weightEll: f64, weightFlow: f64, vMin: f64, vMax: f64, limit: f64,
): void {
  let t = 0;
  if (ASC_FEATURE_SIMD) {
    for (; t + 1 < count; t += 2) {
      projectLanes<v128>(at + (<usize>t << 3), stride, weightV, weightEll, weightFlow, vMin, vMax, limit);
    }
  }
  for (; t < count; ++t) {
    projectLanes<f64>(at + (<usize>t << 3), stride, weightV, weightEll, weightFlow, vMin, vMax, limit);
  }
}

// @ts-ignore: decorator
@inline
function projectLanes<V>(
  at: usize, stride: usize,
  weightV: f64, weightEll: f64, weightFlow: f64, vMin: f64, vMax: f64, limit: f64,
): void {
  const vHat = load<V>(at);
  const ellHat = load<V>(at + stride);
  const pHat = load<V>(at + 2 * stride);
  const qHat = load<V>(at + 3 * stride);
  const zero = splat<V>(0);
  const one = splat<V>(1);
  const low = splat<V>(vMin);
  const high = splat<V>(vMax);
  const cap = splat<V>(limit);
  const sHat = root<V>(add<V>(mul<V>(pHat, pHat), mul<V>(qHat, qHat)));
  let v = clamp<V>(vHat, low, high);
  let s = ifLess<V>(cap, sHat, cap, sHat);
  // 1 where the cone is violated by the clamped point
  let open = weightEll > 0 ? ifLess<V>(mul<V>(v, ellHat), mul<V>(s, s), one, zero) : zero;
  const outside = open;
  if (anyAbove<V>(open, zero)) {
    const wv = splat<V>(weightV);
    const we = splat<V>(weightEll);
    const wf = splat<V>(weightFlow);
    const two = splat<V>(2);
    const done = splat<V>(STEP_DONE);
    const scale = div<V>(one, add<V>(sHat, splat<V>(1e-9)));
    let steps = 0;
    do {
      const iv = div<V>(one, v);
      const k = mul<V>(s, iv);
      const k2 = mul<V>(k, k);
      const g = sub<V>(mul<V>(s, k), ellHat);
      // curvature of the violated part only, so that the Hessian stays positive where g < 0
      const gi = mul<V>(ifLess<V>(zero, g, g, zero), iv);
      const gradV = sub<V>(mul<V>(wv, sub<V>(v, vHat)), mul<V>(mul<V>(we, g), k2));
      const gradS = add<V>(mul<V>(wf, sub<V>(s, sHat)), mul<V>(mul<V>(two, we), mul<V>(g, k)));
      const hVV = add<V>(wv, mul<V>(mul<V>(we, k2), add<V>(k2, mul<V>(two, gi))));
      const hVS = mul<V>(mul<V>(splat<V>(-2), mul<V>(we, k)), add<V>(k2, gi));
      const hSS = add<V>(wf, mul<V>(mul<V>(two, we), add<V>(mul<V>(two, k2), gi)));
      // 1 where a bound holds and the gradient pushes against it
      const heldLow = ifAtMost<V>(v, low, ifLess<V>(zero, gradV, one, zero), zero);
      const heldV = ifAtMost<V>(high, v, ifLess<V>(gradV, zero, one, heldLow), heldLow);
      const heldS = ifAtMost<V>(cap, s, ifLess<V>(gradS, zero, one, zero), zero);
      const invSS = div<V>(one, hSS);
      const schur = sub<V>(hVV, mul<V>(mul<V>(hVS, hVS), invSS));
      // s follows v unless it is held; v moves on what is left
      const gradSfree = ifLess<V>(zero, heldS, zero, gradS);
      const hVSfree = ifLess<V>(zero, heldS, zero, hVS);
      const pivot = ifLess<V>(zero, heldS, hVV, schur);
      const pull = sub<V>(gradV, mul<V>(mul<V>(hVSfree, gradSfree), invSS));
      const freeV = clamp<V>(sub<V>(v, div<V>(pull, pivot)), low, high);
      let nextV = ifLess<V>(zero, heldV, v, freeV);
      const push = add<V>(gradSfree, mul<V>(hVSfree, sub<V>(nextV, v)));
      let nextS = sub<V>(s, mul<V>(push, invSS));
      nextS = ifLess<V>(nextS, zero, mul<V>(splat<V>(0.5), s), nextS);
      nextS = ifLess<V>(cap, nextS, cap, nextS);
      nextV = ifLess<V>(zero, open, nextV, v);
      nextS = ifLess<V>(zero, open, nextS, s);
      const step = add<V>(magnitude<V>(sub<V>(nextV, v)), mul<V>(magnitude<V>(sub<V>(nextS, s)), scale));
      v = nextV;
      s = nextS;
      open = ifLess<V>(done, step, open, zero);
      steps += 1;
    } while (steps < NEWTON_STEPS && anyAbove<V>(open, zero));
    // a wrong branch shows as ell below its target, which no violated cone gives
    const short = ifLess<V>(mul<V>(s, s), mul<V>(mul<V>(v, ellHat), splat<V>(1 - 1e-9)), outside, zero);
    open = ifLess<V>(zero, short, one, open);
  }
  const factor = div<V>(s, ifLess<V>(zero, sHat, sHat, one));
  store<V>(at, v);
  store<V>(at + stride, ifLess<V>(zero, outside, div<V>(mul<V>(s, s), v), ellHat));
  store<V>(at + 2 * stride, mul<V>(pHat, ifLess<V>(zero, sHat, factor, one)));
  store<V>(at + 3 * stride, mul<V>(qHat, ifLess<V>(zero, sHat, factor, one)));
  if (anyAbove<V>(open, zero)) {
    if (isVector<V>()) {
      for (let lane: usize = 0; lane < 2; ++lane) {
        const isOpen = lane == 0 ? f64x2.extract_lane(open, 0) : f64x2.extract_lane(open, 1);
        if (!(isOpen > 0)) continue;
        settle(
          at + (lane << 3), stride,
          lane == 0 ? f64x2.extract_lane(vHat, 0) : f64x2.extract_lane(vHat, 1),
          lane == 0 ? f64x2.extract_lane(ellHat, 0) : f64x2.extract_lane(ellHat, 1),
          lane == 0 ? f64x2.extract_lane(pHat, 0) : f64x2.extract_lane(pHat, 1),
          lane == 0 ? f64x2.extract_lane(qHat, 0) : f64x2.extract_lane(qHat, 1),
          weightV, weightEll, weightFlow, vMin, vMax, limit,
        );
      }
    } else {
      settle(at, stride, <f64>vHat, <f64>ellHat, <f64>pHat, <f64>qHat, weightV, weightEll, weightFlow, vMin, vMax, limit);
    }
  }
}

/** Best s for a given v: the root of an increasing function on [0, min(sHat, limit)], by bisection. */
function flowFor(v: f64, ellHat: f64, sHat: f64, weightEll: f64, weightFlow: f64, limit: f64): f64 {
  let low: f64 = 0;
  let high = sHat < limit ? sHat : limit;
  for (let step = 0; step < 100; ++step) {
    const s = 0.5 * (low + high);
    const g = (s * s) / v - ellHat;
    const slope = weightFlow * (s - sHat) + (g > 0 ? (2 * weightEll * g * s) / v : 0);
    if (slope > 0) high = s;
    else low = s;
  }
  return 0.5 * (low + high);
}

/** The same projection by bisection on v (the partial minimum over s is convex in v). */
function settle(
  at: usize, stride: usize, vHat: f64, ellHat: f64, pHat: f64, qHat: f64,
  weightV: f64, weightEll: f64, weightFlow: f64, vMin: f64, vMax: f64, limit: f64,
): void {
  const sHat = sqrt<f64>(pHat * pHat + qHat * qHat);
  let low = vMin;
  let high = vMax;
  for (let step = 0; step < 100; ++step) {
    const v = 0.5 * (low + high);
    const s = flowFor(v, ellHat, sHat, weightEll, weightFlow, limit);
    const k = s / v;
    const g = s * k - ellHat;
    const slope = weightV * (v - vHat) - (g > 0 ? weightEll * g * k * k : 0);
    if (slope > 0) high = v;
    else low = v;
  }
  const v = 0.5 * (low + high);
  const s = flowFor(v, ellHat, sHat, weightEll, weightFlow, limit);
  const ell = (s * s) / v;
  const factor = sHat > 0 ? s / sHat : 1;
  store<f64>(at, v);
  store<f64>(at + stride, ell > ellHat ? ell : ellHat);
  store<f64>(at + 2 * stride, pHat * factor);
  store<f64>(at + 3 * stride, qHat * factor);
}
