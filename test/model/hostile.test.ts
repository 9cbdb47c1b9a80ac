import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrowdwattError, type ErrorCode } from '../../src/errors.js';
import { loadOwners, parseCase, readCase } from '../../src/model/index.js';

/** A small right case; each hostile one breaks one thing of it. */
function right() {
  return {
    format: 'crowdwatt-case/1',
    name: 'three buses',
    baseMva: 1,
    baseKv: 12,
    root: 'a',
    periods: 2,
    hoursPerPeriod: 1,
    buses: [
      { id: 'a', vMinPu: 0.9, vMaxPu: 1.1 },
      { id: 'b', vMinPu: 0.9, vMaxPu: 1.1, shuntMvar: 0.1 },
      { id: 'c', vMinPu: 0.9, vMaxPu: 1.1 },
    ],
    lines: [
      { id: 'ab', from: 'a', to: 'b', rOhm: 0.1, xOhm: 0.2 },
      { id: 'cb', from: 'c', to: 'b', rOhm: 0.1, xOhm: 0.2, limitMva: 5 },
    ] as Record<string, unknown>[],
    loads: [{ id: 'load', bus: 'b', pMw: [1, 1], qMvar: [0.1, 0.1] }] as Record<string, unknown>[],
    solar: [{ id: 'pv', bus: 'c', owner: 'p', forecastMw: [0, 1], curtailable: true }] as Record<string, unknown>[],
    batteries: [
      {
        id: 'bat',
        bus: 'c',
        owner: 'p',
        powerMw: 1,
        energyMwh: 4,
        initialMwh: 2,
        finalMwh: 2,
        chargeEfficiency: 0.95,
        dischargeEfficiency: 0.95,
        throughputCost: 1,
      },
    ] as Record<string, unknown>[],
    shapables: [
      { id: 'ev', bus: 'c', owner: 'p', energyMwh: 1, maxMw: 1, startPeriod: 0, endPeriod: 2, powerFactor: 0.97 },
    ] as Record<string, unknown>[],
    generators: [
      {
        id: 'sub',
        bus: 'a',
        pMinMw: -9,
        pMaxMw: 9,
        qMinMvar: -9,
        qMaxMvar: 9,
        costQuadratic: 0,
        costLinear: [30, 30],
        costConstant: 0,
      },
    ] as Record<string, unknown>[],
    crowdsourcees: [{ id: 'p', bus: 'c', type: 1, willingness: 0.5, reservationPrice: 5 }] as Record<string, unknown>[],
    incentives: { floorPerMwh: 0.5, capPerMwh: 60, stepPerMwh: 6 } as Record<string, unknown>,
  } as Record<string, unknown>;
}

type Draft = ReturnType<typeof right> & {
  [list: string]: Record<string, unknown>[] & Record<string, unknown>;
};
type Hostile = [name: string, breakIt: (draft: Draft) => unknown, message: RegExp, code?: ErrorCode];

const set = (list: string, field: string, value: unknown) => (draft: Draft) => {
  draft[list]![0]![field] = value;
};
const put = (field: string, value: unknown) => (draft: Draft) => {
  draft[field] = value as never;
};
const drop = (list: string, field: string) => (draft: Draft) => {
  delete draft[list]![0]![field];
};
const repeat = (list: string) => (draft: Draft) => {
  draft[list]!.push({ ...draft[list]![0]! });
};
const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

const HOSTILE: Hostile[] = [
  ['null', () => null, /^the document is null; it must be a JSON object/],
  ['an array', () => [], /^the document is an array of 0; it must be/],
  ['a number', () => 7, /^the document is 7; it must be/],
  ['an empty object', () => ({}), /^format is missing; it must be "crowdwatt-case\/1"/],
  [
    'a later format',
    put('format', 'crowdwatt-case/2'),
    /^format is "crowdwatt-case\/2"; it must be "crowdwatt-case\/1"/,
  ],
  ['an unknown field', put('baseMVA', 1), /^baseMVA is not a field of the format; fields here: .*baseMva/],
  ['an unknown field of a battery', set('batteries', 'powerKw', 3), /^batteries\[0\]\.powerKw \(bat\) is not a field/],
  [
    'a field called __proto__',
    () => JSON.parse(JSON.stringify(right()).replace('"name"', '"__proto__":{"x":1},"name"')),
    /__proto__ is not a field/,
  ],
  ['periods = 1e9', put('periods', 1e9), /^periods is 1000000000; it must be a whole number from 1 to 200000/],
  ['periods = 0', put('periods', 0), /^periods is 0; it must be a whole number/],
  ['periods = 2.5', put('periods', 2.5), /^periods is 2\.5; it must be a whole number/],
  ['periods as text', put('periods', '24'), /^periods is "24"; it must be a whole number/],
  [
    'periods × buses beyond memory',
    (d) => {
      d.periods = 200_000 as never;
      d.buses = Array.from({ length: 101 }, (_, k) => ({ id: `${k}` })) as never;
    },
    /^periods times the number of buses is 20200000; it must be at most 20000000/,
    'input/too-large',
  ],
  ['NaN', put('baseMva', Number.NaN), /^baseMva is NaN; it must be a power base/],
  ['Infinity', put('baseKv', Number.POSITIVE_INFINITY), /^baseKv is Infinity; it must be a voltage base/],
  ['zero base', put('baseMva', 0), /^baseMva is 0; it must be/],
  ['zero hours', put('hoursPerPeriod', 0), /^hoursPerPeriod is 0; it must be/],
  ['negative root voltage', put('rootVoltagePu', -1), /^rootVoltagePu is -1; it must be/],
  ['a share above 1', put('minRenewableShare', 1.2), /^minRenewableShare is 1\.2; it must be a number from 0 to 1/],
  ['an unknown root', put('root', 'z'), /^root is "z"; it must be the id of one of the buses/],
  ['no bus', put('buses', []), /^buses is an array of 0; it must hold at least one bus/],
  ['buses as an object', put('buses', {}), /^buses is an object; it must be an array of buses/],
  ['a bus that is null', put('buses', [null]), /^buses\[0\] is null; it must be an object$/],
  [
    'generators missing',
    (d) => {
      delete d.generators;
    },
    /^generators is missing; it must be an array/,
  ],
  [
    'an id of 10^6 characters',
    set('loads', 'id', 'x'.repeat(1e6)),
    /^loads\[0\]\.id \(x{60}…\) is "x{40}…"; it must be text of 1 to 128 characters/,
  ],
  ['an empty id', set('loads', 'id', ''), /^loads\[0\]\.id is ""; it must be text of 1 to 128/],
  ['an id with a line break', set('loads', 'id', 'a\nb'), /^loads\[0\]\.id \(a.b\) is "a.b"; it must be text/],
  [
    'an id with an escape',
    set('loads', 'id', 'a\u001b[2Jb'),
    /^loads\[0\]\.id .* must be text of 1 to 128 characters without control/,
  ],
  ['a numeric id', set('loads', 'id', 5), /^loads\[0\]\.id is 5; it must be text/],
  ['a duplicate bus', repeat('buses'), /^buses\[3\]\.id \(a\) is also the id of buses\[0\]/],
  ['a duplicate battery', repeat('batteries'), /^batteries\[1\]\.id \(bat\) is also the id of batteries\[0\]/],
  [
    'a negative size',
    set('batteries', 'powerMw', -0.1),
    /^batteries\[0\]\.powerMw \(bat\) is -0\.1; it must be a number from 0/,
  ],
  ['a negative resistance', set('lines', 'rOhm', -1), /^lines\[0\]\.rOhm \(ab\) is -1; it must be a number from 0/],
  ['a huge number', set('loads', 'pMw', [1e300, 1]), /^loads\[0\]\.pMw\[0\] \(load\) is 1e\+300; it must be/],
  ['a zero thermal limit', set('lines', 'limitMva', 0), /^lines\[0\]\.limitMva \(ab\) is 0; it must be above 0/],
  [
    'a series too short',
    set('loads', 'pMw', [1]),
    /^loads\[0\]\.pMw \(load\) has 1 numbers; it must have one per period, 2/,
  ],
  [
    'a series too long',
    set('generators', 'costLinear', new Array(1000).fill(1)),
    /^generators\[0\]\.costLinear \(sub\) has 1000 numbers/,
  ],
  [
    'a series of text',
    set('solar', 'forecastMw', ['1', '2']),
    /^solar\[0\]\.forecastMw\[0\] \(pv\) is "1"; it must be/,
  ],
  ['a series with a hole', set('loads', 'qMvar', [null, 0]), /^loads\[0\]\.qMvar\[0\] \(load\) is null; it must be/],
  [
    'a series as one number',
    set('loads', 'qMvar', 3),
    /^loads\[0\]\.qMvar \(load\) is 3; it must be an array with one number per period/,
  ],
  ['a negative forecast', set('solar', 'forecastMw', [0, -1]), /^solar\[0\]\.forecastMw\[1\] \(pv\) is -1; it must be/],
  [
    'a missing field',
    drop('batteries', 'chargeEfficiency'),
    /^batteries\[0\]\.chargeEfficiency \(bat\) is missing; it must be a number from/,
  ],
  [
    'efficiency 0',
    set('batteries', 'chargeEfficiency', 0),
    /^batteries\[0\]\.chargeEfficiency \(bat\) is 0; it must be/,
  ],
  [
    'efficiency above 1',
    set('batteries', 'dischargeEfficiency', 1.01),
    /^batteries\[0\]\.dischargeEfficiency \(bat\) is 1\.01/,
  ],
  [
    'initial above capacity',
    set('batteries', 'initialMwh', 5),
    /^batteries\[0\]\.initialMwh \(bat\) is 5 MWh, above its capacity energyMwh 4/,
    'case/device',
  ],
  [
    'final above capacity',
    set('batteries', 'finalMwh', 4.5),
    /^batteries\[0\]\.finalMwh \(bat\) is 4\.5 MWh, above its capacity/,
    'case/device',
  ],
  [
    'final out of reach',
    set('batteries', 'finalMwh', 3.95),
    /^batteries\[0\]\.finalMwh \(bat\) is 3\.95 MWh, out of reach from 2 MWh within 2 h; it must be from 0\S* to 3\.90000/,
    'case/device',
  ],
  [
    'final out of reach by the inverter',
    (d) => {
      Object.assign(d.batteries![0]!, { sMaxMva: 0.1, finalMwh: 2.5 });
    },
    /^batteries\[0\]\.finalMwh \(bat\) is 2\.5 MWh, out of reach/,
    'case/device',
  ],
  [
    'an EV that cannot fit',
    set('shapables', 'energyMwh', 2.1),
    /^shapables\[0\]\.energyMwh \(ev\) is 2\.1 MWh, more than periods 0 to 2 can take at maxMw 1; it must be at most 2\.00000/,
    'case/device',
  ],
  [
    'a window past the end',
    set('shapables', 'endPeriod', 3),
    /^shapables\[0\]\.endPeriod \(ev\) is 3; it must be at most the number of periods 2/,
    'case/device',
  ],
  [
    'a window the wrong way',
    (d) => {
      Object.assign(d.shapables![0]!, { startPeriod: 2, endPeriod: 1 });
    },
    /^shapables\[0\]\.startPeriod \(ev\) is 2; it must be at most endPeriod 1/,
    'case/device',
  ],
  [
    'an empty window',
    set('shapables', 'endPeriod', 0),
    /^shapables\[0\]\.energyMwh \(ev\) is 1 MWh, more than periods 0 to 0/,
    'case/device',
  ],
  ['a power factor of 0', set('shapables', 'powerFactor', 0), /^shapables\[0\]\.powerFactor \(ev\) is 0; it must be/],
  [
    'pMin above pMax',
    set('generators', 'pMinMw', 10),
    /^generators\[0\]\.pMinMw \(sub\) is 10, above pMaxMw 9/,
    'case/device',
  ],
  [
    'qMin above qMax',
    set('generators', 'qMinMvar', 10),
    /^generators\[0\]\.qMinMvar \(sub\) is 10, above qMaxMvar 9/,
    'case/device',
  ],
  [
    'a concave cost',
    set('generators', 'costQuadratic', -1),
    /^generators\[0\]\.costQuadratic \(sub\) is -1; it must be/,
  ],
  [
    'a negative ramp',
    set('generators', 'rampMwPerHour', -1),
    /^generators\[0\]\.rampMwPerHour \(sub\) is -1; it must be/,
  ],
  [
    'no generator at the root',
    set('generators', 'bus', 'b'),
    /^generators have none at the root bus "a"; one must be there/,
  ],
  [
    'fixed solar above its inverter',
    (d) => {
      Object.assign(d.solar![0]!, { curtailable: false, sMaxMva: 0.5 });
    },
    /^solar\[0\]\.forecastMw\[1\] \(pv\) is 1 MW, above its sMaxMva 0\.5/,
    'case/device',
  ],
  ['vMin above vMax', set('buses', 'vMinPu', 1.2), /^buses\[0\]\.vMinPu \(a\) is 1\.2, above vMaxPu 1\.1/],
  [
    'an unknown bus of a line',
    set('lines', 'to', 'zz'),
    /^lines\[0\]\.to \(ab\) is "zz"; it must be the id of one of the buses/,
  ],
  ['an unknown bus of a load', set('loads', 'bus', 'zz'), /^loads\[0\]\.bus \(load\) is "zz"; it must be/],
  ['an unknown bus of a generator', set('generators', 'bus', 'zz'), /^generators\[0\]\.bus \(sub\) is "zz"/],
  [
    'an unknown owner',
    set('batteries', 'owner', 'nobody'),
    /^batteries\[0\]\.owner \(bat\) is "nobody"; it must be the id of one of the crowdsourcees/,
  ],
  [
    'an owner at another bus',
    set('batteries', 'bus', 'b'),
    /^batteries\[0\]\.owner \(bat\) is "p", who sits at bus "c"; it must be a crowdsourcee at bus "b"/,
  ],
  [
    'an unowned load where two sit',
    (d) => {
      d.loads![0]!.bus = 'c';
      d.crowdsourcees!.push({ id: 'p2', bus: 'c', type: 2, willingness: 1, reservationPrice: 1 });
    },
    /^loads\[0\]\.owner \(load\) is missing, and "p", "p2" sit at bus "c"; it must name one of them/,
  ],
  [
    'a crowdsourcee of type 3',
    set('crowdsourcees', 'type', 3),
    /^crowdsourcees\[0\]\.type \(p\) is 3; it must be 1 .* or 2/,
  ],
  [
    'willingness 0',
    set('crowdsourcees', 'willingness', 0),
    /^crowdsourcees\[0\]\.willingness \(p\) is 0; it must be above 0/,
  ],
  [
    'a floor above the cap',
    (d) => {
      (d.incentives as Record<string, unknown>).floorPerMwh = 70;
    },
    /^incentives\.floorPerMwh is 70, above capPerMwh 60/,
  ],
  [
    'a budget of the wrong length',
    (d) => {
      (d.incentives as Record<string, unknown>).budgetPerPeriod = [1];
    },
    /^incentives\.budgetPerPeriod has 1 numbers; it must have one per period, 2/,
  ],
  ['incentives that are a number', put('incentives', 4), /^incentives is 4; it must be an object$/],
  [
    'a loop',
    (d) => {
      d.lines!.push({ id: 'ca', from: 'c', to: 'a', rOhm: 1, xOhm: 1 });
    },
    /^lines\[2\] \(ca\) closes a loop between buses "c" and "a"; the closed lines must form one tree/,
    'case/topology',
  ],
  [
    'a doubled line',
    (d) => {
      d.lines!.push({ ...d.lines![0]!, id: 'ab2' });
    },
    /^lines\[2\] \(ab2\) closes a loop/,
    'case/topology',
  ],
  [
    'a line from a bus to itself',
    set('lines', 'to', 'a'),
    /^lines\[0\] \(ab\) joins bus "a" to itself/,
    'case/topology',
  ],
  [
    'an island',
    set('lines', 'open', true),
    /^buses\[1\] \(b\) has no closed line to the root "a": buses "b", "c" form an island/,
    'case/topology',
  ],
  ['a list nested 100,000 deep', put('buses', nested(100_000)), /^buses\[0\] is an array of 1; it /],
  ['a field nested 100,000 deep', put('extra', nested(100_000)), /^extra is not a field of the format/],
  [
    'a million bad elements',
    put('loads', new Array(1e6).fill(0)),
    /^loads\[0\] is 0; it .* \(and 9 or more other problems\)$/,
  ],
];

describe('parseCase refuses', () => {
  it.each(HOSTILE)('%s', (_, breakIt, message, code = 'input/invalid') => {
    const draft = right() as Draft;
    const replaced = breakIt(draft);
    const value = replaced === undefined ? draft : replaced;
    let thrown: unknown;
    try {
      parseCase(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CrowdwattError);
    const error = thrown as CrowdwattError;
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(error.exitStatus).toBe(2);
    expect(error.message).not.toMatch(/[\r\n\u001b]/);
    expect(error.message.length).toBeLessThan(700);
  });

  it('says the first problem and counts the others', () => {
    const draft = right() as Draft;
    draft.batteries![0]!.powerMw = -1;
    draft.loads![0]!.pMw = [0];
    draft.loads![0]!.colour = 'red';
    expect(() => parseCase(draft)).toThrow(/^loads\[0\]\.pMw \(load\) has 1 numbers.* \(and 1 other problem\)$/);
  });
});

describe('parseCase accepts', () => {
  it('the case itself, unchanged', () => {
    const draft = right();
    expect(parseCase(draft)).toEqual(draft);
  });

  it('cases without device lists, which are then empty', () => {
    const draft = right();
    for (const list of ['solar', 'batteries', 'shapables', 'crowdsourcees', 'incentives']) delete draft[list];
    const parsed = parseCase(draft);
    expect([parsed.solar, parsed.batteries, parsed.shapables, parsed.crowdsourcees]).toEqual([[], [], [], []]);
  });

  it('lines of zero impedance, an EV that just fits, one bus alone', () => {
    const draft = right() as Draft;
    Object.assign(draft.lines![0]!, { rOhm: 0, xOhm: 0 });
    draft.shapables![0]!.energyMwh = 2;
    expect(() => parseCase(draft)).not.toThrow();
    const alone = {
      ...right(),
      buses: [{ id: 'a', vMinPu: 0.9, vMaxPu: 1.1 }],
      lines: [],
      loads: [],
    } as unknown as Draft;
    for (const list of ['solar', 'batteries', 'shapables', 'crowdsourcees']) delete alone[list];
    expect(() => parseCase(alone)).not.toThrow();
  });

  it('gives a load to the only crowdsourcee at its bus', () => {
    const draft = right() as Draft;
    draft.loads!.push({ id: 'home', bus: 'c', pMw: [1, 1], qMvar: [0, 0] });
    expect(loadOwners(parseCase(draft))).toEqual([undefined, 'p']);
  });
});

describe('readCase refuses', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crowdwatt-hostile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const text = JSON.stringify(right());
  const FILES: [string, string | Uint8Array, RegExp, ErrorCode][] = [
    ['an empty file', '', /is not JSON: it is empty/, 'input/not-json'],
    ['blanks only', ' \n\t ', /is not JSON: it is empty/, 'input/not-json'],
    ['plain text', 'hello', /is not JSON: .*hello/, 'input/not-json'],
    ['a truncated file', text.slice(0, 200), /is not JSON: /, 'input/not-json'],
    ['a binary file', Uint8Array.from({ length: 256 }, (_, k) => 250 - k), /is not UTF-8 text/, 'input/not-json'],
    ['zero bytes', new Uint8Array(64), /holds zero bytes/, 'input/not-json'],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'), /is UTF-16 text; save it as UTF-8/, 'input/not-json'],
    [
      'a NaN literal',
      text.replace('"baseKv":12', '"baseKv":\nNaN'),
      /line 2, column 1: NaN is not a JSON number; numbers must be finite/,
      'input/not-json',
    ],
    ['a -Infinity literal', text.replace('[1,1]', '[1,-Infinity]'), /-Infinity is not a JSON number/, 'input/not-json'],
    ['1e999', text.replace('"baseKv":12', '"baseKv":1e999'), /^baseKv is Infinity; it must be/, 'input/invalid'],
    ['nesting 5,000,000 deep', '['.repeat(5e6), /is not JSON|the document is/, 'input/not-json'],
    ['a trailing comma', text.replace('"baseKv":12', '"baseKv":12,'), /is not JSON: /, 'input/not-json'],
  ];
  it.each(FILES)('%s', async (name, content, message, code) => {
    const path = join(folder, `${name.replace(/\W/g, '-')}.json`);
    writeFileSync(path, content);
    const error = await readCase(path).then(
      () => undefined,
      (thrown) => thrown as CrowdwattError,
    );
    expect(error).toBeInstanceOf(CrowdwattError);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toMatch(/[\r\n\u0000]/);
    expect(error?.code).toBe(code);
  });

  it('a file that is not there, and a folder', async () => {
    await expect(readCase(join(folder, 'none.json'))).rejects.toThrow(
      /none\.json: cannot be read: there is no such file/,
    );
    await expect(readCase(folder)).rejects.toThrow(/cannot be read: it is a folder/);
  });

  it('nothing of a file with a byte order mark', async () => {
    const path = join(folder, 'bom.json');
    writeFileSync(path, `\ufeff${text}`);
    expect(await readCase(path)).toEqual(right());
  });
});
