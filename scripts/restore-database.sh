#!/usr/bin/env bash
# Restores databases from a backup that backup-database.sh wrote. docs/backup-and-restore.md leads through it.
set -euo pipefail
# shellcheck source=scripts/lib/backup.sh
. "$(dirname "$(readlink -f "$0")")/lib/backup.sh"

usage() {
  cat <<'TEXT'
restore-database.sh <backup | latest> [--replace] [--database <name> …] [--into <name>] [--from <folder or rclone path>]
restore-database.sh <backup | latest> --check

Restores the databases of a backup, compares the row count of every table with the backup, and only then gives all
databases their names. A database that was there before is renamed, not dropped. Roles that are missing are created without a
password: run "migrate --provision" afterwards.

  --replace           allows replacing databases that exist. Stop the services first
  --database <name>   restores this database only. You can repeat this option
  --into <name>       restores the one --database under another name and replaces nothing, to copy rows from it
  --from <path>       where the backups are. By default BACKUP_DIRECTORY, or /backups. A remote such as
                      offsite:bucket/groundwork is downloaded first; RCLONE_CONFIG names the file that describes it
  --jobs <number>     how many tables to restore at once. 2 by default
  --check             restores into a temporary server of its own and removes it again. Needs no DATABASE_ADMIN_URL

  DATABASE_ADMIN_URL         a role that can create databases and roles, such as postgres://postgres:…@db:5432/postgres
  BACKUP_IDENTITY_FILE       the age key that decrypts the backup
  BACKUP_METRICS_DIRECTORY   gets backup_restore_check.prom after --check

Exit codes: 0 if everything was restored, 1 if not, 2 if the arguments are not valid.

Examples
  docker compose -f docker-compose.prod.yml run --rm --no-deps backup restore-database.sh latest
  docker compose -f docker-compose.prod.yml exec backup restore-database.sh 20270131T020000Z --replace
  docker compose -f docker-compose.prod.yml exec backup restore-database.sh latest --database groundwork_auth --into old_auth
  docker compose -f docker-compose.prod.yml exec backup restore-database.sh latest --check
TEXT
}

source=${BACKUP_DIRECTORY:-/backups} backup='' replace='' into='' check='' jobs=2
selected=() unfinished=()
while (($# > 0)); do
  case $1 in
    --database | --into | --from | --jobs)
      (($# > 1)) || usage_error "$1 needs a value."
      case $1 in
        --database) selected+=("$2") ;;
        --into) into=$2 ;;
        --from) source=$2 ;;
        --jobs) jobs=$2 ;;
      esac
      shift 2
      ;;
    --replace) replace=1 && shift ;;
    --check) check=1 && shift ;;
    -h | --help) usage && exit 0 ;;
    -*) usage_error "Unknown option: $1." ;;
    *)
      [[ -z $backup ]] || usage_error "Name one backup, not $backup and $1."
      backup=$1 && shift
      ;;
  esac
done
[[ -n $backup ]] || usage_error 'Name a backup, or "latest".'
[[ $backup == latest || $backup =~ ^[0-9]{8}T[0-9]{6}Z$ ]] || usage_error "$backup is not the name of a backup."
[[ $jobs =~ ^[1-9][0-9]*$ ]] || usage_error '--jobs needs a number.'
if [[ -n $into ]] && ((${#selected[@]} != 1)); then usage_error '--into needs exactly one --database.'; fi
if [[ -n $check && -n $replace$into ]]; then usage_error '--check replaces nothing. Leave out --replace and --into.'; fi

finish() {
  local code=$?
  local name
  for name in "${unfinished[@]}"; do query "$PGDATABASE" "DROP DATABASE IF EXISTS :\"name\" WITH (FORCE)" -v name="$name" || true; done
  if [[ -s ${work:-}/data/postmaster.pid ]]; then pg_ctl -D "$work/data" -m immediate -s stop || true; fi
  if [[ -n ${work:-} ]]; then rm -rf "$work"; fi
  exit "$code"
}

# Sets folder to the backup, which is downloaded if it is on a remote.
find_backup() {
  if [[ $source == *:* ]]; then
    if [[ $backup == latest ]]; then
      backup=$(rclone lsf "$source" --dirs-only | grep -E '^[0-9]{8}T[0-9]{6}Z/$' | sort | tail -n 1 | tr -d /) || true
      [[ -n $backup ]] || fail "There is no backup in $source."
    fi
    progress "Downloading $source/$backup"
    rclone copy "$source/$backup" "$work/$backup" || fail "Can't download $source/$backup."
    folder=$work/$backup
  else
    if [[ $backup == latest ]]; then backup=$(backups_in "$source" | tail -n 1); fi
    [[ -n $backup ]] || fail "There is no complete backup in $source."
    folder=$source/$backup
  fi
  [[ -s $folder/SHA256SUMS ]] || fail "There is no complete backup $backup in $source. Try backup-database.sh --list."
}

require_intact() {
  local damaged
  damaged=$(cd "$folder" && sha256sum --check --quiet SHA256SUMS 2>&1) ||
    fail "$backup is damaged, and nothing was changed. Use another backup. ${damaged//$'\n'/; }"
}

from_manifest() { # <kind> [database]; prints the remaining columns
  awk -F '\t' -v OFS='\t' -v kind="$1" -v database="${2:-}" \
    '$1 == kind && (database == "" || $2 == database) { sub(/^[^\t]*\t/, ""); print }' "$folder/manifest.tsv"
}

require_known_version() {
  local taken_on
  taken_on=$(from_manifest server)
  [[ $taken_on =~ ^[0-9]+$ ]] || fail "$backup: the manifest names no server version."
  require_client_for "$taken_on"
  if (($(major "$server_version") < $(major "$taken_on"))); then
    fail "$backup is from PostgreSQL $(major "$taken_on"), and this server is PostgreSQL $(major "$server_version"). Restore it on PostgreSQL $(major "$taken_on") or newer."
  fi
}

select_databases() {
  local name
  mapfile -t databases < <(from_manifest database | cut -f 1)
  for name in "${selected[@]}"; do
    [[ " ${databases[*]} " == *" $name "* ]] || fail "$backup has no database $name. It has ${databases[*]}."
  done
  if ((${#selected[@]} > 0)); then databases=("${selected[@]}"); fi
}

exists() { [[ -n $(query "$PGDATABASE" "SELECT 1 FROM pg_database WHERE datname = :'name'" -v name="$1") ]]; }

require_free_names() {
  local name
  if [[ -n $into ]] && exists "$into"; then fail "The database $into exists already. Choose another name."; fi
  if [[ -n $replace$into ]]; then return; fi
  for name in "${databases[@]}"; do
    if exists "$name"; then fail "The database $name exists already. To replace it, stop the services and add --replace."; fi
  done
}

decrypt() { # <file without .age> <target>
  age --decrypt --identity "$BACKUP_IDENTITY_FILE" -o "$2" "$folder/$1.age" ||
    fail "$backup: $1 can't be decrypted with this key, or it was changed. Nothing was replaced."
}

# Creates the roles that are missing, without passwords. Existing roles stay as they are.
restore_roles() {
  local role
  decrypt globals.sql "$work/globals.sql"
  sed -n 's/^CREATE ROLE \(.*\);$/\1/p' "$work/globals.sql" | while read -r role; do
    if [[ -n $(query "$PGDATABASE" "SELECT 1 FROM pg_roles WHERE quote_ident(rolname) = :'role'" -v role="$role") ]]; then continue; fi
    awk -v create="CREATE ROLE $role;" -v alter="ALTER ROLE $role " 'index($0, create) == 1 || index($0, alter) == 1' \
      "$work/globals.sql" >"$work/role.sql"
    psql -XqAt -v ON_ERROR_STOP=1 -d "$PGDATABASE" -f "$work/role.sql"
    progress "Created the role $role"
  done
}

create_database() { # <database in the backup> <new name>
  local owner options privilege grantee
  IFS=$'\t' read -r _ owner options < <(from_manifest database "$1")
  # The options were made by format(%L) on the server; the checksum has been compared.
  query "$PGDATABASE" "CREATE DATABASE :\"name\" OWNER :\"owner\" $options" -v name="$2" -v owner="$owner"
  unfinished+=("$2")
  query "$PGDATABASE" 'REVOKE ALL ON DATABASE :"name" FROM PUBLIC' -v name="$2"
  while IFS=$'\t' read -r _ privilege grantee; do
    query "$PGDATABASE" "GRANT $privilege ON DATABASE :\"name\" TO $grantee" -v name="$2"
  done < <(from_manifest grant "$1")
}

# Every table must have all its rows, and the role that owned it.
require_same_rows() { # <database in the backup> <restored database>
  local difference
  query "$2" "$count_rows" | sort >"$work/restored"
  difference=$(from_manifest rows "$1" | cut -f 2- | sort | diff - "$work/restored") ||
    fail "$1: the restored row counts differ from the backup: ${difference//$'\n'/; }"
  rows=$(awk -F '\t' '{ sum += $2 } END { print sum + 0 }' "$work/restored")
}

swap_names() { # <database> <restored database>
  local before
  before="${1}_before_$(date -u +%Y%m%d%H%M%S)"
  if exists "$1"; then
    query "$PGDATABASE" 'ALTER DATABASE :"name" ALLOW_CONNECTIONS false' -v name="$1"
    query "$PGDATABASE" "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = :'name'" -v name="$1" >"$work/ended"
    query "$PGDATABASE" 'ALTER DATABASE :"name" RENAME TO :"before"' -v name="$1" -v before="$before"
    query "$PGDATABASE" 'ALTER DATABASE :"name" ALLOW_CONNECTIONS true' -v name="$before"
    progress "$1: the previous database is now $before. Drop it when you no longer need it"
  fi
  query "$PGDATABASE" 'ALTER DATABASE :"restored" RENAME TO :"name"' -v restored="$2" -v name="$1"
}

restore_database() { # <database>
  local temporary=${into:-${1}_restoring}
  progress "$1: restoring"
  # Left behind by a run that was killed.
  if [[ -z $into ]]; then query "$PGDATABASE" 'DROP DATABASE IF EXISTS :"name" WITH (FORCE)' -v name="$temporary" 2>/dev/null; fi
  create_database "$1" "$temporary"
  decrypt "$1.dump" "$work/dump"
  pg_restore --exit-on-error --jobs "$jobs" -d "$temporary" "$work/dump" || fail "$1: pg_restore failed. Nothing was replaced."
  rm "$work/dump"
  require_same_rows "$1" "$temporary"
  query "$temporary" 'ANALYZE'
  progress "$1: restored $rows rows"
}

# Only after every database is complete, so that a backup with one bad dump replaces nothing.
put_in_place() {
  local database
  if [[ -z $into ]]; then
    for database in "${databases[@]}"; do swap_names "$database" "${database}_restoring"; done
  fi
  unfinished=()
}

# A server of its own costs the real one nothing, and proves that the backup needs nothing from it.
start_scratch_server() {
  initdb -D "$work/data" -U postgres --auth trust >"$work/initdb.log" || fail "Can't create a temporary server: $(tail -n 1 "$work/initdb.log")"
  local server_options="-c listen_addresses='' -c unix_socket_directories='$work' -c fsync=off -c wal_level=minimal"
  server_options+=' -c max_wal_senders=0 -c shared_buffers=32MB -c maintenance_work_mem=32MB'
  pg_ctl -D "$work/data" -s -w -l "$work/server.log" -o "$server_options" start ||
    fail "Can't start a temporary server: $(tail -n 1 "$work/server.log")"
  export PGHOST=$work PGPORT=5432 PGUSER=postgres PGDATABASE=postgres PGPASSWORD=''
}

restore() {
  local database work_parent started=$SECONDS
  require_identity
  umask 077
  work_parent=${BACKUP_DIRECTORY:-/backups}
  if [[ ! -w $work_parent ]]; then work_parent=${TMPDIR:-/tmp}; fi
  work=$(mktemp -d "$work_parent/.restore-XXXXXX")
  if [[ -z $check ]]; then connect_to_admin; fi
  find_backup
  require_intact
  if [[ -n $check ]]; then start_scratch_server; fi
  require_server
  require_known_version
  select_databases
  require_free_names
  restore_roles
  for database in "${databases[@]}"; do restore_database "$database"; done
  put_in_place
  if [[ -n $check ]]; then
    write_metric restore_check "$(date +%s)"
    progress "$backup restores completely: ${#databases[@]} databases in $((SECONDS - started)) s"
  elif [[ -z $into ]]; then
    progress "Restored $backup in $((SECONDS - started)) s. Now run migrate --provision, which sets the passwords and brings the schema up to date"
  fi
}

trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
restore
