import { alignedTable, parse, runProgram } from '#libs/command';
import { join } from 'node:path';
import { routeRows } from '../apps/gateway/src/commands';

const usage = `npm run routes [-- <text>]

Lists the routes of the API with method, path, contract, access, rate limits, and the file that handles each. If you give
a text, it lists only the routes whose row contains it.

Examples
  npm run routes
  npm run routes -- password`;

void runProgram(async (args) => {
  const parsed = parse('routes', args, {});
  if (parsed === undefined) return void console.log(usage);
  const [text = ''] = parsed.positionals;
  const rows = routeRows(join(__dirname, '../..'))
    .map((row) => [row.method, row.path.replace('/api/v1', ''), row.contract, row.access, row.limits, row.file])
    .filter((cells) => cells.join(' ').includes(text));
  console.log(alignedTable([['METHOD', 'PATH', 'CONTRACT', 'ACCESS', 'LIMITS', 'FILE'], ...rows]));
  console.log(`\n${rows.length} routes. Paths are below /api/v1, except /.well-known.`);
  return undefined;
});
