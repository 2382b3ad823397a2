import { auditFilter, exportAuditEntries } from '#libs/contracts';
import { currentContext } from '#libs/observability';
import { RpcClient } from '#libs/rpc';
import { Controller, Param, Query, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { exportFormats } from './export-formats';
import { exportLines, type ReadPart } from './export-lines';
import { Route } from '../contract/route';

const organizationPath = exportAuditEntries.request.pick({ organizationId: true });
const exportRequest = auditFilter.extend({ format: z.enum(['csv', 'jsonl']).describe('The format of the file.') });

@Controller()
export class AuditLogController {
  constructor(private readonly rpc: RpcClient) {}

  @Route(exportAuditEntries, {
    response: z.string(),
    mediaType: ['text/csv', 'application/jsonl'],
    download: true,
  })
  @RouteConfig({ longResponse: true })
  async export(
    @Param({ schema: organizationPath }) { organizationId }: z.output<typeof organizationPath>,
    @Query({ schema: exportRequest }) { format, ...filter }: z.output<typeof exportRequest>,
  ): Promise<StreamableFile> {
    // The response is read after this request's context has ended, and each page checks again whether the
    // caller has access.
    const context = currentContext();
    const options = context === undefined ? {} : { context };
    const read: ReadPart = (part) => this.rpc.call(exportAuditEntries, { organizationId, ...filter, ...part }, options);
    const first = await read({});
    const { mediaType } = exportFormats[format];
    const disposition = `attachment; filename="audit-log-${organizationId}.${format}"`;
    return new StreamableFile(Readable.from(exportLines(exportFormats[format], first, read), { objectMode: false }), {
      type: mediaType,
      disposition,
    });
  }
}
