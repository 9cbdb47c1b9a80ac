import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** `crowdwatt serve` as a user starts it, on a free port of loopback. */
export class ServedTown {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
    readonly operatorSecret: string,
  ) {}

  static async start(caseFile: string): Promise<ServedTown> {
    const main = resolve('dist/src/cli/main.js');
    for (const needed of [main, resolve('dist/web/index.html')]) {
      if (!existsSync(needed)) throw new Error(`${needed} is not built: npm run build`);
    }
    const args = [main, 'serve', '--port', '0', '--case', caseFile];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const told = new Promise<{ address: string; secret: string }>((done, failed) => {
      const look = (chunk: Buffer) => {
        text += chunk.toString();
        const address = /listens on (http:\S+)/.exec(text)?.[1];
        const secret = /one-time secret of operator: (\S+)/.exec(text)?.[1];
        if (address && secret) done({ address, secret });
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', (code) => failed(new Error(`serve ended with ${code}: ${text}`)));
    });
    const { address, secret } = await told;
    return new ServedTown(child, address, secret);
  }

  /** Orderly, as by Ctrl-C; gives the exit status. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    this.child.kill('SIGINT');
    const [code] = await once(this.child, 'exit');
    return code as number | null;
  }
}
