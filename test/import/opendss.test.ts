import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importCase } from '../../src/import/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-dss-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function dss(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return await importCase('opendss', join(folder, Object.keys(files)[0]!));
}

const CODES = `New LineCode.three nphases=3 units=km rmatrix=(0.4 | 0.1 0.4 | 0.1 0.1 0.4) xmatrix=[1.0 | 0.4 1.0 | 0.4 0.4 1.0] cmatrix=[0 | 0 0 | 0 0 0]
New LineCode.one nphases=1 units=km r1=0.5 x1=0.6 c1=0 normamps=100 {100 1.25 *}
`;

describe('OpenDSS import', () => {
  it('makes a balanced equivalent of matrices, laterals, a transformer, shapes and devices', async () => {
    const {
      case: got,
      approximations,
      leftOut,
    } = await dss({
      'master.dss': `Clear
! a comment
New Circuit.Test basekv=12 pu=1.01 mvasc3= 2000 2100
Redirect sub/CODES.dss
New Line.L1 bus1=sourcebus bus2=b.1.2.3 linecode=three length=2000 units=m
New Line.L2 bus1=b.2 bus2=C.2 phases=1 linecode=one length=1 units=km
New Transformer.T1 phases=3 windings=2 xhl=5 %loadloss=1
~ wdg=1 bus=b conn=delta kv=12 kva=500
~ wdg=2 bus=d conn=wye kv=0.4 kva=500
New LoadShape.day npts=24 interval=1 mult=(${Array.from({ length: 24 }, (_, h) => (h + 1) / 24).join(' ')})
New Load.a bus1=c.2 phases=1 kv=6.9 kw=100 pf=0.8 daily=day
New Load.b bus1=d kw=(20 30 +) kvar=10 model=2
New Capacitor.k bus1=b phases=3 kv=12 kvar=300
New PVSystem.p bus1=d kva=60 pmpp=50 irradiance=0.8 daily=day
New Storage.s bus1=d kwrated=25 kwhrated=100 %stored=40 %effcharge=95 %effdischarge=94
Set VoltageBases=[12 0.4]
Solve
`,
      'sub/codes.DSS': CODES,
    });
    const line = (id: string) => got.lines.find((l) => l.id === id)!;
    expect(got).toMatchObject({ periods: 24, baseKv: 12, rootVoltagePu: 1.01, root: 'sourcebus' });
    // mean self − mean mutual, 2 km
    expect(line('line.l1').rOhm).toBeCloseTo(0.6, 9);
    expect(line('line.l1').xOhm).toBeCloseTo(1.2, 9);
    // one phase: × 3
    expect(line('line.l2').rOhm).toBeCloseTo(1.5, 9);
    expect(line('line.l2').limitMva).toBeCloseTo((12 / Math.sqrt(3)) * 0.1, 9);
    // 5% on 0.5 MVA at 12 kV
    expect(line('transformer.t1').xOhm).toBeCloseTo((0.05 / 0.5) * 144, 9);
    expect(line('transformer.t1').rOhm).toBeCloseTo((0.01 / 0.5) * 144, 9);
    const load = got.loads.find((l) => l.id === 'load.a')!;
    expect(load.pMw[11]).toBeCloseTo(0.05, 9);
    expect(load.qMvar[23]).toBeCloseTo(0.075, 9);
    expect(got.loads.find((l) => l.id === 'load.b')!.pMw[3]).toBeCloseTo(0.05, 9);
    expect(got.buses.find((b) => b.id === 'b')!.shuntMvar).toBeCloseTo(0.3, 9);
    expect(got.solar[0]).toMatchObject({ id: 'pvsystem.p', sMaxMva: 0.06 });
    expect(got.solar[0]!.forecastMw[23]).toBeCloseTo(0.04, 9);
    expect(got.batteries[0]).toMatchObject({
      powerMw: 0.025,
      energyMwh: 0.1,
      initialMwh: 0.04,
      chargeEfficiency: 0.95,
    });
    expect(approximations.join('\n')).toMatch(/one- and two-phase lines/);
    expect(approximations.join('\n')).toMatch(/constant power \(1: load\.b\)/);
    expect(leftOut.join('\n')).toContain('impedance of the source');
  });

  it('averages quarter-hours of a shape file, and takes actual kW as they are', async () => {
    const { case: got } = await dss({
      'm.dss': `New Circuit.c basekv=12
New Line.l bus1=sourcebus bus2=b r1=0.1 x1=0.1 c1=0 length=1
New LoadShape.s npts=96 minterval=15 mult=(file=shape.csv) useactual=true
New Load.x bus1=b kw=10 kvar=5 daily=s`,
      'shape.csv': Array.from({ length: 96 }, (_, k) => (k % 4) * 10).join('\n'),
    });
    expect(got.loads[0]!.pMw.every((p) => Math.abs(p - 0.015) < 1e-12)).toBe(true);
    expect(got.loads[0]!.qMvar[0]).toBeCloseTo(0.0075, 12);
  });

  it.each([
    ['a file that includes itself', 'Redirect m.dss', /nested more than/],
    ['a missing file', 'Redirect nothing.dss', /nothing\.dss is not there/],
    [
      'a value without a name',
      'New Circuit.c basekv=12\nNew Load.x 5',
      /m\.dss line 2: '5' stands without a property name/,
    ],
    [
      'an unknown line code',
      'New Circuit.c\nNew Line.l bus1=a bus2=b linecode=zz',
      /linecode 'zz', which is not defined/,
    ],
    ['conductor geometry', 'New Circuit.c\nNew Line.l bus1=a bus2=b geometry=g', /conductor geometry/],
    [
      'three-winding transformers',
      'New Circuit.c\nNew Transformer.t windings=3 buses=(sourcebus b c) kvs=(12 1 1) kvas=(9 9 9)',
      /3 windings on 3 buses/,
    ],
    [
      'a second source',
      'New Circuit.c\nNew Line.l bus1=sourcebus bus2=b\nNew Load.x bus1=b\nNew Vsource.two bus1=b',
      /second source/,
    ],
    ['no circuit', 'New Line.l bus1=a bus2=b', /0 circuits/],
    ['a number that is none', 'New Circuit.c\nNew Line.l bus1=sourcebus bus2=b length=long', /length is 'long'/],
    [
      'a loop',
      'New Circuit.c\nNew Line.a bus1=sourcebus bus2=b\nNew Line.b bus1=b bus2=c\nNew Line.c bus1=c bus2=sourcebus\nNew Load.x bus1=c',
      /loop/,
    ],
  ])('refuses %s with the reason', async (_, text, message) => {
    await expect(dss({ 'm.dss': text })).rejects.toThrow(message);
  });
});
