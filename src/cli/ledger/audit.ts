import { resolve } from 'node:path';
import type { DayAudit } from '../../audit/types.js';
import { CrowdwattError } from '../../errors.js';
import type { CliContext } from '../context.js';
import { explore } from './files.js';

export async function audit(
  context: CliContext,
  dir: string,
  flags: { day?: string; keys?: string; out?: string },
): Promise<void> {
  const { keysFolder } = await import('../../ledger/embedded/index.js');
  const { isFolder } = await import('../../ledger/embedded/reader.js');
  const { ObjectFiles } = await import('../../ledger/embedded/object-files.js');
  const { NodeDisk } = await import('../../ledger/storage/node-disk.js');
  const { objectIn } = await import('../../ledger/engine/local.js');
  const { auditLedger } = await import('../../audit/index.js');
  const folder = resolve(dir);
  const keys = keysFolder(folder, flags.keys);
  // Without the keys the private documents stay closed, and the audit says what that leaves open.
  const explorer = await explore(dir, (await isFolder(keys)) ? keys : undefined);
  try {
    const objects = new ObjectFiles(new NodeDisk(), `${folder}/objects`);
    const source = {
      query: <Result>(name: string, args: object) => explorer.query<Result>(name, args),
      object: (hash: string) => objectIn(objects, hash),
    };
    const report = await auditLedger(source, { ...context.hooks(), day: flags.day });
    await context.writeOutput(flags.out, report);
    for (const day of report.days) context.print(describeAudit(day));
    for (const { day, what, why } of report.unchecked) context.warn(`${day}: not checked: ${what} (${why})`);
    for (const { day, code, who, period, message } of report.faults) {
      const where = [
        day,
        ...(period === undefined ? [] : [`period ${period}`]),
        ...(who === undefined ? [] : [who]),
      ].join(', ');
      context.result(`FAULT ${code} (${where}): ${message}`);
    }
    if (report.faults.length > 0) {
      throw new CrowdwattError('ledger/audit', `the audit found ${report.faults.length} faults of the operator`, {
        faults: report.faults,
      });
    }
  } finally {
    await explorer.close();
  }
}

function describeAudit(day: DayAudit): string {
  const counts = `${day.preferences} preferences, ${day.contracts} contracts, ${day.offers} offers, ${day.supplements} supplements, ${day.statements} statements`;
  const cost =
    day.gap === undefined
      ? ''
      : `; cost ${day.objective!.toFixed(4)} $, at most ${(100 * Math.max(0, day.gap)).toFixed(4)} % over the optimum`;
  return `${day.day}: ${counts}${cost}`;
}
