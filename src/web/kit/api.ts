/** What the service refused, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

type Method = 'GET' | 'POST' | 'DELETE';
const MOST_TRIES = 3;

/** One call; the session is a cookie that scripts cannot read. */
export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method === 'POST') headers['content-type'] = 'application/json';
  // Sent again after a lost answer, a POST is answered as the first time and done once.
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  const init = { method, headers, signal, ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}) };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(path, init).catch((thrown) => {
      if (signal?.aborted) throw thrown;
      if (attempt >= MOST_TRIES) throw new Error('The service cannot be reached.');
    });
    if (answer && !(answer.status === 503 && attempt < MOST_TRIES)) return read<Answer>(answer);
    const seconds = Number(answer?.headers.get('retry-after') ?? 1);
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
  }
}

async function read<Answer>(answer: Response): Promise<Answer> {
  if (answer.status === 204) return undefined as Answer;
  const json = answer.headers.get('content-type')?.includes('json') ? await answer.json() : {};
  if (answer.ok) return json as Answer;
  throw new ApiError(answer.status, json.code ?? 'internal', json.message ?? `answer ${answer.status}`, json.details);
}

export const get = <Answer>(path: string, signal?: AbortSignal): Promise<Answer> =>
  call<Answer>('GET', path, undefined, signal);
export const post = <Answer>(path: string, body?: unknown): Promise<Answer> => call<Answer>('POST', path, body);

/** Like `get`, but what is not there (yet) is undefined: 404 and 409. */
export async function maybe<Answer>(path: string, signal?: AbortSignal): Promise<Answer | undefined> {
  try {
    return await get<Answer>(path, signal);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}

/** All pages of a listing. */
export async function list<Item>(path: string, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let after = '';
  do {
    const mark = `${path.includes('?') ? '&' : '?'}limit=1000`;
    const page = await get<{ items: Item[]; next?: string }>(`${path}${mark}${after}`, signal);
    items.push(...page.items);
    after = page.next ? `&after=${encodeURIComponent(page.next)}` : '';
  } while (after);
  return items;
}
