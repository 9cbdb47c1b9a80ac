import type { FastifyInstance } from 'fastify';
import type { BlockView } from '../../ledger/types.js';
import { ALL_ROLES } from '../auth/guard.js';
import { blockNews } from '../block-views.js';
import type { ServiceEvent } from '../hub.js';
import { route } from '../route.js';
import type { Service } from '../service.js';
import { EventStream } from '../sse.js';

/** Blocks that are told again to a listener that comes back. */
const MOST_CAUGHT_UP = 1000;

/** One stream of everything that the caller may hear of. */
export function eventRoutes(app: FastifyInstance, { hub, ledger, sessions }: Service): void {
  route(
    app,
    {
      method: 'GET',
      url: '/api/events',
      tag: 'events',
      summary: 'What happens, as server-sent events',
      roles: ALL_ROLES,
    },
    async ({ caller, request, reply }) => {
      const stream = new EventStream(request, reply);
      const overview = caller.role === 'operator' || caller.role === 'auditor';
      // Blocks that come while older ones are told wait, so that none is told twice or out of order.
      let told = -1;
      let waiting: BlockView[] | undefined = [];
      const tell = (block: BlockView) => {
        if (block.number <= told) return;
        told = block.number;
        stream.send('block', blockNews(caller, block), String(block.number));
      };
      const pass = ({ event, data, dataFor }: ServiceEvent) => {
        const own = dataFor ? dataFor(caller) : data;
        if (own !== undefined) stream.send(event, own);
      };
      const off = [
        hub.on('blocks', ({ data }) => (waiting ? waiting.push(data as BlockView) : tell(data as BlockView))),
        hub.on('days', pass),
        hub.on('closing', (event) => {
          pass(event);
          stream.close();
        }),
        ...(caller.role === 'participant' ? [hub.on('offers', pass)] : []),
        ...(overview ? [hub.on('progress', pass), hub.on('jobs', pass)] : []),
      ];
      // A session that ends takes its stream along.
      const watch = setInterval(() => {
        if (!sessions.find(caller.token)) stream.close();
      }, 1000);
      watch.unref();
      stream.onClose(() => {
        clearInterval(watch);
        for (const stop of off) stop();
      });
      const last = /^\d{1,12}$/.exec(String(request.headers['last-event-id'] ?? ''))?.[0];
      if (last !== undefined) {
        const { height } = await ledger.head();
        const from = Math.max(Number(last) + 1, height - MOST_CAUGHT_UP);
        for await (const block of ledger.blocks(from, height)) if (stream.open) tell(block);
      }
      const late = waiting;
      waiting = undefined;
      for (const block of late) tell(block);
    },
  );
}
