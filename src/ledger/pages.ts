import type { Page } from '../../chaincode/src/domain/index.js';
import type { Ledger, Member } from './types.js';

/** Entries asked for at once. */
const PAGE = 1000;

/** All pages of one of the ledger's listings, as the member may see it. */
export async function listAll<Item>(
  ledger: Pick<Ledger, 'query'>,
  member: Member,
  name: string,
  args: object = {},
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page: Page<Item> = await ledger.query(member, name, {
      ...args,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
