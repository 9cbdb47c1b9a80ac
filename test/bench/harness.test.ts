import { describe, expect, it, vi } from 'vitest';
import { toMarkdown } from '../../bench/lib/markdown.js';
import { Recorder } from '../../bench/lib/recorder.js';
import type { Section } from '../../bench/lib/section.js';
import { median, quantile, seconds } from '../../bench/lib/statistics.js';

const empty = (): Section => ({
  name: 'sample',
  title: 'A sample',
  measured: '2026-01-02T03:04:05.000Z',
  machine: 'some machine',
  commit: '0.0.0',
  blocks: [],
});
vi.spyOn(console, 'error').mockImplementation(() => {});

describe('the bench harness', () => {
  it('runs contestants in turn and quotes the ratio of the same round', async () => {
    const turns: string[] = [];
    const recorder = new Recorder(empty(), 'full');
    const contestant = (name: string, side: 'ours' | 'peer', times: number[]) => {
      let round = 0;
      return {
        name,
        side,
        run: () => {
          turns.push(name);
          return { seconds: times[round++]!, error: round * 1e-6, iterations: 12 };
        },
      };
    };
    await recorder.compare({
      title: 'Two solvers',
      repeats: 3,
      warmup: 1,
      contestants: [
        contestant('fast', 'ours', [9, 1, 2, 4]),
        contestant('slow', 'peer', [9, 4, 8, 8]),
        { name: 'absent', side: 'peer', unavailable: 'not installed here', run: () => ({}) },
      ],
    });
    expect(turns).toEqual(['fast', 'slow', 'fast', 'slow', 'fast', 'slow', 'fast', 'slow']);
    const text = toMarkdown([recorder.section]);
    expect(text).toContain('| slow | 4 s | 8 s | 12 | 0.000004 | 4× (3–4) |'.replace('0.000004', '4.0e-6'));
    expect(text).toContain('**Not measured:** Two solvers: absent: not installed here');
  });

  it('times a kernel relative to a calibrating loop', async () => {
    const recorder = new Recorder(empty(), 'gate');
    let sum = 0;
    const run = () => {
      for (let k = 0; k < 1000; k++) sum += Math.sqrt(k);
    };
    await recorder.kernel({ name: 'roots', run, operations: 1000 });
    const [block] = recorder.section.blocks;
    if (block?.kind !== 'kernel') throw new Error('no kernel block');
    expect(sum).toBeGreaterThan(0);
    expect(block.results[0]?.nanoseconds).toBeGreaterThan(0);
    expect(block.results[0]?.toCalibration).toBeGreaterThan(0);
  });

  it('draws a plot into a file of its own', () => {
    const recorder = new Recorder(empty(), 'full');
    const series = [
      {
        label: 'ours <1>',
        points: [
          [1, 2],
          [10, 20],
          [100, 200],
        ] as [number, number][],
      },
    ];
    recorder.plot('growth', { title: 'Growth', xLabel: 'buses', yLabel: 'seconds', logX: true, logY: true, series });
    const svg = recorder.plots.get('bench-growth.svg');
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
    expect(svg).toContain('ours &lt;1&gt;');
    expect(toMarkdown([recorder.section])).toContain('![Growth](bench-growth.svg)');
  });

  it('keeps its statistics right', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(seconds(2.5e-7)).toBe('250 ns');
    expect(seconds(0.0321)).toBe('32.1 ms');
  });
});
