import { type FileHandle, open } from 'node:fs/promises';
import { CrowdwattError } from '../errors.js';
import type { Case } from './case.js';
import { clean } from './problems.js';
import { parseCase } from './validate.js';

/** Larger files do not fit a JavaScript string. */
export const MAX_FILE_BYTES = 500_000_000;

/**
 * Reads and checks a case file.
 *
 * @throws CrowdwattError `input/unreadable`, `input/too-large`, `input/not-json` or what `parseCase` throws.
 */
export async function readCase(path: string): Promise<Case> {
  return parseCase(await readJson(path));
}

/** Reads any JSON file of the project with the same care: size, encoding and syntax each have one clear line. */
export async function readJson(path: string): Promise<unknown> {
  return parseJson(decode(await readBytes(path), path), path);
}

async function readBytes(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    if (stat.isDirectory()) throw unreadable(path, 'it is a folder; give a file');
    if (stat.size > MAX_FILE_BYTES) throw tooLarge(path);
    const chunks: Uint8Array[] = [];
    let size = 0;
    // A pipe says size 0 and may never end: count what arrives.
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
      size += (chunk as Uint8Array).length;
      if (size > MAX_FILE_BYTES) throw tooLarge(path);
      chunks.push(chunk as Uint8Array);
    }
    return Buffer.concat(chunks);
  } catch (thrown) {
    if (thrown instanceof CrowdwattError) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(code ?? thrown);
    throw unreadable(path, why);
  } finally {
    await file?.close();
  }
}

function decode(bytes: Uint8Array, path: string): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw notJson(path, 'it is UTF-16 text; save it as UTF-8');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJson(path, 'it is not UTF-8 text (a binary file?); give a JSON file');
  }
  if (text.includes('\u0000')) throw notJson(path, 'it holds zero bytes (a binary file?); give a JSON file');
  if (text.trim() === '') throw notJson(path, 'it is empty; give a JSON file');
  return text;
}

/** `JSON.parse` with an error of one line that says where. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const literal = /[[:,\s]([-+]?(?:NaN|Infinity))(?=[\s,\]}])/.exec(text);
    if (literal !== null) {
      const where = lineAndColumn(text, literal.index + 1);
      throw notJson(name, `${where}: ${literal[1]} is not a JSON number; numbers must be finite`);
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const position = /position (\d+)/.exec(message);
    const where = position === null ? '' : `${lineAndColumn(text, Number(position[1]))}: `;
    throw notJson(name, `${where}${clean(message.replace(/ \(line \d+ column \d+\)/, ''))}`);
  }
}

function lineAndColumn(text: string, position: number): string {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return `line ${line}, column ${position - start + 1}`;
}

const unreadable = (path: string, why: string) =>
  new CrowdwattError('input/unreadable', `${clean(path)}: cannot be read: ${why}`, { path });
const tooLarge = (path: string) =>
  new CrowdwattError(
    'input/too-large',
    `${clean(path)}: is over ${MAX_FILE_BYTES / 1e6} MB; a smaller file is needed`,
    { path },
  );
const notJson = (path: string, why: string) =>
  new CrowdwattError('input/not-json', `${clean(path)}: is not JSON: ${why}`, { path });
