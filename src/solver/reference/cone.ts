const NEWTON_STEPS = 16;
const STEP_DONE = 1e-8;

/** Weights and limits of one line and its bus. */
export interface ConeSet {
  readonly weightV: number;
  /** 0: the line has no impedance and no cone. */
  readonly weightEll: number;
  readonly weightFlow: number;
  readonly vMin: number;
  readonly vMax: number;
  readonly limit: number;
}

export type ConePoint = [v: number, ell: number, p: number, q: number];

/**
 * Twin of `projectRows` (assembly/cone/project.ts): the point of {P² + Q² ≤ v·ell, v in its band,
 * P² + Q² ≤ limit²} nearest to the given one in the weighted norm. The same operations in the same
 * order, so bit for bit the same answer.
 */
export function projectCone([vHat, ellHat, pHat, qHat]: ConePoint, set: ConeSet): ConePoint {
  const { weightV: wv, weightEll: we, weightFlow: wf, vMin, vMax, limit } = set;
  const sHat = Math.sqrt(pHat * pHat + qHat * qHat);
  let v = clamp(vHat, vMin, vMax);
  let s = Math.min(limit, sHat);
  const outside = we > 0 && v * ellHat < s * s;
  let open = outside;
  if (open) {
    const scale = 1 / (sHat + 1e-9);
    let steps = 0;
    do {
      const iv = 1 / v;
      const k = s * iv;
      const k2 = k * k;
      const g = s * k - ellHat;
      const gi = Math.max(0, g) * iv;
      const gradV = wv * (v - vHat) - we * g * k2;
      const gradS = wf * (s - sHat) + 2 * we * (g * k);
      const hVV = wv + we * k2 * (k2 + 2 * gi);
      const hVS = -2 * (we * k) * (k2 + gi);
      const hSS = wf + 2 * we * (2 * k2 + gi);
      const heldV = (v <= vMin && 0 < gradV) || (vMax <= v && gradV < 0);
      const heldS = limit <= s && gradS < 0;
      const invSS = 1 / hSS;
      const schur = hVV - hVS * hVS * invSS;
      const gradSfree = heldS ? 0 : gradS;
      const hVSfree = heldS ? 0 : hVS;
      const pull = gradV - hVSfree * gradSfree * invSS;
      const freeV = clamp(v - pull / (heldS ? hVV : schur), vMin, vMax);
      const nextV = heldV ? v : freeV;
      const push = gradSfree + hVSfree * (nextV - v);
      let nextS = s - push * invSS;
      nextS = nextS < 0 ? 0.5 * s : nextS;
      nextS = Math.min(limit, nextS);
      const step = Math.abs(nextV - v) + Math.abs(nextS - s) * scale;
      v = nextV;
      s = nextS;
      open = STEP_DONE < step;
      steps += 1;
    } while (steps < NEWTON_STEPS && open);
    if (s * s < v * ellHat * (1 - 1e-9)) open = true;
  }
  if (open) return settle(vHat, ellHat, pHat, qHat, sHat, set);
  const factor = sHat > 0 ? s / sHat : 1;
  return [v, outside ? (s * s) / v : ellHat, pHat * factor, qHat * factor];
}

function clamp(a: number, low: number, high: number): number {
  const raised = Math.max(a, low);
  return Math.min(high, raised);
}

function flowFor(v: number, ellHat: number, sHat: number, { weightEll, weightFlow, limit }: ConeSet): number {
  let low = 0;
  let high = sHat < limit ? sHat : limit;
  for (let step = 0; step < 100; step += 1) {
    const s = 0.5 * (low + high);
    const g = (s * s) / v - ellHat;
    const slope = weightFlow * (s - sHat) + (g > 0 ? (2 * weightEll * g * s) / v : 0);
    if (slope > 0) high = s;
    else low = s;
  }
  return 0.5 * (low + high);
}

/** The same projection by bisection alone. */
export function settle(
  vHat: number,
  ellHat: number,
  pHat: number,
  qHat: number,
  sHat: number,
  set: ConeSet,
): ConePoint {
  let low = set.vMin;
  let high = set.vMax;
  for (let step = 0; step < 100; step += 1) {
    const v = 0.5 * (low + high);
    const s = flowFor(v, ellHat, sHat, set);
    const k = s / v;
    const g = s * k - ellHat;
    const slope = set.weightV * (v - vHat) - (g > 0 ? set.weightEll * g * k * k : 0);
    if (slope > 0) high = v;
    else low = v;
  }
  const v = 0.5 * (low + high);
  const s = flowFor(v, ellHat, sHat, set);
  const ell = (s * s) / v;
  const factor = sHat > 0 ? s / sHat : 1;
  return [v, Math.max(ell, ellHat), pHat * factor, qHat * factor];
}
