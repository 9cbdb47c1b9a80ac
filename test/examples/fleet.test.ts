import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the fleet script solves what can be solved and names what cannot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-fleet-'));
  try {
    copyFileSync('examples/cases/sce56-single.json', join(folder, 'good.json'));
    writeFileSync(join(folder, 'broken.json'), '{"format":');
    const done = spawnSync(process.execPath, ['examples/fleet/run.mjs', folder], { encoding: 'utf8' });
    const lines = done.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines[0]?.slice(0, 2)).toEqual(['broken.json', 'input/not-json']);
    expect(lines[1]?.slice(0, 3)).toEqual(['good.json', 'optimal', 'exact']);
    expect(Number.parseFloat(lines[1]![3]!)).toBeCloseTo(-54.09, 1);
    expect(done.status).toBe(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
