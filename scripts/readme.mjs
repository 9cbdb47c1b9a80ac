// Makes the README's output and pictures anew: runs the `$` lines of its console blocks and puts what they print below
// them, and takes figures and a screenshot from the report of the day. Usage: node scripts/readme.mjs
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensure } from './ensure.mjs';
import { root } from './project.mjs';

ensure();
const file = join(root, 'README.md');
const main = join(root, 'dist', 'src', 'cli', 'main.js');
rmSync(join(root, '.crowdwatt', 'tour'), { recursive: true, force: true });

function outputOf(command) {
  const line = command
    .replace(/\bnpx crowdwatt\b/g, `"${process.execPath}" "${main}"`)
    .replace(/^npm start$/, `"${process.execPath}" scripts/start.mjs --progress=json 2>/dev/null`);
  const done = spawnSync('sh', ['-c', `{ ${line}; } 2>&1`], { cwd: root, encoding: 'utf8' });
  // Paths of the machine that wrote this are nobody's business.
  return done.stdout.replaceAll(`${root}/`, '').replaceAll(root, '.').trimEnd();
}

const text = readFileSync(file, 'utf8').replace(/```console\n([\s\S]*?)```/g, (_block, body) => {
  const commands = body.split('\n').filter((line) => line.startsWith('$ '));
  const shown = commands.map((line) => {
    console.error(line);
    return `${line}\n${outputOf(line.slice(2))}`.trimEnd();
  });
  return `\`\`\`console\n${shown.join('\n\n')}\n\`\`\``;
});
writeFileSync(file, text);

const report = join(root, '.crowdwatt', 'start', 'report');
const images = join(root, 'docs', 'images');
mkdirSync(images, { recursive: true });
for (const name of ['fig3-left.svg', 'fig3-right.svg']) copyFileSync(join(report, name), join(images, name));

const chromium = [process.env.CROWDWATT_CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path));
if (chromium) {
  const playwright = await import('playwright-core');
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  await page.goto(pathToFileURL(join(report, 'index.html')).href);
  await page.screenshot({ path: join(images, 'report.png') });
  await browser.close();
} else {
  console.error('no Chromium here: docs/images/report.png was not taken anew');
}
