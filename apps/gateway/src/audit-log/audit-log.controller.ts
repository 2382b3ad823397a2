import { auditFilter, auditPageRequest, exportAuditEntries, listAuditEntries, type ResponseOf } from '#libs/contracts';
import { currentContext } from '#libs/observability';
import { RpcClient } from '#libs/rpc';
import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';
import { RateLimit } from '../rate-limit/rate-limit';
import { exportFormats } from './export-formats';
import { exportLines, mostExported, type ReadPart } from './export-lines';

const exportRequest = auditFilter.extend({ format: z.enum(['csv', 'jsonl']) });

@Controller('api/v1/organizations/:id/audit-log')
export class AuditLogController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'Who did what in the organization, newest first',
    description: 'Entries are never changed, and chained by hash: `proof` lets anybody check that.',
    contract: listAuditEntries,
    status: 200,
  })
  @Get()
  list(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Query({ schema: auditPageRequest }) page: z.output<typeof auditPageRequest>,
  ): Promise<ResponseOf<typeof listAuditEntries>> {
    return this.rpc.call(listAuditEntries, { organizationId: id, ...page });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'The audit log as a file, newest first',
    description: `CSV or JSON Lines, at most ${mostExported} entries: ask for older ones with \`to\`. Itself an act that is written down.`,
    contract: exportAuditEntries,
    status: 200,
    answer: z.string(),
    mediaType: ['text/csv', 'application/jsonl'],
  })
  @RouteConfig({ longAnswer: true })
  @Get('export')
  async export(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Query({ schema: exportRequest }) { format, ...filter }: z.output<typeof exportRequest>,
  ): Promise<StreamableFile> {
    // The answer is read after this request's own context has ended, and each part asks again whether the caller may.
    const context = currentContext();
    const options = context === undefined ? {} : { context };
    const read: ReadPart = (part) =>
      this.rpc.call(exportAuditEntries, { organizationId: id, ...filter, ...part }, options);
    const first = await read({});
    const { mediaType } = exportFormats[format];
    const disposition = `attachment; filename="audit-log-${id}.${format}"`;
    return new StreamableFile(Readable.from(exportLines(exportFormats[format], first, read), { objectMode: false }), {
      type: mediaType,
      disposition,
    });
  }
}
