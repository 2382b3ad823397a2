#!/usr/bin/env bash
# The backup container: runs each backup at its time until it is stopped.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/lib/backup.sh
. "$here/lib/backup.sh"

usage() {
  cat <<'TEXT'
backup-schedule.sh

Runs until it is stopped. Each day at BACKUP_HOUR it dumps every database and takes a physical backup: a full one on
Sundays, else an incremental one. On Sundays it also restores the newest dump into a temporary server. A backup that fails is
repeated every 15 minutes, and a backup that was missed while the container was stopped runs at once.

  BACKUP_HOUR         the hour in UTC. 2 by default
  PGBACKREST_CONFIG   the configuration of pgBackRest. Without it there are no physical backups

The variables of backup-database.sh and restore-database.sh apply too.

Example
  docker compose -f docker-compose.prod.yml logs backup
TEXT
}

case ${1:-} in
  '') ;;
  -h | --help) usage && exit 0 ;;
  *) usage_error "Unknown option: $1." ;;
esac

hour=${BACKUP_HOUR:-2} directory=${BACKUP_DIRECTORY:-/backups}
[[ $hour =~ ^([01]?[0-9]|2[0-3])$ ]] || fail "BACKUP_HOUR must be a number from 0 to 23, not $hour."
state=$directory/.state
mkdir -p "$state" || fail "Can't write to $directory."
declare -A retry_at=()

# Ends at once on SIGTERM, together with the command it runs.
child='' watcher=''
stop() {
  if [[ -n $watcher ]]; then kill -TERM "$watcher" 2>/dev/null || true; fi
  if [[ -n $child ]]; then kill -TERM "$child" 2>/dev/null || true; wait "$child" || true; fi
  echo stopped
  exit 0
}
trap stop TERM INT

run() {
  local code=0
  "$@" &
  child=$!
  wait "$child" || code=$?
  child=''
  return "$code"
}

last_success() { # <kind>; 0 if there was none
  cat "$state/$1" 2>/dev/null || echo 0
}

# The newest time at which a backup should have started.
daily_slot() {
  local now=$1 slot
  slot=$((now - now % 86400 + 10#$hour * 3600))
  if ((slot > now)); then slot=$((slot - 86400)); fi
  echo "$slot"
}

# Day 0 was a Thursday, so Sundays are 3 more than a multiple of 7.
weekly_slot() {
  local slot
  slot=$(daily_slot "$1")
  echo $((slot - (slot / 86400 + 4) % 7 * 86400))
}

run_if_due() { # <kind> <slot> <command …>
  local kind=$1 slot=$2 now
  shift 2
  now=$(date +%s)
  if (($(last_success "$kind") >= slot)) || ((now < ${retry_at[$kind]:-0})); then return; fi
  if run "$@"; then
    echo "$now" >"$state/$kind.new"
    mv "$state/$kind.new" "$state/$kind"
    case $kind in full | incremental) write_metric "$kind" "$(date +%s)" && progress "The $kind backup is complete" ;; esac
  else
    retry_at[$kind]=$((now + 900))
    echo "The $kind backup failed. It will be repeated in 15 minutes." >&2
  fi
}

# After a restore of dumps on an empty server, the repository still expects WAL of the server that was lost.
ready_repository() {
  local code=0 belongs_to_another_server=28
  pgbackrest --stanza=main stanza-create || code=$?
  if ((code != belongs_to_another_server)); then return "$code"; fi
  pgbackrest --stanza=main stanza-upgrade || return
  rm -f "$state/full" "$state/incremental"
  progress 'The repository takes backups of a new server from now on'
}

physical_backup() { # <full | incr>
  ready_repository && pgbackrest --stanza=main --type="$1" backup
}

run_physical_if_due() {
  if [[ -z ${PGBACKREST_CONFIG:-} ]]; then return; fi
  run_if_due full "$(weekly_slot "$1")" physical_backup full
  # The full backup is that day's backup.
  if (($(last_success full) >= $(daily_slot "$1"))); then return; fi
  run_if_due incremental "$(daily_slot "$1")" physical_backup incr
}

# From the end of a recovery to the next checkpoint, PostgreSQL ignores archive_timeout: its checkpointer decided how long to
# sleep before the recovery was over. A loss of the host could cost five minutes then. Reloading the settings wakes it.
apply_archive_timeout() {
  local known='' started
  connect_to_admin
  while true; do
    started=$(query "$PGDATABASE" "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'" 2>/dev/null) ||
      started=''
    if [[ -n $started && $started != "$known" ]] && query "$PGDATABASE" 'SELECT pg_reload_conf()' >/dev/null 2>&1; then
      known=$started
    fi
    sleep 10
  done
}

progress "Backups run each day at $hour:00 UTC"
# Archiving fails until the repository is ready, so this doesn't wait for the next backup.
if [[ -n ${PGBACKREST_CONFIG:-} ]]; then
  apply_archive_timeout &
  watcher=$!
  run ready_repository || true
fi
while true; do
  now=$(date +%s)
  run_physical_if_due "$now"
  run_if_due logical "$(daily_slot "$now")" "$here/backup-database.sh"
  if (($(last_success logical) > 0)); then
    run_if_due restore_check "$(weekly_slot "$now")" nice "$here/restore-database.sh" latest --check
  fi
  run sleep 30
done
