// Runs the test suite and ends with one line that a machine can read: "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const report = join(mkdtempSync(join(tmpdir(), 'gitprotect-tests-')), 'report.json');
const run = spawnSync('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
  shell: process.platform === 'win32',
});

let [passed, failed] = [0, 0];
try {
  const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot even be loaded has no tests to fail, and an error outside any test has no test either.
  [passed, failed] = [
    numPassedTests,
    numFailedTests > 0 ? numFailedTests : success && run.status === 0 ? 0 : Math.max(1, numFailedTestSuites),
  ];
} catch {
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && run.status === 0 ? 0 : 1;
