import { alignedTable } from '#libs/command';
import { isKept, mostP95Ms, type Result } from './measure';
import { admissionTitle } from './organization-cases';
import { mostRowsScanned } from './scale';

const milliseconds = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

/** One row for each list and lookup, and the limits that did not hold. */
export function report(results: readonly Result[], sizes: ReadonlyMap<string, number>): string {
  const head = ['query', 'rows', 'p50 ms', 'p95 ms', 'p99 ms', 'found by'];
  // Shows the check of membership only once.
  const admission = new Set(Object.keys(results.find(({ title }) => title === admissionTitle)?.paths ?? {}));
  const pathsOf = ({ title, paths }: Result) => {
    const own = Object.entries(paths).filter(([sql]) => title === admissionTitle || !admission.has(sql));
    return [...new Set(own.flatMap(([, found]) => found))].join(', ');
  };
  const lines = results.map((result) => [
    result.title,
    String(result.rows),
    ...[result.p50, result.p95, result.p99].map(milliseconds),
    pathsOf(result),
  ]);
  const tables = [...sizes].map(([table, rows]) => [table, rows.toLocaleString('en-US')]);
  return [
    alignedTable([['table', 'rows'], ...tables], [1]),
    alignedTable([head, ...lines], [1, 2, 3, 4]),
    verdict(results),
  ].join('\n\n');
}

function verdict(results: readonly Result[]): string {
  const broken = results.filter((result) => !isKept(result)).map(whatIsWrong);
  const promise = `p95 under ${mostP95Ms} ms in the database, and no sequential scan of over ${mostRowsScanned} rows`;
  if (broken.length === 0) return `All queries: ${promise}.`;
  return [`Some queries miss the target (${promise}):`, ...broken].join('\n');
}

function whatIsWrong({ title, p95, scanned }: Result): string {
  return [`- ${title}: p95 ${milliseconds(p95)} ms`, ...scanned.map((each) => `    reads all of ${each}`)].join('\n');
}
