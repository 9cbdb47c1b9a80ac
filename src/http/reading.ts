import type { Page } from '../../chaincode/src/domain/index.js';
import type { Ledger, Member } from '../ledger/types.js';

/** The service's own view of the ledger, with the operator's eyes; routes narrow it to what their caller may see. */
export class Reading {
  readonly #operator: Promise<Member>;

  constructor(readonly ledger: Ledger) {
    this.#operator = ledger.member('operator', 'operator');
    this.#operator.catch(() => undefined);
  }

  operator(): Promise<Member> {
    return this.#operator;
  }

  async query<Result>(name: string, args: unknown = {}): Promise<Result> {
    return this.ledger.query<Result>(await this.#operator, name, args);
  }

  page<Item>(name: string, args: object): Promise<Page<Item>> {
    return this.query<Page<Item>>(name, args);
  }

  /** All pages of a listing. */
  async list<Item>(name: string, args: object = {}): Promise<Item[]> {
    const items: Item[] = [];
    let after: string | undefined;
    do {
      const page: Page<Item> = await this.page<Item>(name, {
        ...args,
        limit: 1000,
        ...(after === undefined ? {} : { after }),
      });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return items;
  }
}
