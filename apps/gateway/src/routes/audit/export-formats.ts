import type { AuditEntry } from '#libs/contracts';

export interface ExportFormat {
  readonly mediaType: string;
  /** Written before the first entry. */
  readonly head: string;
  readonly line: (entry: AuditEntry) => string;
}

const columns = [
  'sequence',
  'at',
  'actorKind',
  'actorId',
  'credentialId',
  'impersonatorId',
  'act',
  'targetType',
  'targetId',
  'before',
  'after',
  'requestId',
  'ip',
  'erasedAt',
  'id',
  'previousHash',
  'hash',
  'detailsHash',
  'salt',
] as const;

function cellsOf({
  actor,
  target,
  proof,
  before,
  after,
  ...entry
}: AuditEntry): Record<(typeof columns)[number], string> {
  const { sequence, at, act, requestId, ip, erasedAt, id } = entry;
  return {
    sequence: String(sequence),
    at,
    actorKind: actor.kind,
    actorId: actor.id ?? '',
    credentialId: actor.credentialId ?? '',
    impersonatorId: actor.impersonatorId ?? '',
    act,
    targetType: target.type,
    targetId: target.id,
    before: before === null ? '' : JSON.stringify(before),
    after: after === null ? '' : JSON.stringify(after),
    requestId,
    ip: ip ?? '',
    erasedAt: erasedAt ?? '',
    id,
    previousHash: proof.previousHash,
    hash: proof.hash,
    detailsHash: proof.detailsHash,
    salt: proof.salt ?? '',
  };
}

/**
 * RFC 4180. A cell that a spreadsheet would read as a formula gets a leading apostrophe (OWASP, CSV
 * Injection), also if it starts with the full-width form of those characters.
 */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvLine(entry: AuditEntry): string {
  const cells = cellsOf(entry);
  return `${columns.map((column) => csvCell(cells[column])).join(',')}\r\n`;
}

export const exportFormats = {
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', head: `${columns.join(',')}\r\n`, line: csvLine },
  jsonl: { mediaType: 'application/jsonl; charset=utf-8', head: '', line: (entry) => `${JSON.stringify(entry)}\n` },
} as const satisfies Record<string, ExportFormat>;
