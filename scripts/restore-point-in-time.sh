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
data=${PGDATA:-/var/lib/postgresql/data}

# Each restore to a moment begins a new timeline. Prints the one that the server was on at the given time.
timeline_at() { # <epoch seconds>
  local major list id name time newest_id=0 timeline=1
  major=$(postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
  list=$(pgbackrest --stanza=main repo-ls archive/main --recurse --output=json) || fail "Can't read the archive. The lines above say why."
  # The archive of each server has a number. It holds a history file for each timeline but the first.
  while read -r id name time; do
    if ((id > newest_id)); then newest_id=$id timeline=1; fi
    if ((time <= $1 && 16#$name > timeline)); then timeline=$((16#$name)); fi
  done < <(grep -oE "\"$major-[0-9]+(\"|/[0-9A-F]{8}\.history\":[^}]*\"time\":[0-9]+)" <<<"$list" |
    sed -E 's/^"[0-9]+-([0-9]+)"$/\1 1 0/; s/^"[0-9]+-([0-9]+)\/([0-9A-F]+).*:([0-9]+)$/\1 \2 \3/' | sort -n)
  echo "$timeline"
}

options=(--stanza=main --delta --log-level-console=warn)
if [[ $target != latest ]]; then
  timeline=$(timeline_at "$(date -d "$target" +%s)")
  options+=(--type=time "--target=$target" --target-action=promote "--target-timeline=$timeline")
fi

# A server that was killed leaves its process id behind, and pgBackRest refuses to touch its folder.
code=0
pg_isready -q -h /var/run/postgresql || code=$?
((code == 2)) || fail 'PostgreSQL is still running. Stop it first: docker compose -f docker-compose.prod.yml stop'
rm -f "$data/postmaster.pid"

# The archive may lack the newest segments, and the restore deletes them. A segment marked as ready is complete: it goes to
# the archive. The last one isn't complete, so it is put back, and recovery reads it after the archived ones.
newest=$(mktemp -d)
trap 'rm -rf "$newest"' EXIT
for segment in "$data"/pg_wal/*; do
  name=${segment##*/}
  if [[ ! $name =~ ^[0-9A-F]{24}$ || -e $data/pg_wal/archive_status/$name.done ]]; then continue; fi
  if [[ -e $data/pg_wal/archive_status/$name.ready ]] &&
    pgbackrest --stanza=main --no-archive-async archive-push "$segment"; then continue; fi
  cp -p "$segment" "$newest/"
done

progress "Restoring to $target"
started=$SECONDS
pgbackrest "${options[@]}" restore || fail 'The restore failed. The lines above say why.'
find "$newest" -type f -exec cp -p -t "$data/pg_wal" {} +
progress "Restored the files in $((SECONDS - started)) s. Start PostgreSQL: it replays changes up to $target"
