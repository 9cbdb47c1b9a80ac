import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, heatMap, label, lineChart, niceTicks, rampColour } from '../../src/report/charts.js';

const paths = (svg: string) => [...svg.matchAll(/class="line" stroke="[^"]+" stroke-dasharray="[^"]*" d="(M[^"]+)"/g)];
const chart = (points: [number, number | null][], more = {}) =>
  lineChart({ title: 'T', xLabel: 'x', yLabel: 'y', series: [{ label: 's', points }], ...more });

describe('charts', () => {
  it('breaks a line where there is no value and marks a lone point', () => {
    const svg = chart([
      [0, 1],
      [1, 2],
      [2, null],
      [3, 5],
      [4, null],
    ]);
    // One path for the legend, one for the stretch of two points.
    expect(paths(svg)).toHaveLength(2);
    expect(svg).toContain('<circle');
  });

  it('leaves out what a logarithmic axis cannot show', () => {
    const svg = chart(
      [
        [1, 0],
        [2, 1e-3],
        [3, 1e-6],
      ],
      { logY: true },
    );
    expect(svg).not.toContain('NaN');
    expect(svg).toContain('>1e−5<');
  });

  it('never writes NaN or Infinity, whatever comes in', () => {
    const value = fc.oneof(fc.double(), fc.constant(null), fc.constant(Number.NaN), fc.constant(0));
    const points = fc.array(fc.tuple(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), value), { maxLength: 12 });
    fc.assert(
      fc.property(points, fc.boolean(), (list, logY) => {
        const finite = list.map(([x, y]): [number, number | null] => [x, y !== null && Math.abs(y) > 1e12 ? null : y]);
        expect(chart(finite, { logY })).not.toMatch(/NaN|Infinity/);
      }),
    );
    expect(
      heatMap({ title: '', xLabel: '', yLabel: '', rows: ['a'], columns: ['b'], values: [[Number.NaN]], unit: '' }),
    ).not.toMatch(/NaN/);
  });

  it('has ticks that are round, inside and evenly spaced', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const ticks = niceTicks(low, low + span);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(8);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6);
            expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6));
          }
        },
      ),
    );
    expect(niceTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1].map((v) => Number(v.toPrecision(12))));
  });

  it('escapes text and writes numbers as people do', () => {
    expect(escapeText(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
    expect(label(-0.1 - 0.2)).toBe('−0.3');
    expect(label(1e-5)).toBe('1e−5');
    expect(label(2_500_000)).toBe('2.5e6');
  });

  it('colours from dark to light', () => {
    const brightness = (share: number) =>
      rampColour(share)
        .match(/\d+/g)!
        .map(Number)
        .reduce((a, b) => a + b);
    const steps = [0, 0.25, 0.5, 0.75, 1].map(brightness);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(rampColour(-3)).toBe(rampColour(0));
  });
});
