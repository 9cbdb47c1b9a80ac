// The last line of .ci/run, from the runners' own JSON: `N passed, N failed[, N skipped]`.
// Usage: node scripts/tally.mjs TESTS.json CHECKS.json. A test file that could not even be loaded counts as one failure.
import { existsSync, readFileSync } from 'node:fs';

const [testsFile, checksFile] = process.argv.slice(2);
const read = (file) => (file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
const tests = read(testsFile);
const checks = read(checksFile);

let failed = 0;
let passed = 0;
let skipped = 0;
if (tests === undefined) {
  console.log(`The test runner left no result in ${testsFile}.`);
  failed += 1;
} else {
  passed = tests.numPassedTests;
  failed += tests.numFailedTests;
  skipped = tests.numPendingTests + (tests.numTodoTests ?? 0);
  const broken = tests.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  for (const file of broken) console.log(`Not run to its end: ${file.name}: ${String(file.message).split('\n')[0]}`);
  failed += broken.length;
  if (!tests.success && failed === 0) failed = 1;
}
if (checks === undefined) {
  console.log(`The checks left no result in ${checksFile}.`);
  failed += 1;
} else {
  for (const name of checks.failed) console.log(`Check failed: ${name}`);
  failed += checks.failed.length;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
