import { CrowdwattError } from '../errors.js';

/** One row of a pandapower table: its index and its cells by column name. */
export interface Row {
  readonly index: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

/** Opens the text that `pandapower.to_json` writes and hands out its tables. */
export class PandapowerNet {
  readonly name: string;
  private readonly parts: Record<string, unknown>;

  constructor(text: string) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      throw new CrowdwattError('input/not-json', `not JSON: ${(cause as Error).message}`, {}, { cause });
    }
    const net = parsed as { _class?: string; _object?: Record<string, unknown> };
    if (net?._class !== 'pandapowerNet' || typeof net._object !== 'object') {
      throw new CrowdwattError(
        'input/invalid',
        'not a pandapower network: write it with pandapower.to_json (version 2 or later)',
      );
    }
    this.parts = net._object;
    this.name = typeof this.parts.name === 'string' && this.parts.name !== '' ? this.parts.name : 'pandapower network';
  }

  scalar(name: string, otherwise: number): number {
    const value = this.parts[name];
    return typeof value === 'number' ? value : otherwise;
  }

  /** Rows of a table; none where the network has no such table. */
  rows(table: string): Row[] {
    const part = this.parts[table] as { _object?: unknown } | undefined;
    if (part?._object === undefined) return [];
    const frame = (typeof part._object === 'string' ? JSON.parse(part._object) : part._object) as {
      columns?: string[];
      index?: number[];
      data?: unknown[][];
    };
    const { columns, index, data } = frame;
    if (columns === undefined || index === undefined || data === undefined) {
      throw new CrowdwattError('input/invalid', `table '${table}' is not in pandas' 'split' form`);
    }
    return data.map((cells, k) => ({
      index: index[k]!,
      cells: Object.fromEntries(columns.map((column, c) => [column, cells[c]])),
    }));
  }
}

export function num(row: Row, column: string, otherwise?: number): number {
  const value = row.cells[column];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (otherwise !== undefined) return otherwise;
  throw new CrowdwattError(
    'input/invalid',
    `column '${column}' of row ${row.index} is ${JSON.stringify(value)}, a number is needed`,
  );
}

/** In service and present. */
export function active(row: Row): boolean {
  return row.cells.in_service !== false && row.cells.in_service !== 0;
}
