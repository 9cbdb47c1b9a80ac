export interface ImportEntry {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
  readonly lazy: boolean;
}
export function importsOf(text: string): ImportEntry[];
export function roomOf(file: string): string;
export function breach(file: string, entry: ImportEntry): string | undefined;
export function checkImports(): string[];
