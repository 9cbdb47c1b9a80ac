import { beforeAll, describe, expect, it } from 'vitest';
import { CrowdwattError } from '../../src/errors.js';
import { openEmbedded } from '../../src/ledger/embedded/open.js';
import type { LocalLedger } from '../../src/ledger/engine/local.js';
import { MemoryState } from '../../src/ledger/engine/memory-state.js';
import { MemoryKeyring } from '../../src/ledger/identity/keyring.js';
import type { PreparedTransaction } from '../../src/ledger/types.js';
import { SimulatedDisk } from './simulated-disk.js';

/** A small, fast, seeded generator (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** 10,000 take about a minute on a quiet machine; CROWDWATT_CRASH_SCHEDULES asks for more or fewer. */
const SCHEDULES = Number(process.env.CROWDWATT_CRASH_SCHEDULES ?? 2500);
const FOLDER = '/ledger';
const keyring = new MemoryKeyring();

function open(disk: SimulatedDisk, state = new MemoryState(), warnings: string[] = []): Promise<LocalLedger> {
  return openEmbedded(
    { disk, folder: FOLDER, keyring, state, segmentBytes: 6_000 },
    { onWarning: (text) => warnings.push(text) },
  );
}

let template: SimulatedDisk;
/** Signed once: a schedule is about the disk, not about signing. */
let pool: { prepared: PreparedTransaction; signature: Uint8Array }[];

beforeAll(async () => {
  template = new SimulatedDisk(seeded(1));
  const ledger = await open(template);
  const operator = await ledger.member('operator', 'operator');
  pool = [];
  for (let index = 0; index < 10; index++) {
    const call = {
      name: 'RegisterParticipant',
      args: {
        participants: [
          { id: `p${index}`, bus: 'x'.repeat(1 + (index % 5) * 20), type: 2, role: 'crowdsourcee', devices: [] },
        ],
      },
      operationId: `op-${index}`,
    };
    const prepared = await ledger.prepare(operator, call);
    pool.push({ prepared, signature: await operator.signer.sign(prepared.bytes) });
  }
  await ledger.close();
});

async function transactionsOf(ledger: LocalLedger): Promise<string[]> {
  const txIds: string[] = [];
  let previous: string | undefined;
  for await (const block of ledger.blocks()) {
    if (previous !== undefined) expect(block.previousHash).toBe(previous);
    previous = block.hash;
    txIds.push(...block.transactions.map(({ txId }) => txId));
  }
  return txIds;
}

describe('the embedded store on a disk that loses, tears and fails', () => {
  it(`loses nothing acknowledged and shows no half block in ${SCHEDULES} random schedules`, {
    timeout: 300_000,
  }, async () => {
    const outcomes = { crashed: 0, noSpace: 0, syncError: 0, torn: 0, lost: 0, survivedUnacknowledged: 0 };
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const random = seeded(seed * 7919);
      let disk = template.clone(random);
      let state = new MemoryState();
      const acknowledged = new Set<string>();
      let next = 0;
      for (let life = 0; life < 1 + Math.floor(random() * 2); life++) {
        const kind = random();
        if (kind < 0.6) disk.faults = { crashAt: 1 + Math.floor(random() * 70) };
        else if (kind < 0.8) disk.faults = { noSpaceAtWrite: 1 + Math.floor(random() * 8) };
        else disk.faults = { syncErrorAt: 1 + Math.floor(random() * 10) };
        const ledger = await open(disk, state).catch((error: unknown) => {
          // Only the machine or the disk may keep a ledger from opening, never what it finds.
          if (error instanceof CrowdwattError && error.code.startsWith('ledger/'))
            throw new Error(`seed ${seed}: ${error.code} ${error.message}`);
          return undefined;
        });
        if (ledger) {
          const errors: unknown[] = [];
          const batch = 1 + Math.floor(random() * 4);
          while (next < pool.length && errors.length === 0) {
            const some = pool.slice(next, next + batch);
            next += some.length;
            await Promise.all(
              some.map(({ prepared, signature }) =>
                ledger.submit(prepared, signature).then(
                  () => acknowledged.add(prepared.txId),
                  (error) => errors.push(error),
                ),
              ),
            );
          }
          for (const error of errors)
            expect(['ledger/stopped', 'ledger/unknown-outcome']).toContain((error as CrowdwattError).code);
          if (errors.length > 0) {
            // After a storage error nothing more is taken.
            const { prepared, signature } = pool[0]!;
            await expect(ledger.submit(prepared, signature)).rejects.toMatchObject({ code: 'ledger/stopped' });
          }
          await ledger.close().catch(() => {});
        }
        if (disk.down) outcomes.crashed++;
        else if (disk.faults.noSpaceAtWrite) outcomes.noSpace++;
        else outcomes.syncError++;
        // The state is derived: gone, or as far as it was.
        if (random() < 0.5) state = new MemoryState();
        disk = disk.afterCrash();
      }
      const warnings: string[] = [];
      disk.faults = {};
      const after = await open(disk, state, warnings).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`);
      });
      if (warnings.some((text) => text.includes('not written whole'))) outcomes.torn++;
      const present = await transactionsOf(after);
      expect(new Set(present).size).toBe(present.length);
      for (const txId of acknowledged)
        if (!present.includes(txId)) throw new Error(`seed ${seed}: acknowledged ${txId} is gone`);
      outcomes.survivedUnacknowledged += present.length - acknowledged.size;
      outcomes.lost += next - present.length;
      // And it goes on: whatever was not acknowledged is submitted again, and is there once.
      const retry = pool[Math.floor(random() * pool.length)]!;
      const commit = await after.submit(retry.prepared, retry.signature);
      expect(commit.repeated ?? false).toBe(present.includes(retry.prepared.txId));
      await after.close();
    }
    // The schedules did meet what they are for.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(SCHEDULES / 200);
    console.log(`crash schedules: ${JSON.stringify(outcomes)}`);
  });

  it('creates a ledger whole or not at all', async () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const disk = new SimulatedDisk(random);
      disk.faults = { crashAt: 1 + Math.floor(random() * 30) };
      const ledger = await open(disk).catch(() => undefined);
      await ledger?.close().catch(() => {});
      const after = await open(disk.afterCrash());
      expect((await after.head()).height).toBe(1);
      await after.close();
    }
  });
});

describe('damage, truncation and rollback', () => {
  let disk: SimulatedDisk;
  let heights: number;

  beforeAll(async () => {
    disk = template.clone(seeded(5));
    const ledger = await open(disk);
    for (const { prepared, signature } of pool.slice(0, 8)) await ledger.submit(prepared, signature);
    heights = (await ledger.head()).height;
    await ledger.close();
  });

  const segments = () => disk.paths().filter((path) => path.endsWith('.seg'));

  it('finds every flipped byte of blocks/ and head.json', { timeout: 120_000 }, async () => {
    expect(segments().length).toBeGreaterThan(1);
    let flips = 0;
    for (const path of [...segments(), `${FOLDER}/head.json`]) {
      const original = Buffer.from(disk.contents(path));
      for (let at = 0; at < original.length; at++) {
        const flipped = Buffer.from(original);
        flipped[at] = flipped[at]! ^ (1 << (at % 8));
        const damagedDisk = disk.clone(seeded(1));
        damagedDisk.replace(path, flipped);
        const outcome = await open(damagedDisk).catch((error: CrowdwattError) => error.code);
        if (typeof outcome !== 'string') throw new Error(`${path}, byte ${at}: the flip went unseen`);
        expect(['ledger/damaged', 'ledger/rolled-back']).toContain(outcome);
        flips++;
      }
    }
    console.log(`flipped bytes found: ${flips} of ${flips}`);
  });

  it('calls a cut by any number of bytes or blocks torn or rolled back, never nothing', {
    timeout: 120_000,
  }, async () => {
    const last = segments().at(-1)!;
    const original = Buffer.from(disk.contents(last));
    for (let length = 0; length < original.length; length++) {
      const cut = disk.clone(seeded(1));
      cut.replace(last, original.subarray(0, length));
      await expect(open(cut)).rejects.toMatchObject({ code: 'ledger/rolled-back' });
    }
    // The last segments taken away whole.
    const fewer = disk.clone(seeded(1));
    await fewer.remove(last);
    await expect(open(fewer)).rejects.toMatchObject({ code: 'ledger/rolled-back' });
    // A segment from the middle.
    const holed = disk.clone(seeded(1));
    await holed.remove(segments()[0]!);
    await expect(open(holed)).rejects.toMatchObject({ code: 'ledger/damaged' });
    // head.json taken away too.
    const headless = disk.clone(seeded(1));
    await headless.remove(`${FOLDER}/head.json`);
    await expect(open(headless)).rejects.toMatchObject({ code: 'ledger/damaged' });
  });

  it('knows from the state that blocks are missing', async () => {
    const state = new MemoryState();
    const copy = disk.clone(seeded(1));
    await (await open(copy, state)).close();
    expect(state.height).toBe(heights);
    const old = template.clone(seeded(1));
    await expect(open(old, state)).rejects.toMatchObject({ code: 'ledger/rolled-back' });
  });
});
