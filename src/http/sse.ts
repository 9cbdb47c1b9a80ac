import type { FastifyReply, FastifyRequest } from 'fastify';

const HEARTBEAT_MS = 15_000;
/** A reader that leaves this much unread is cut off: it can come back and go on. */
const MOST_BUFFERED = 1 << 20;

/** One open stream of server-sent events. */
export class EventStream {
  readonly #beat: NodeJS.Timeout;
  #open = true;
  readonly #onClose: (() => void)[] = [];

  constructor(
    request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    reply.hijack();
    const { raw } = reply;
    // What the security plugins have set so far goes out with a hijacked answer too.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
    });
    raw.write(': connected\n\n');
    this.#beat = setInterval(() => this.#write(': \n\n'), HEARTBEAT_MS);
    this.#beat.unref();
    request.raw.once('close', () => this.close());
    raw.once('close', () => this.close());
    raw.once('error', () => this.close());
  }

  get open(): boolean {
    return this.#open;
  }

  send(event: string, data: unknown, id?: string): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  onClose(work: () => void): void {
    if (this.#open) this.#onClose.push(work);
    else work();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#beat);
    for (const work of this.#onClose) work();
    this.reply.raw.end();
  }

  #write(text: string): void {
    if (!this.#open) return;
    this.reply.raw.write(text);
    if (this.reply.raw.writableLength > MOST_BUFFERED) this.close();
  }
}
