#!/usr/bin/env bash
# Takes the whole PostgreSQL server back to a moment. docs/backup-and-restore.md leads through it.
set -euo pipefail
# shellcheck source=scripts/lib/backup.sh
. "$(dirname "$(readlink -f "$0")")/lib/backup.sh"

usage() {
  cat <<'TEXT'
restore-point-in-time.sh <time with zone | latest>

Rewrites the data folder of a stopped PostgreSQL server from the physical backups and the archived WAL. When the server
starts, it replays changes up to the given time. Everything after that time is gone from the server, but not from the archive.

  latest   replays all archived WAL, and what the data folder still has

  PGBACKREST_CONFIG   the configuration of pgBackRest. By default /run/secrets/pgbackrest_conf

Examples
  docker compose -f docker-compose.prod.yml stop
  docker compose -f docker-compose.prod.yml run --rm --no-deps --user postgres postgres \
    restore-point-in-time.sh '2027-01-31 13:59:59+00'
  docker compose -f docker-compose.prod.yml up -d
TEXT
}

target=''
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    -*) usage_error "Unknown option: $1." ;;
    *)
      [[ -z $target ]] || usage_error 'Give one time, in quotes.'
      target=$1 && shift
      ;;
  esac
done
[[ -n $target ]] || usage_error 'Give the time to go back to, or "latest".'
time_pattern='^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
[[ $target == latest || $target =~ $time_pattern ]] ||
  usage_error "$target is not a time with a zone, such as '2027-01-31 13:59:59+00'."

export PGBACKREST_CONFIG=${PGBACKREST_CONFIG:-/run/secrets/pgbackrest_conf}
[[ -r $PGBACKREST_CONFIG ]] || fail "PGBACKREST_CONFIG: can't read $PGBACKREST_CONFIG."
options=(--stanza=main --delta --log-level-console=warn)
if [[ $target != latest ]]; then options+=(--type=time "--target=$target" --target-action=promote); fi

# A server that was killed leaves its process id behind, and pgBackRest refuses to touch its folder.
data=${PGDATA:-/var/lib/postgresql/data} code=0
pg_isready -q -h /var/run/postgresql || code=$?
((code == 2)) || fail 'PostgreSQL is still running. Stop it first: docker compose -f docker-compose.prod.yml stop'
rm -f "$data/postmaster.pid"

# The archive doesn't have the newest segments yet, and the restore would delete them. Recovery reads them from pg_wal
# after the last archived one.
newest=$(mktemp -d)
trap 'rm -rf "$newest"' EXIT
for segment in "$data"/pg_wal/*; do
  name=${segment##*/}
  if [[ $name =~ ^[0-9A-F]{24}$ && ! -e $data/pg_wal/archive_status/$name.done ]]; then cp -p "$segment" "$newest/"; fi
done

progress "Restoring to $target"
started=$SECONDS
pgbackrest "${options[@]}" restore || fail 'The restore failed. The lines above say why.'
find "$newest" -type f -exec cp -p -t "$data/pg_wal" {} +
progress "Restored the files in $((SECONDS - started)) s. Start PostgreSQL: it replays changes up to $target"
