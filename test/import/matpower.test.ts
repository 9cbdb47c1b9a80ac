import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importMatpower } from '../../src/import/matpower.js';
import type { Case } from '../../src/model/case.js';
import { parseCase } from '../../src/model/index.js';

const sce56 = parseCase(JSON.parse(readFileSync('examples/cases/sce56-single.json', 'utf8')));

/** Writes lines and loads the way published distribution cases do: ohms and kilowatts, converted by statements. */
function toMatpower(c: Case): string {
  const load = new Map(c.loads.map((l) => [l.bus, l]));
  const bus = c.buses.map((b) => {
    const l = load.get(b.id);
    const type = b.id === c.root ? 3 : 1;
    return `\t${b.id}\t${type}\t${(l?.pMw[0] ?? 0) * 1e3}\t${(l?.qMvar[0] ?? 0) * 1e3}\t0\t${b.shuntMvar ?? 0}\t1\t1\t0\t${c.baseKv}\t1\t${b.vMaxPu}\t${b.vMinPu};`;
  });
  const branch = c.lines.map((l) => `\t${l.from}\t${l.to}\t${l.rOhm}\t${l.xOhm}\t0\t0\t0\t0\t0\t0\t1\t-360\t360;`);
  return `function mpc = sce56
%SCE56 a comment
mpc.version = '2';
mpc.baseMVA = ${c.baseMva};
mpc.bus = [ %% kW and kVAr here
${bus.join('\n')}
];
mpc.gen = [
\t${c.root}\t0\t0\t10\t-10\t1.02\t100\t1\t10\t-10;
];
mpc.branch = [
${branch.join('\n')}
];
mpc.gencost = [
\t2\t0\t0\t3\t0.5\t20\t1;
];
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;
Sbase = mpc.baseMVA * 1e6;
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
mpc.bus_name = { 'a'; 'b' };
`;
}

describe('MATPOWER import', () => {
  it('gives back the same lines, loads and shunts after a round trip through ohms and kilowatts', () => {
    const { case: got, approximations } = importMatpower(toMatpower(sce56));
    expect(parseCase(got).root).toBe(sce56.root);
    expect(approximations).toEqual([]);
    expect(got.rootVoltagePu).toBe(1.02);
    got.lines.forEach((line, k) => {
      expect(line.rOhm).toBeCloseTo(sce56.lines[k]!.rOhm, 10);
      expect(line.xOhm).toBeCloseTo(sce56.lines[k]!.xOhm, 10);
    });
    const sum = (c: Case) => c.loads.reduce((s, l) => s + l.pMw[0]!, 0);
    expect(sum(got)).toBeCloseTo(sum(sce56), 9);
    expect(got.buses.map((b) => b.shuntMvar ?? 0)).toEqual(sce56.buses.map((b) => b.shuntMvar ?? 0));
    expect(got.generators[0]).toMatchObject({
      id: 'substation',
      costQuadratic: 0.5,
      costLinear: [20],
      costConstant: 1,
    });
  });

  const small = (changes: { bus?: string; branch?: string; gen?: string; after?: string }) => `mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [ ${changes.bus ?? '1 3 0 0 0 0 1 1 0 12 1 1.1 0.9; 2 1 1 -0.5 0 0 1 1 0 12 1 1.1 0.9'} ];
mpc.gen = [ ${changes.gen ?? '1 0 0 10 -10 1 100 1 10 -10'} ];
mpc.branch = [ ${changes.branch ?? '1 2 0.01 0.02 0 0 0 0 0 0 1'} ];
${changes.after ?? ''}`;

  it('reads negative numbers as elements and arithmetic as arithmetic', () => {
    const { case: got } = importMatpower(
      small({
        after: 'pf = 0.8;\nmpc.bus(:, 4) = mpc.bus(:, 3) * sin(acos(pf));\nmpc.bus(2, 3) = mpc.bus(2, 3) * (1 - 0.5);',
      }),
    );
    expect(got.loads[0]!.pMw[0]).toBeCloseTo(0.5, 12);
    expect(got.loads[0]!.qMvar[0]).toBeCloseTo(0.6, 12);
    expect(importMatpower(small({})).case.loads[0]!.qMvar[0]).toBe(-0.5);
  });

  it('merges parallel branches exactly', () => {
    const { case: got, approximations } = importMatpower(
      small({ branch: '1 2 0.02 0.04 0 5 0 0 0 0 1; 2 1 0.02 0.04 0 5 0 0 0 0 1' }),
    );
    expect(got.lines).toHaveLength(1);
    expect(got.lines[0]!.rOhm).toBeCloseTo((0.01 * 144) / 10, 12);
    expect(got.lines[0]!.limitMva).toBeCloseTo(10, 9);
    expect(approximations.join()).toContain('parallel');
  });

  it('lists taps, charging and switched-off branches', () => {
    const result = importMatpower(
      small({
        bus: '1 3 0 0 0 0 1 1 0 12 1 1.1 0.9; 2 1 1 0 0.2 0 1 1 0 12 1 1.1 0.9',
        branch: '1 2 0.01 0.02 0.3 0 0 0 1.05 0 1; 1 2 1 1 0 0 0 0 0 0 0',
      }),
    );
    expect(result.approximations.join('\n')).toMatch(/tap ratios[\s\S]*charging|charging[\s\S]*tap ratios/);
    expect(result.leftOut.join()).toContain('out of service (1: 1-2#2)');
    expect(result.case.buses[1]!.shuntMvar).toBeCloseTo(1.5, 12);
    expect(result.case.loads[0]!.pMw[0]).toBeCloseTo(1.2, 12);
  });

  it.each([
    [
      'two slack buses',
      { bus: '1 3 0 0 0 0 1 1 0 12 1 1.1 0.9; 2 3 1 0 0 0 1 1 0 12 1 1.1 0.9' },
      /2 reference buses \(1, 2\)/,
    ],
    ['a bracket left open', { after: 'mpc.bus = [ 1 2 3' }, /not closed/],
    ['uneven rows', { branch: '1 2 0.01; 1 2' }, /row 2 of the matrix has 2 columns where the first has 3/],
    ['a branch to nowhere', { branch: '1 9 0.01 0.02 0 0 0 0 0 0 1' }, /./],
    ['an if block', { after: 'if 1\n mpc.baseMVA = 3;\nend' }, /line \d+: 'if' blocks/],
    ['a statement on mpc.bus it cannot carry out', { after: 'mpc.bus(:, 3) = foo(mpc.bus);' }, /line \d+: 'foo'/],
    ['no slack generator', { gen: '2 0 0 10 -10 1 100 1 10 -10' }, /no generator in service at the reference bus/],
    ['a cubic cost', { after: 'mpc.gencost = [ 2 0 0 4 1 2 3 4 ];' }, /degree 3/],
  ])('refuses %s with the reason', (_, changes, message) => {
    const text = small(changes as never);
    if (message.source === '.') expect(importMatpower(text).leftOut.join()).toContain('isolated');
    else expect(() => importMatpower(text)).toThrow(message);
  });
});
