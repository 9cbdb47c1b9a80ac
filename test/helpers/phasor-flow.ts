import type { Case } from '../../src/model/case.js';
import type { Solution } from '../../src/solver/solution.js';

/**
 * AC power flow with complex phasors and branch currents, written apart from the product's branch
 * flow sweep: the judge of schedules in tests. Gives the voltage magnitudes by bus id and period, pu,
 * and the power that the root must send, MW.
 */
export function phasorFlow(c: Case, s: Solution): { voltage: Map<string, number[]>; rootMw: number[] } {
  const base = c.baseKv ** 2 / c.baseMva;
  const neighbours = new Map<string, { to: string; r: number; x: number }[]>(c.buses.map((b) => [b.id, []]));
  for (const line of c.lines.filter((l) => l.open !== true)) {
    const z = { r: line.rOhm / base, x: line.xOhm / base };
    neighbours.get(line.from)!.push({ to: line.to, ...z });
    neighbours.get(line.to)!.push({ to: line.from, ...z });
  }
  const order: { id: string; up?: string; r: number; x: number }[] = [{ id: c.root, r: 0, x: 0 }];
  const seen = new Set([c.root]);
  for (const at of order) {
    for (const n of neighbours.get(at.id)!) {
      if (seen.has(n.to)) continue;
      seen.add(n.to);
      order.push({ id: n.to, up: at.id, r: n.r, x: n.x });
    }
  }
  const voltage = new Map<string, number[]>(c.buses.map((b) => [b.id, []]));
  const rootMw: number[] = [];
  for (let t = 0; t < c.periods; t++) {
    const power = injections(c, s, t);
    const v = new Map(order.map((o) => [o.id, [c.rootVoltagePu ?? 1, 0] as [number, number]]));
    let rootCurrent: [number, number] = [0, 0];
    for (let sweep = 0; sweep < 500; sweep++) {
      const current = new Map<string, [number, number]>();
      for (const o of order) {
        const [a, b] = v.get(o.id)!;
        const { p, q, shunt } = power.get(o.id)!;
        const m = a * a + b * b;
        // I = conj(S / V), and the shunt's current j b V (capacitor: reactive power b |V|²).
        current.set(o.id, [(p * a + q * b) / m + shunt * b, (p * b - q * a) / m - shunt * a]);
      }
      for (let k = order.length - 1; k > 0; k--) {
        const own = current.get(order[k]!.id)!;
        const up = current.get(order[k]!.up!)!;
        up[0] += own[0];
        up[1] += own[1];
      }
      rootCurrent = current.get(c.root)!;
      let change = 0;
      for (const o of order.slice(1)) {
        const [a, b] = v.get(o.up!)!;
        const [i, j] = current.get(o.id)!;
        const next: [number, number] = [a + o.r * i - o.x * j, b + o.r * j + o.x * i];
        const before = v.get(o.id)!;
        change = Math.max(change, Math.hypot(next[0] - before[0], next[1] - before[1]));
        v.set(o.id, next);
      }
      if (change < 1e-13) break;
    }
    for (const o of order) voltage.get(o.id)!.push(Math.hypot(...v.get(o.id)!));
    rootMw.push(-(c.rootVoltagePu ?? 1) * rootCurrent[0] * c.baseMva);
  }
  return { voltage, rootMw };
}

/** Net injections of everything but the root's generators, pu. */
function injections(c: Case, s: Solution, t: number): Map<string, { p: number; q: number; shunt: number }> {
  const at = new Map(c.buses.map((b) => [b.id, { p: 0, q: 0, shunt: (b.shuntMvar ?? 0) / c.baseMva }]));
  const add = (bus: string, p: number, q: number): void => {
    at.get(bus)!.p += p / c.baseMva;
    at.get(bus)!.q += q / c.baseMva;
  };
  for (const load of c.loads) add(load.bus, -load.pMw[t]!, -load.qMvar[t]!);
  for (const [k, g] of c.generators.entries()) {
    if (g.bus !== c.root) add(g.bus, s.generators![k]!.pMw[t]!, s.generators![k]!.qMvar[t]!);
  }
  for (const [k, d] of c.solar.entries()) add(d.bus, s.solar![k]!.pMw[t]!, s.solar![k]!.qMvar[t]!);
  c.batteries.forEach((d, k) => {
    const b = s.batteries![k]!;
    add(d.bus, b.dischargeMw[t]! - b.chargeMw[t]!, b.qMvar[t]!);
  });
  for (const [k, d] of c.shapables.entries()) add(d.bus, -s.shapables![k]!.pMw[t]!, -s.shapables![k]!.qMvar[t]!);
  return at;
}
