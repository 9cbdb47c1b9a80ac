import { common } from '@hyperledger/fabric-protos';
import type { BlockView, Creator, OpenLedgerOptions, Signer } from '../types.js';
import { blockView, chainHead, headerHash } from './blocks.js';
import type { FabricClient } from './client.js';
import { classify, FabricFault, outcomeError } from './faults.js';
import { deadlinesOf, type FabricProfile } from './profile.js';

/** Hashes of blocks kept: those that commits of the last minute refer to. */
const KEPT = 512;

/** Reads the chain by `qscc`, the peers' own chaincode for it. */
export class BlockReader {
  private readonly hashes = new Map<number, Promise<string>>();
  private told = -1;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly profile: FabricProfile,
    private readonly client: FabricClient,
    private readonly service: Creator & { readonly signer: Signer },
    private readonly onBlock?: OpenLedgerOptions['onBlock'],
  ) {}

  async head(): Promise<{ height: number; hash: string }> {
    return chainHead(await this.ask('GetChainInfo', []));
  }

  /**
   * Header hash of a block with a commit in it; asked for once, however many commits it holds, of the peer
   * of the organisation that told of the commit.
   */
  hashOf(block: number, near: string): Promise<string> {
    let hash = this.hashes.get(block);
    if (!hash) {
      hash = this.block(block, near).then((bytes) => headerHash(common.Block.deserializeBinary(bytes).getHeader()!));
      hash.catch(() => this.hashes.delete(block));
      this.hashes.set(block, hash);
      if (this.hashes.size > KEPT) this.hashes.delete(this.hashes.keys().next().value!);
      if (this.onBlock) this.tell(block);
    }
    return hash;
  }

  async *range(from: number, to?: number): AsyncIterable<BlockView> {
    const end = Math.min(to ?? Number.POSITIVE_INFINITY, (await this.head()).height);
    for (let number = from; number < end; number++) {
      const bytes = await this.block(number).catch((error: FabricFault) => {
        throw outcomeError(new FabricFault('timeout', 'evaluate', error.message));
      });
      yield blockView(bytes, this.profile.chaincode);
    }
  }

  /**
   * The block exists: a peer that does not have it yet is a little behind. Where none answers in the time
   * of a commit, that is no failed transaction but an outcome that could not be told in full.
   */
  private async block(number: number, near?: string): Promise<Uint8Array> {
    const until = Date.now() + deadlinesOf(this.profile).commit;
    for (;;) {
      try {
        return await this.ask('GetBlockByNumber', [String(number)], near);
      } catch (error) {
        const why = (error as Error).message;
        if (Date.now() > until) throw new FabricFault('timeout', 'commit', `block ${number} was not to be had: ${why}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  private async ask(name: string, args: readonly string[], near?: string): Promise<Uint8Array> {
    try {
      const question = this.client.ask(this.service, 'qscc', name, [this.profile.channel, ...args], near);
      return await question.evaluate(await this.service.signer.sign(question.bytes));
    } catch (error) {
      throw outcomeError(classify('evaluate', error));
    }
  }

  /** Tells of every block up to this one, in order, each once. */
  private tell(block: number): void {
    this.telling = this.telling.then(async () => {
      if (this.told < 0) this.told = block - 1;
      while (this.told < block) {
        const view = blockView(await this.block(this.told + 1), this.profile.chaincode);
        this.told++;
        const transactions = view.transactions.filter((each) => each.valid).map((each) => each.txId);
        this.onBlock?.({ block: view.number, hash: view.hash, transactions });
      }
    });
    // A peer that is lost meanwhile: the next commit tells what was left out.
    this.telling = this.telling.catch(() => undefined);
  }
}
