import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { appendFile, chmod, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { SignedHead } from '../engine/head.js';
import { keySigner, verifySignature } from '../identity/signature.js';

/** A head with the word of somebody who is not the ledger: "I saw this one, and it extends all that I saw before". */
export interface WitnessedHead {
  readonly format: 'crowdwatt-witness/1';
  readonly head: SignedHead;
  /** Public key of the witness, SPKI DER, base64. */
  readonly witness: string;
  readonly signature: string;
}

const KEY_FILE = 'witness.key';
const HEADS_FILE = 'heads.jsonl';

function witnessBytes(head: SignedHead): Buffer {
  return Buffer.from(canonicalJson({ witnessed: { ...head } }), 'utf8');
}

/** @throws CrowdwattError `ledger/audit` where the countersignature does not verify */
export async function checkWitnessed({ head, witness, signature }: WitnessedHead): Promise<void> {
  const publicKey = createPublicKey({ key: Buffer.from(witness, 'base64'), format: 'der', type: 'spki' });
  if (!(await verifySignature(publicKey, witnessBytes(head), Buffer.from(signature, 'base64')))) {
    throw new CrowdwattError('ledger/audit', `the countersignature over height ${head.height} does not verify`);
  }
}

/** A witness: its own key and its own memory, in a folder of its own. */
export class Witness {
  private constructor(
    private readonly folder: string,
    private readonly privateKey: KeyObject,
    readonly heads: WitnessedHead[],
  ) {}

  static async open(folder: string): Promise<Witness> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const path = join(folder, KEY_FILE);
    let pem = await readFile(path, 'utf8').catch(() => undefined);
    if (pem === undefined) {
      pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
      await writeFile(path, pem, { mode: 0o600, flag: 'wx' });
    }
    const lines = (await readFile(join(folder, HEADS_FILE), 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '');
    return new Witness(
      folder,
      createPrivateKey(pem),
      lines.map((line) => JSON.parse(line) as WitnessedHead),
    );
  }

  get publicKey(): string {
    return createPublicKey(this.privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  }

  /** Countersigns a head that verification has shown to extend every earlier one of this witness. */
  async countersign(head: SignedHead): Promise<WitnessedHead> {
    const before = this.heads.find((known) => known.head.ledgerId === head.ledgerId && known.head.hash === head.hash);
    if (before) return before;
    const signature = Buffer.from(await keySigner(this.privateKey).sign(witnessBytes(head))).toString('base64');
    const witnessed: WitnessedHead = { format: 'crowdwatt-witness/1', head, witness: this.publicKey, signature };
    const path = join(this.folder, HEADS_FILE);
    await appendFile(path, `${JSON.stringify(witnessed)}\n`, { mode: 0o600 });
    const file = await open(path, 'r+');
    await file.sync();
    await file.close();
    this.heads.push(witnessed);
    return witnessed;
  }
}
