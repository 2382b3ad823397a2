import type { Variables } from '#libs/command';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, ok, problem, type Check, type Finding } from './check';

const hourMs = 3_600_000;
/** A day, and two hours for the backup itself. */
const oldestBackupMs = 26 * hourMs;
const oldestDrillMs = 35 * 24 * hourMs;

interface Rule {
  readonly kinds: readonly string[];
  readonly limitMs: number;
  readonly remedy: string;
}

/** Read the metrics that backups and restore checks leave in BACKUP_METRICS_DIRECTORY. */
export function backupChecks({ BACKUP_METRICS_DIRECTORY: folder }: Variables): Check[] {
  const check = (name: string, rule: Rule): Check => ({
    name,
    run: async () => (folder ? ageFinding(folder, rule) : absent('BACKUP_METRICS_DIRECTORY')),
  });
  return [
    check('last backup', {
      kinds: ['logical'],
      limitMs: oldestBackupMs,
      remedy: 'Read the log of the backup container, and run scripts/backup-database.sh.',
    }),
    check('last restore check', {
      kinds: ['restore_check'],
      limitMs: oldestDrillMs,
      remedy: 'Restore the newest backup on an empty server. See docs/backup-and-restore.md.',
    }),
  ];
}

function ageFinding(folder: string, { kinds, limitMs, remedy }: Rule): Finding {
  const times = globSync('*.prom', { cwd: folder }).flatMap((file) =>
    timesIn(readFileSync(join(folder, file), 'utf8'), kinds),
  );
  if (times.length === 0) return problem('never', remedy);
  const ageMs = Date.now() - Math.max(...times);
  const seen = `${(ageMs / hourMs).toFixed(1)} hours ago`;
  return ageMs <= limitMs ? ok(seen) : problem(seen, remedy);
}

function timesIn(text: string, kinds: readonly string[]): number[] {
  return [...text.matchAll(/^backup_last_success_timestamp_seconds\{kind="(\w+)"\} (\d+)$/gm)].flatMap(
    ([, kind = '', seconds]) => (kinds.includes(kind) ? [Number(seconds) * 1_000] : []),
  );
}
