import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs').map((name) => `docs/${name}`),
];
const readme = readFileSync('README.md', 'utf8');

describe('the documents', () => {
  it.each(documents.filter((name) => name.endsWith('.md')))('%s links only to what is there', (name) => {
    const text = readFileSync(name, 'utf8').replace(/```[\s\S]*?```/g, '');
    const missing: string[] = [];
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|#)/.test(target)) continue;
      if (!existsSync(normalize(join(dirname(name), target.replace(/#.*$/, ''))))) missing.push(target);
    }
    expect(missing).toEqual([]);
  });

  it('the library’s ten lines run as they stand', () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
    expect(
      code
        .trim()
        .split('\n')
        .filter((line) => line !== '').length,
    ).toBeLessThanOrEqual(10);
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(done.stderr).toBe('');
    expect(done.stdout).toMatch(/^optimal exact 775\.0\d+/m);
    expect(done.stdout).toMatch(/^\d+ offers accepted$/m);
    expect(done.stdout).toMatch(/^-?\d+ micro-dollars$/m);
  });

  it('every verb that the tour uses is one', () => {
    const help = spawnSync(process.execPath, ['dist/src/cli/main.js', '--help'], { encoding: 'utf8' }).stdout;
    for (const [, verb] of readme.matchAll(/npx crowdwatt ([a-z]+)/g)) {
      expect(help).toMatch(new RegExp(`^  ${verb} `, 'm'));
      expect(help).not.toMatch(new RegExp(`^  ${verb} [^\\n]*\\(not built yet\\)`, 'm'));
    }
  });
});
