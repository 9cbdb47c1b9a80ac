import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/package-root.js';

let found: { readonly path?: string } | undefined;

/** A Python with the packages that native peers need: CROWDWATT_PYTHON, else python3. */
export function findPython(): string | undefined {
  if (found === undefined) {
    const candidates = [process.env.CROWDWATT_PYTHON, 'python3'].filter((path) => path !== undefined);
    const works = (path: string) =>
      spawnSync(path, ['-c', 'import numpy, scipy'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
    found = { path: candidates.find(works) };
  }
  return found.path;
}

/** One Python process that answers JSON lines in order. */
export class PythonPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #complaints = '';

  constructor(python: string) {
    this.#child = spawn(python, [join(packageRoot(), 'bench', 'peers', 'solve.py')]);
    this.#child.stderr.on('data', (chunk) => {
      this.#complaints += chunk;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      const next = this.#waiting.shift();
      if (reply.error !== undefined) next?.reject(new Error(reply.error));
      else next?.resolve(reply);
    });
    this.#child.on('close', (code) => {
      const error = new Error(`the native peer ended with ${code}: ${this.#complaints.trim().split('\n').at(-1)}`);
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    });
  }

  ask(request: object): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }
}

export interface Reply {
  readonly error?: string;
  readonly version?: string;
  readonly seconds?: number;
  readonly iterations?: number;
  readonly status?: string;
  readonly objective?: number;
  readonly v?: readonly number[];
  readonly price?: readonly number[];
}
