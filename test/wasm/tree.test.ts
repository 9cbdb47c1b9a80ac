import { describe, expect, it } from 'vitest';
import { compileCase, parseCase } from '../../src/model/index.js';
import { AdmmSession } from '../../src/solver/admm/session.js';
import { BUS_SETTINGS, TREE_SETTINGS } from '../../src/solver/admm/settings.js';
import { projectDense, type TreeProblem } from '../../src/solver/reference/tree.js';
import * as abi from '../../src/wasm/admm-abi.js';
import { randomCase } from '../support/random-case.js';

/** A case without a share row or inverter batteries (a pair of rows is one variable there), and no line of 0 Ω. */
function plainCase(seed: number) {
  const source = randomCase(seed, { buses: 12, periods: 3 });
  const problem = compileCase(
    parseCase({
      ...source,
      minRenewableShare: undefined,
      batteries: source.batteries.map((battery) => ({ ...battery, sMaxMva: undefined })),
      lines: source.lines.map((line) => ({
        ...line,
        rOhm: Math.max(line.rOhm, 0.01),
        xOhm: Math.max(line.xOhm, 0.01),
      })),
    }),
  );
  return problem;
}

/** The session's own weights and rows for one period, as the dense twin wants them. */
function denseProblem(session: AdmmSession, t: number): TreeProblem {
  const { problem, entities } = session.scene;
  const { periods } = problem;
  const weight = session.vector('weight');
  let row = session.layout.shape.networkRows;
  const rows = entities.flatMap((entity) =>
    entity.rows.map((device) => {
      const one = { bus: entity.bus, p: device.p, q: device.q, weight: weight[row]! };
      row += 1;
      return one;
    }),
  );
  const column = (values: Float64Array) => Array.from({ length: problem.busCount }, (_, i) => values[i * periods + t]!);
  return {
    parent: problem.parent,
    r: problem.r,
    x: problem.x,
    shunt: problem.shunt,
    vRoot: problem.vRoot,
    loadP: column(problem.loadP),
    loadQ: column(problem.loadQ),
    weights: Array.from({ length: problem.busCount }, (_, i) => [
      weight[4 * i]!,
      weight[4 * i + 1]!,
      weight[4 * i + 2]!,
    ]),
    rows,
  };
}

describe('tree projection', () => {
  it('is the weighted projection on all branch-flow equations, and its multipliers are the prices', () => {
    for (let seed = 30; seed < 42; seed += 1) {
      const session = new AdmmSession(plainCase(seed), TREE_SETTINGS, 1);
      const { busCount, periods } = session.scene.problem;
      const w = session.vector('w');
      for (let k = 0; k < w.length; k += 1) w[k]! += Math.sin(k * 12.9898 + seed) * 0.3;
      session.exports.evaluate(session.layout.context, 0);
      const [z, node] = [session.vector('z'), session.vector('node')];
      for (let t = 0; t < periods; t += 1) {
        const at = (row: number) => w[row * periods + t]!;
        const line = Array.from({ length: busCount }, (_, i) => [0, 1, 2, 3].map((k) => at(4 * i + k)));
        const device = Array.from({ length: session.layout.shape.deviceRows }, (_, k) => at(4 * busCount + k));
        const dense = projectDense(denseProblem(session, t), line, device);
        for (let i = 0; i < busCount; i += 1) {
          for (let k = 0; k < 4; k += 1) expect(z[(4 * i + k) * periods + t]).toBeCloseTo(dense.line[i]![k]!, 7);
          expect(node[3 * i * periods + t]).toBeCloseTo(dense.nuP[i]!, 6);
          expect(node[(3 * i + 1) * periods + t]).toBeCloseTo(dense.nuQ[i]!, 6);
        }
        for (const [k, value] of dense.device.entries())
          expect(z[(4 * busCount + k) * periods + t]).toBeCloseTo(value, 7);
      }
    }
  });

  it('keeps a point that meets the equations, for both variants', () => {
    for (const settings of [TREE_SETTINGS, BUS_SETTINGS]) {
      const session = new AdmmSession(plainCase(50), settings, 1);
      session.exports.evaluate(session.layout.context, 0);
      const first = session.vector('z').slice();
      session.vector('w').set(first);
      session.exports.evaluate(session.layout.context, 0);
      const second = session.vector('z');
      for (const [k, value] of first.entries()) expect(second[k]).toBeCloseTo(value, 8);
    }
  });

  it('gives the plain iteration its fixed point: x = z where nothing moves any more', () => {
    const session = new AdmmSession(plainCase(51), { ...TREE_SETTINGS, depth: 0, adaptTimes: 0 }, 1);
    session.setTolerance(1e-9);
    session.exports.iterate(session.layout.context, 0, 20_000);
    expect(session.words[abi.STATUS]).toBe(abi.STATUS_OPTIMAL);
    expect(session.vector('f').reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(1e-5);
  });
});
