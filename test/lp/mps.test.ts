import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrowdwattError } from '../../src/errors.js';
import { type LpModel, parseMps, solveLp, writeMps } from '../../src/lp/index.js';

const INF = Number.POSITIVE_INFINITY;

function lines(...text: string[]): string {
  return `${text.join('\n')}\n`;
}

/** One column x with a bounds section. */
function bounded(...bounds: string[]): LpModel {
  return parseMps(
    lines(
      'NAME t',
      'ROWS',
      ' N c',
      ' L r',
      'COLUMNS',
      ' x c 1 r 1',
      ' y r 1',
      'RHS',
      ' b r 4',
      'BOUNDS',
      ...bounds,
      'ENDATA',
    ),
  );
}

describe('reading MPS', () => {
  it('reads free form with two pairs a line, comments, CRLF and tabs', () => {
    const text = lines(
      '* a comment',
      'NAME small',
      'ROWS',
      ' N cost',
      ' L lim1',
      ' G lim2',
      ' E myeqn',
      'COLUMNS',
      '\tx\tcost\t1\tlim1\t1',
      ' x lim2 1',
      '* another',
      ' y cost 2 lim1 1',
      ' y myeqn -1.5E0',
      ' z cost -.1d1 myeqn 1',
      'RHS',
      ' rhs lim1 4 lim2 1',
      ' rhs myeqn 7',
      'BOUNDS',
      ' UP bnd x 4',
      ' LO bnd y -1',
      ' UP bnd y 1',
      'ENDATA',
    );
    for (const source of [text, text.replaceAll('\n', '\r\n')]) {
      const model = parseMps(source);
      expect(model).toMatchObject({
        name: 'small',
        sense: 'minimise',
        rowCount: 3,
        columnCount: 3,
        objectiveName: 'cost',
      });
      expect([...model.cost]).toEqual([1, 2, -1]);
      expect([...model.columnStart]).toEqual([0, 2, 4, 5]);
      expect([...model.value]).toEqual([1, 1, 1, -1.5, 1]);
      expect([...model.lower]).toEqual([0, -1, 0]);
      expect([...model.upper]).toEqual([4, 1, INF]);
      expect([...model.rowLower]).toEqual([-INF, 1, 7]);
      expect([...model.rowUpper]).toEqual([4, INF, 7]);
    }
  });

  it('reads fixed form with spaces in names', () => {
    const model = parseMps(
      lines(
        'NAME          SPACED',
        'ROWS',
        ' N  MY COST',
        ' G  ROW ONE',
        'COLUMNS',
        '    COL A     MY COST           2.5    ROW ONE             3.',
        '    COL B     ROW ONE            1.',
        'RHS',
        '    RHS 1     ROW ONE            6.    MY COST           -5.',
        'BOUNDS',
        ' UP BND 1     COL B              2.',
        'ENDATA',
      ),
    );
    expect(model.columnNames).toEqual(['COL A', 'COL B']);
    expect(model.rowNames).toEqual(['ROW ONE']);
    expect([...model.cost]).toEqual([2.5, 0]);
    expect([...model.value]).toEqual([3, 1]);
    expect([...model.rowLower]).toEqual([6]);
    expect([...model.upper]).toEqual([INF, 2]);
    expect(model.constant).toBe(5);
  });

  it('takes ranges by the sign rules of each row type', () => {
    const model = parseMps(
      lines(
        'ROWS',
        ' N c',
        ' L l',
        ' G g',
        ' E ep',
        ' E em',
        ' E e0',
        'COLUMNS',
        ' x l 1 g 1',
        ' x ep 1 em 1',
        ' x e0 1',
        'RHS',
        ' r l 10 g 10',
        ' r ep 10 em 10',
        ' r e0 10',
        'RANGES',
        ' q l -3 g -3',
        ' q ep 3 em -3',
        ' q e0 0',
        'ENDATA',
      ),
    );
    expect([...model.rowLower]).toEqual([7, 10, 10, 7, 10]);
    expect([...model.rowUpper]).toEqual([10, 13, 13, 10, 10]);
  });

  it('knows every kind of bound', () => {
    const of = (...bounds: string[]) => {
      const model = bounded(...bounds);
      return [model.lower[0], model.upper[0]];
    };
    expect(of(' UP b x 3')).toEqual([0, 3]);
    expect(of(' LO b x 3')).toEqual([3, INF]);
    expect(of(' FX b x -3')).toEqual([-3, -3]);
    expect(of(' FR b x')).toEqual([-INF, INF]);
    expect(of(' FR b x 0')).toEqual([-INF, INF]);
    expect(of(' MI b x')).toEqual([-INF, INF]);
    expect(of(' MI b x', ' UP b x 4')).toEqual([-INF, 4]);
    expect(of(' UP b x 3', ' PL b x')).toEqual([0, INF]);
    expect(of(' BV b x')).toEqual([0, 1]);
    expect(of(' UI b x 7', ' LI b x 2')).toEqual([2, 7]);
    expect(of(' UP b x 1e30')).toEqual([0, INF]);
    expect(of(' LO b x -1e31')).toEqual([-INF, INF]);
    expect(of(' LO b x -inf', ' UP b x Infinity')).toEqual([-INF, INF]);
    expect(of(' UP b x 0')).toEqual([0, 0]);
    // Without a set name.
    expect(of(' UP x 3')).toEqual([0, 3]);
    expect(of(' FR x')).toEqual([-INF, INF]);
  });

  it('opens the lower bound under a negative upper one, and says so', () => {
    const model = bounded(' UP b x -3');
    expect([model.lower[0], model.upper[0]]).toEqual([-INF, -3]);
    expect(model.warnings!.join()).toMatch(/line 11: column 'x' has the upper bound -3/);
    const kept = bounded(' UP b x -3', ' LO b x -5');
    expect([kept.lower[0], kept.upper[0]]).toEqual([-5, -3]);
  });

  it('takes OBJSENSE, further free rows and an objective constant', async () => {
    const model = parseMps(
      lines(
        'NAME',
        'OBJSENSE',
        '    MAX',
        'ROWS',
        ' N profit',
        ' N other',
        ' L r',
        'COLUMNS',
        ' x profit 3 other 9',
        ' x r 1',
        'RHS',
        ' b r 4 profit -10',
        'ENDATA',
      ),
    );
    expect(model.sense).toBe('maximise');
    expect(model.rowNames).toEqual(['r']);
    expect(model.warnings!.join()).toMatch(/1 free row.*other/);
    const result = await solveLp(model);
    expect(result.objective).toBe(22);
    expect(parseMps(lines('OBJSENSE MAXIMIZE', 'ROWS', ' N c', 'COLUMNS', 'ENDATA')).sense).toBe('maximise');
  });

  it('reads markers as a relaxation and says so', () => {
    const model = parseMps(
      lines(
        'ROWS',
        ' N c',
        ' L r',
        'COLUMNS',
        " M1 'MARKER' 'INTORG'",
        ' x c 1 r 1',
        " M2 'MARKER' 'INTEND'",
        ' y c 1 r 1',
        'RHS',
        'ENDATA',
      ),
    );
    expect([...model.upper]).toEqual([1, INF]);
    expect(model.warnings!.join()).toMatch(/continuous/);
  });

  const MALFORMED: readonly (readonly [string, string, RegExp])[] = [
    ['not MPS', 'hello world\n', /line 1: .*'hello' is no section/],
    ['empty', '', /line 1: .*ends without ENDATA/],
    ['binary', 'NAME\0\x01', /binary/],
    ['no end', lines('ROWS', ' N c', 'COLUMNS', ' x c 1'), /line \d+: the file ends without ENDATA/],
    ['row type', lines('ROWS', ' N c', ' Q r', 'ENDATA'), /line 3: row type 'Q'/],
    ['row twice', lines('ROWS', ' N c', ' L r', ' G r', 'ENDATA'), /line 4: row 'r' is there twice/],
    [
      'unknown row',
      lines('ROWS', ' N c', 'COLUMNS', ' x nope 1', 'ENDATA'),
      /line 4: .*row 'nope', which is not in ROWS/,
    ],
    ['bad number', lines('ROWS', ' N c', 'COLUMNS', ' x c 1x', 'ENDATA'), /line 4: '1x' is not a number/],
    ['infinite entry', lines('ROWS', ' N c', 'COLUMNS', ' x c inf', 'ENDATA'), /line 4: .*finite/],
    ['overflow', lines('ROWS', ' N c', 'COLUMNS', ' x c 1e999', 'ENDATA'), /line 4: '1e999' is not a number/],
    ['hex', lines('ROWS', ' N c', 'COLUMNS', ' x c 0x10', 'ENDATA'), /line 4: '0x10' is not a number/],
    ['entry twice', lines('ROWS', ' N c', ' L r', 'COLUMNS', ' x r 1 r 2', 'ENDATA'), /line 5: .*'r' twice/],
    [
      'column again',
      lines('ROWS', ' N c', ' L r', 'COLUMNS', ' x c 1', ' y c 1', ' x r 1', 'ENDATA'),
      /line 7: column 'x' comes again/,
    ],
    ['half a pair', lines('ROWS', ' N c', 'COLUMNS', ' x c', 'ENDATA'), /line 4: a column entry is/],
    ['rhs row', lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'RHS', ' b q 1', 'ENDATA'), /line 6: RHS names row 'q'/],
    [
      'range row',
      lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'RANGES', ' b q 1', 'ENDATA'),
      /line 6: RANGES names row 'q'/,
    ],
    [
      'bound column',
      lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'BOUNDS', ' UP b q 1', 'ENDATA'),
      /line 6: BOUNDS names column 'q'/,
    ],
    [
      'bound type',
      lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'BOUNDS', ' ZZ b x 1', 'ENDATA'),
      /line 6: bound type 'ZZ'/,
    ],
    ['bound value', lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'BOUNDS', ' UP x', 'ENDATA'), /line 6: a bound is/],
    ['sense', lines('OBJSENSE', ' UPWARDS', 'ROWS', ' N c', 'COLUMNS', 'ENDATA'), /line 2: OBJSENSE is MIN or MAX/],
    [
      'quadratic',
      lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'QUADOBJ', ' x x 1', 'ENDATA'),
      /line 5: section QUADOBJ goes beyond/,
    ],
    [
      'semicontinuous',
      lines('ROWS', ' N c', 'COLUMNS', ' x c 1', 'BOUNDS', ' SC b x 1', 'ENDATA'),
      /line 6: bound type 'SC'/,
    ],
    ['no rows', lines('NAME x', 'ENDATA'), /line 2: there is no ROWS section/],
  ];
  for (const [what, text, words] of MALFORMED) {
    it(`refuses with line and reason: ${what}`, () => {
      let thrown: unknown;
      try {
        parseMps(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(CrowdwattError);
      expect((thrown as CrowdwattError).code).toBe('lp/malformed');
      expect((thrown as CrowdwattError).message).toMatch(words);
      expect((thrown as CrowdwattError).message).not.toMatch(/\n/);
    });
  }
});

describe('writing MPS', () => {
  const number = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  const limits = fc.oneof(
    fc.constant([0, INF]),
    fc.constant([-INF, INF]),
    number.map((v) => [v + 0, v + 0]),
    number.map((v) => [-INF, v + 0]),
    number.map((v) => [v + 0, INF]),
    fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 20 })).map(([a, w]) => [a, a + w]),
  );
  /** Every row has a limit: rows without one are N rows in MPS, which readers drop. */
  const model: fc.Arbitrary<LpModel> = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.boolean())
    .chain(([m, n, maximise]) =>
      fc
        .record({
          entries: fc.array(fc.array(fc.oneof(fc.constant(0), number), { minLength: m, maxLength: m }), {
            minLength: n,
            maxLength: n,
          }),
          cost: fc.array(number, { minLength: n, maxLength: n }),
          columns: fc.array(limits, { minLength: n, maxLength: n }),
          rows: fc.array(
            limits.filter(([a, b]) => Number.isFinite(a) || Number.isFinite(b)),
            { minLength: m, maxLength: m },
          ),
          constant: number,
          spaced: fc.boolean(),
        })
        .map(({ entries, cost, columns, rows, constant, spaced }): LpModel => {
          const columnStart = [0];
          const rowIndex: number[] = [];
          const value: number[] = [];
          for (const column of entries) {
            column.forEach((a, i) => {
              if (a === 0) return;
              rowIndex.push(i);
              value.push(a);
            });
            columnStart.push(rowIndex.length);
          }
          const name = (letter: string, k: number) =>
            spaced && value.every((v) => Number.isInteger(v)) ? `${letter} ${k}` : `${letter}${k}`;
          return {
            name: 'round',
            sense: maximise ? 'maximise' : 'minimise',
            rowCount: m,
            columnCount: n,
            columnStart: Int32Array.from(columnStart),
            rowIndex: Int32Array.from(rowIndex),
            value: Float64Array.from(value),
            cost: Float64Array.from(cost, (c) => c + 0),
            lower: Float64Array.from(columns, ([a]) => a! + 0),
            upper: Float64Array.from(columns, ([, b]) => b! + 0),
            rowLower: Float64Array.from(rows, ([a]) => a! + 0),
            rowUpper: Float64Array.from(rows, ([, b]) => b! + 0),
            constant: constant + 0,
            columnNames: Array.from({ length: n }, (_, k) => name('x', k)),
            rowNames: Array.from({ length: m }, (_, k) => name('r', k)),
            objectiveName: 'obj',
          };
        }),
    );

  it('comes back the same', () => {
    fc.assert(
      fc.property(model, (original) => {
        const spaced = original.columnNames![0]!.includes(' ');
        const back = parseMps(writeMps(original));
        expect(back.sense).toBe(original.sense);
        expect(back.columnNames).toEqual(original.columnNames);
        expect(back.rowNames).toEqual(original.rowNames);
        expect([...back.columnStart]).toEqual([...original.columnStart]);
        expect([...back.rowIndex]).toEqual([...original.rowIndex]);
        // Twelve characters of fixed form round; free form does not.
        const same = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) => {
          for (let k = 0; k < b.length; k++) {
            if (Number.isFinite(b[k]!))
              expect(Math.abs(a[k]! - b[k]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[k]!)));
            else expect(a[k]).toBe(b[k]);
          }
        };
        const tolerance = spaced ? 1e-4 : 0;
        same(back.value, original.value, tolerance);
        same(back.cost, original.cost, tolerance);
        same(back.lower, original.lower, tolerance);
        same(back.upper, original.upper, tolerance);
        same(back.rowLower, original.rowLower, tolerance);
        same(back.rowUpper, original.rowUpper, tolerance + 1e-15);
        same([back.constant!], [original.constant!], tolerance);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses names that no form of MPS can hold', () => {
    const model = { ...bounded(), columnNames: ['a name far too long', 'y'] };
    expect(() => writeMps(model)).toThrow(/up to 8 characters/);
  });
});
