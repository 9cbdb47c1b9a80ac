import { basename, resolve } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import type { Receipt } from '../../ledger/types.js';
import type { CliContext } from '../context.js';
import { readJson, readLines } from './files.js';

export async function verify(
  context: CliContext,
  dir: string,
  flags: { receipt?: string[]; since?: string[]; witness?: string[]; out?: string },
): Promise<void> {
  const { verifyLedger } = await import('../../ledger/embedded/verify.js');
  const receipts = await Promise.all((flags.receipt ?? []).map((path) => readJson<Receipt>(path)));
  const since = await Promise.all((flags.since ?? []).map((path) => readJson<never>(path)));
  const witnessed = (await Promise.all((flags.witness ?? []).map(readLines))).flat() as never[];
  const report = await verifyLedger(resolve(dir), { ...context.hooks(), receipts, since, witnessed });
  await context.writeOutput(flags.out, report);
  context.print(`height ${report.height}, ${report.transactions} transactions, every signature and effect checked`);
  if (report.hash !== null) context.print(`last block ${report.hash}`);
  if (report.stateHash !== null) context.print(`world state ${report.stateHash}; stored state: ${report.state}`);
  if (report.receipts > 0) context.print(`${report.receipts} receipts kept`);
  if (report.heads > 0) context.print(`${report.heads} earlier heads extended`);
  if (report.witnesses > 0) context.print(`heads of ${report.witnesses} witnesses extended`);
  if (report.erasedPayloads > 0) context.print(`${report.erasedPayloads} private payloads are erased`);
  for (const name of report.severalCertificates) context.print(`more than one certificate has signed as ${name}`);
  if (report.tornBytes > 0)
    context.warn(`${report.tornBytes} bytes of a last block that was not written whole: the next writer cuts them off`);
}

export async function witness(context: CliContext, dir: string, flags: { keys: string; out?: string }): Promise<void> {
  const { Witness } = await import('../../ledger/embedded/witness.js');
  const { verifyLedger } = await import('../../ledger/embedded/verify.js');
  const { readLedger } = await import('../../ledger/embedded/reader.js');
  const self = await Witness.open(resolve(flags.keys));
  const { head: signed } = await readLedger(resolve(dir));
  if (!signed) throw new CrowdwattError('ledger/missing', `${basename(dir)} has no signed head yet`, { path: dir });
  // Everything this witness ever countersigned of this ledger must still be in it.
  const witnessed = self.heads.filter(({ head: before }) => before.ledgerId === signed.ledgerId);
  await verifyLedger(resolve(dir), { ...context.hooks(), witnessed, since: [signed] });
  const countersigned = await self.countersign(signed);
  await context.writeOutput(flags.out, countersigned);
  context.print(`height ${signed.height} countersigned; ${witnessed.length} earlier heads are extended by it`);
}

export async function head(context: CliContext, dir: string, flags: { out?: string }): Promise<void> {
  const { openPayload, readLedger, scanBlocks } = await import('../../ledger/embedded/reader.js');
  const files = await readLedger(resolve(dir));
  let last: { payload: Buffer; number: number } | undefined;
  const { height } = await scanBlocks(files, (payload, number) => {
    last = { payload, number };
  });
  if (files.head && files.head.height > height) {
    throw new CrowdwattError(
      'ledger/rolled-back',
      `the ledger has ${height} blocks, but head.json knows ${files.head.height}`,
      { block: height },
    );
  }
  const top = last && openPayload(last.payload, last.number);
  const current = { ledgerId: top?.header.ledgerId ?? null, height, hash: top?.hash ?? null };
  // head.json is signed at checkpoints and on close: it may be a few blocks behind a writer.
  const answer =
    files.head?.height === height
      ? { ...current, signature: files.head.signature }
      : { ...current, signed: files.head ?? null };
  if (flags.out !== undefined && !('signature' in answer))
    context.warn('the newest head is not signed yet: the last signed one is written');
  await context.writeOutput(flags.out, 'signature' in answer ? answer : (files.head ?? answer));
  if (flags.out !== '-') context.result(JSON.stringify(answer));
}
