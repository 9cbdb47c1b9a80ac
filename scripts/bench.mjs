// `npm run bench [-- NAME…]`: builds, runs the benchmarks and writes docs/benchmarks.{md,json} and docs/bench-*.svg.
// --baseline measures the kernels anew for bench/baseline.json; --gate compares them with it; --buses N sets the size of
// generated feeders; --no-write only prints.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensure } from './ensure.mjs';
import { root } from './project.mjs';

ensure();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    baseline: { type: 'boolean' },
    gate: { type: 'boolean' },
    buses: { type: 'string' },
    'no-write': { type: 'boolean' },
  },
});
const mode = values.gate ? 'gate' : values.baseline ? 'baseline' : 'full';
const { runBenches } = await import(new URL('../dist/bench/main.js', import.meta.url).href);
const { failed } = await runBenches({
  names: positionals,
  mode,
  buses: values.buses === undefined ? undefined : Number(values.buses),
  out: mode === 'full' && !values['no-write'] ? join(root, 'docs') : undefined,
});
for (const line of failed) console.error(`bench: ${line}`);
process.exitCode = failed.length === 0 ? 0 : 1;
