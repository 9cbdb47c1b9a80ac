import type { Page, SpanRecord, StatementLine, StatementRecord } from '../../chaincode/src/domain/index.js';
import type { Reading } from './reading.js';

/** Statements with their lines: of one participant or of everybody, of one day's span or of all. */
export async function statementsOf(
  reading: Reading,
  { participant, day }: { readonly participant?: string; readonly day?: string },
): Promise<object[]> {
  const spans = (await reading.list<SpanRecord>('ListSpans')).filter(
    (span) => day === undefined || span.days.includes(day),
  );
  const statements: object[] = [];
  for (const { from } of spans) {
    const only = participant === undefined ? {} : { participant };
    for (const record of await reading.list<StatementRecord>('ListStatements', { from, ...only })) {
      const lines = await linesOf(reading, from, record.participant);
      statements.push({ ...record, lines, lineCount: record.lines });
    }
  }
  return statements;
}

async function linesOf(reading: Reading, from: string, participant: string): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  let after: string | undefined;
  do {
    const args = { from, participant, limit: 1000, ...(after === undefined ? {} : { after }) };
    const page = await reading.query<Page<StatementLine>>('ListStatementLines', args);
    lines.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return lines;
}
