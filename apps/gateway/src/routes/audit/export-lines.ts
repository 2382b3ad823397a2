import { auditExportLimit, type exportAuditEntries, type ResponseOf } from '#libs/contracts';
import type { ExportFormat } from './export-formats';

type Part = ResponseOf<typeof exportAuditEntries>;
export type ReadPart = (where: { readonly cursor?: string }) => Promise<Part>;

/**
 * Yields one text per page. Reads the next page only when the client has taken this one, and none after it
 * disconnects.
 */
export async function* exportLines(
  format: ExportFormat,
  first: Part,
  read: ReadPart,
  most = auditExportLimit,
): AsyncGenerator<string> {
  let left = most;
  let text = format.head;
  for (let part = first; ;) {
    const shown = part.data.slice(0, left);
    text += shown.map(format.line).join('');
    if (text !== '') yield text;
    text = '';
    left -= shown.length;
    if (part.nextCursor === null || left === 0) return;
    part = await read({ cursor: part.nextCursor });
  }
}
