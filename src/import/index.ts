import { readFile } from 'node:fs/promises';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { importCsv } from './csv.js';
import { importMatpower } from './matpower.js';
import type { Imported } from './notes.js';
import { importOpenDss } from './opendss/index.js';
import { importPandapower } from './pandapower.js';

export type { Imported } from './notes.js';
export type ImportFormat = 'matpower' | 'opendss' | 'pandapower' | 'csv';
export const IMPORT_FORMATS: readonly ImportFormat[] = ['matpower', 'opendss', 'pandapower', 'csv'];

/**
 * Reads a feeder of another program and gives a validated case with a list of every approximation
 * and of everything that was left out.
 *
 * @param source a file, or for `csv` a folder with feeder.json, lines.csv and buses.csv
 * @throws CrowdwattError naming line or element, where the file cannot be represented
 */
export async function importCase(format: ImportFormat, source: string): Promise<Imported<Case>> {
  const imported = await read(format, source);
  return { ...imported, case: parseCase(imported.case) };
}

async function read(format: ImportFormat, source: string): Promise<Imported<Case>> {
  switch (format) {
    case 'matpower':
      return importMatpower(await text(source));
    case 'pandapower':
      return importPandapower(await text(source));
    case 'opendss':
      return await importOpenDss(source);
    case 'csv':
      return await importCsv(source);
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CrowdwattError(
      'input/unreadable',
      `${path} cannot be read: ${(cause as Error).message}`,
      { path },
      { cause },
    );
  }
}
