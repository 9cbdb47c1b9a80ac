import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CrowdwattError } from '../../errors.js';

/** One element of the script: class, name and its properties in the order they were given. */
export interface DssObject {
  readonly kind: string;
  readonly name: string;
  readonly where: string;
  readonly properties: [name: string, value: string][];
}

/** What a script defines, before any of it is given a meaning. Names are lower case, as OpenDSS ignores case. */
export interface DssScript {
  readonly objects: readonly DssObject[];
  readonly options: ReadonlyMap<string, string>;
  /** Elements (`class.name`) opened by command. */
  readonly opened: ReadonlySet<string>;
  /** Commands that have no meaning for a model, by name. */
  readonly ignored: ReadonlyMap<string, string>;
  /** Folder of the file an object came from, for shape files. */
  readonly folderOf: ReadonlyMap<DssObject, string>;
}

const MOST_DEPTH = 20;

/** Reads a master file and everything it redirects to. */
export async function readScript(path: string): Promise<DssScript> {
  const reader = new ScriptReader();
  await reader.file(resolve(path), 0);
  return reader;
}

class ScriptReader implements DssScript {
  readonly objects: DssObject[] = [];
  readonly options = new Map<string, string>();
  readonly opened = new Set<string>();
  readonly ignored = new Map<string, string>();
  readonly folderOf = new Map<DssObject, string>();
  private readonly byName = new Map<string, DssObject>();
  private current: DssObject | undefined;

  async file(path: string, depth: number): Promise<void> {
    if (depth > MOST_DEPTH)
      throw new CrowdwattError(
        'input/invalid',
        `${basename(path)}: redirections are nested more than ${MOST_DEPTH} deep (does a file include itself?)`,
      );
    const found = await findFile(path);
    const lines = (await readFile(found, 'utf8'))
      .replace(/\/\*[\s\S]*?\*\//g, (block) => block.replace(/[^\n]/g, ''))
      .split(/\r?\n/);
    for (let k = 0; k < lines.length; k++) {
      const line = stripComment(lines[k]!).trim();
      if (line !== '') await this.command(line, `${basename(found)} line ${k + 1}`, dirname(found), depth);
    }
  }

  private async command(line: string, where: string, folder: string, depth: number): Promise<void> {
    if (line.startsWith('~')) {
      this.more(line.slice(1), where);
      return;
    }
    const [verb = '', rest = ''] = splitFirst(line);
    switch (verb.toLowerCase()) {
      case 'redirect':
      case 'compile':
        await this.file(resolve(folder, unquote(rest.trim()).replaceAll('\\', '/')), depth + 1);
        return;
      case 'new':
        this.define(rest, where, folder);
        return;
      case 'edit':
        this.edit(rest, where);
        return;
      case 'batchedit':
        this.editAll(rest, where);
        return;
      case 'more':
      case 'm':
        this.more(rest, where);
        return;
      case 'set':
        for (const [name, value] of properties(rest, where)) this.options.set(name, value);
        return;
      case 'clear':
      case 'clearall':
        return;
      case 'open':
        this.opened.add((splitFirst(rest)[0] ?? '').toLowerCase());
        return;
      case 'close':
        this.opened.delete((splitFirst(rest)[0] ?? '').toLowerCase());
        return;
      case 'disable':
        this.find(rest.trim(), where).properties.push(['enabled', 'no']);
        return;
      case 'enable':
        this.find(rest.trim(), where).properties.push(['enabled', 'yes']);
        return;
      default:
        if (/^[a-z0-9_-]+\.[^.=\s]+\.[^=\s]+\s*=/i.test(line)) this.direct(line, where);
        else this.ignored.set(verb.toLowerCase(), where);
    }
  }

  private define(rest: string, where: string, folder: string): void {
    const list = rest.trim().replace(/^object\s*=\s*/i, '');
    const [full = '', tail = ''] = splitFirst(list);
    const dot = full.indexOf('.');
    if (dot <= 0) throw new CrowdwattError('input/invalid', `${where}: 'New ${full}' needs Class.Name`);
    const object: DssObject = {
      kind: full.slice(0, dot).toLowerCase(),
      name: unquote(full.slice(dot + 1)).toLowerCase(),
      where,
      properties: [],
    };
    const key = `${object.kind}.${object.name}`;
    if (this.byName.has(key))
      throw new CrowdwattError('input/invalid', `${where}: ${key} is defined twice`, { id: key });
    this.objects.push(object);
    this.byName.set(key, object);
    this.folderOf.set(object, folder);
    this.current = object;
    this.more(tail, where);
  }

  private edit(rest: string, where: string): void {
    const [full = '', tail = ''] = splitFirst(rest.trim().replace(/^object\s*=\s*/i, ''));
    this.current = this.find(full, where);
    this.more(tail, where);
  }

  /** `batchedit load..* daily=x` speaks of every element of a class whose name fits a pattern. */
  private editAll(rest: string, where: string): void {
    const [full = '', tail = ''] = splitFirst(rest);
    const dot = full.indexOf('.');
    let pattern: RegExp;
    try {
      pattern = new RegExp(full.slice(dot + 1), 'i');
    } catch (cause) {
      throw new CrowdwattError('input/invalid', `${where}: '${full}' is not a pattern`, {}, { cause });
    }
    for (const object of this.objects) {
      if (object.kind !== full.slice(0, dot).toLowerCase() || !pattern.test(object.name)) continue;
      this.current = object;
      this.more(tail, where);
    }
  }

  private direct(line: string, where: string): void {
    const [, full = '', property = '', value = ''] = /^([^.]+\.[^.]+)\.([^=]+)=(.*)$/.exec(line)!;
    this.current = this.find(full, where);
    this.more(`${property}=${value}`, where);
  }

  private find(full: string, where: string): DssObject {
    const key = unquote(full).toLowerCase();
    // A circuit brings a source called Vsource.Source, which scripts edit by that name.
    const object = key === 'vsource.source' ? this.objects.find((o) => o.kind === 'circuit') : this.byName.get(key);
    if (object === undefined)
      throw new CrowdwattError('input/invalid', `${where}: ${full} is not defined`, { id: full });
    return object;
  }

  private more(text: string, where: string): void {
    if (text.trim() === '') return;
    if (this.current === undefined)
      throw new CrowdwattError('input/invalid', `${where}: a continuation without an element`);
    const lenient = WITHOUT_VALUES.has(this.current.kind);
    for (const [name, value] of properties(text, where, lenient)) {
      if (name === 'like') {
        const other = this.find(`${this.current.kind}.${value}`, where);
        this.current.properties.push(...other.properties);
      } else {
        this.current.properties.push([name, value]);
      }
    }
  }
}

/** File names in published scripts often differ in case from the files. */
export async function findFile(path: string): Promise<string> {
  if (await exists(path)) return path;
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const match = names.find((name) => name.toLowerCase() === basename(path).toLowerCase());
  if (match === undefined) throw new CrowdwattError('input/unreadable', `${basename(path)} is not there`, { path });
  return join(folder, match);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

export function stripComment(line: string): string {
  let quote = '';
  for (let k = 0; k < line.length; k++) {
    const c = line[k]!;
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '!' || (c === '/' && line[k + 1] === '/')) return line.slice(0, k);
  }
  return line;
}

function splitFirst(text: string): [string, string] {
  const trimmed = text.trim();
  if (trimmed.startsWith('"')) {
    const end = trimmed.indexOf('"', 1);
    if (end > 0) return [trimmed.slice(1, end), trimmed.slice(end + 1)];
  }
  const match = /^(\S+)\s*([\s\S]*)$/.exec(trimmed);
  return match === null ? ['', ''] : [match[1]!, match[2]!];
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '[': ']', '(': ')', '{': '}' };

/** Values without a name continue the property before them in OpenDSS's own order. */
const FOLLOWER: Readonly<Record<string, string>> = {
  r1: 'x1',
  x1: 'r0',
  r0: 'x0',
  x0: 'c1',
  c1: 'c0',
  normamps: 'emergamps',
  mvasc3: 'mvasc1',
  isc3: 'isc1',
};
/** Elements whose values are not used, so that values without a name do no harm. */
const WITHOUT_VALUES = new Set(['wiredata', 'cndata', 'tsdata', 'monitor', 'energymeter', 'spectrum', 'tcc_curve']);

/** `a=1 b=[1 2] c="x"` → pairs; what stands in brackets or quotes stays together. */
export function properties(text: string, where: string, lenient = false): [string, string][] {
  const result: [string, string][] = [];
  let at = 0;
  const skip = (): void => {
    while (at < text.length && /[\s,]/.test(text[at]!)) at++;
  };
  const word = (stop: RegExp): string => {
    const start = at;
    while (at < text.length && !stop.test(text[at]!)) at++;
    return text.slice(start, at);
  };
  for (skip(); at < text.length; skip()) {
    const name = word(/[\s,=]/);
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (text[at] !== '=') {
      const follower = FOLLOWER[result[result.length - 1]?.[0] ?? ''];
      if (!lenient && follower === undefined) {
        throw new CrowdwattError(
          'input/invalid',
          `${where}: '${name}' stands without a property name; write property=value`,
        );
      }
      const end = name.startsWith('{') ? text.indexOf('}', at) : -1;
      result.push([follower ?? '', end < 0 ? name : `${name} ${text.slice(at, end)}`]);
      at = Math.max(at, end + 1);
      continue;
    }
    at++;
    while (at < text.length && /\s/.test(text[at]!)) at++;
    const close = CLOSING[text[at] ?? ''];
    if (close === undefined) {
      result.push([name.toLowerCase(), word(/[\s,]/)]);
      continue;
    }
    const end = text.indexOf(close, at + 1);
    if (end < 0)
      throw new CrowdwattError('input/invalid', `${where}: '${text[at]}' of property '${name}' is not closed`);
    result.push([name.toLowerCase(), text.slice(at + 1, end).trim()]);
    at = end + 1;
  }
  return result;
}

export function unquote(text: string): string {
  const close = CLOSING[text[0] ?? ''];
  return close !== undefined && text.endsWith(close) ? text.slice(1, -1) : text;
}
