#!/usr/bin/env bash
# Writes an encrypted backup of every database of a PostgreSQL server. docs/backup-and-restore.md leads through it.
set -euo pipefail
# shellcheck source=scripts/lib/backup.sh
. "$(dirname "$(readlink -f "$0")")/lib/backup.sh"

usage() {
  cat <<'TEXT'
backup-database.sh [--directory <folder>] [--remote <rclone path>] [--accept-smaller]
backup-database.sh --list | --expired

Writes an encrypted backup of every database, with the roles but without passwords, to a new subfolder. Removes old backups
only after the new one has passed every check: it keeps 7 daily, 5 weekly, and 12 monthly ones.

  --directory <folder>   where backups go. By default BACKUP_DIRECTORY, or /backups
  --remote <path>        also copies the backup there, such as offsite:bucket/groundwork. By default BACKUP_REMOTE.
                         RCLONE_CONFIG names the file that describes the remote
  --accept-smaller       accepts a backup that has less than half the size of the previous one
  --list                 prints the names of the complete backups, oldest first
  --expired              prints which backups the next run will remove

  DATABASE_ADMIN_URL         a role that can read all databases, such as postgres://postgres:…@db:5432/postgres
  BACKUP_IDENTITY_FILE       an age key. The backup is encrypted so that this key decrypts it
  BACKUP_RECIPIENTS_FILE     public age keys, one on each line, that can decrypt it too
  BACKUP_METRICS_DIRECTORY   gets backup_logical.prom for the textfile collector of Prometheus' node exporter

DATABASE_ADMIN_URL can come from a file: DATABASE_ADMIN_URL_FILE=/run/secrets/database_admin_url.

Exit codes: 0 if the backup is good, 1 if it is not, 2 if the arguments are not valid.

Examples
  docker compose -f docker-compose.prod.yml exec backup backup-database.sh
  docker compose -f docker-compose.prod.yml exec backup backup-database.sh --list
  DATABASE_ADMIN_URL=postgres://… BACKUP_RECIPIENTS_FILE=keys.txt scripts/backup-database.sh --directory /mnt/backups
TEXT
}

directory=${BACKUP_DIRECTORY:-/backups} remote=${BACKUP_REMOTE:-} accept_smaller='' action=backup
while (($# > 0)); do
  case $1 in
    --directory | --remote)
      (($# > 1)) || usage_error "$1 needs a value."
      if [[ $1 == --directory ]]; then directory=$2; else remote=$2; fi
      shift 2
      ;;
    --accept-smaller) accept_smaller=1 && shift ;;
    --list | --expired) action=${1#--} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage_error "Unknown option: $1." ;;
  esac
done

finish() {
  local code=$?
  # The work folder holds unencrypted dumps until they are checked.
  if [[ -n ${partial:-} ]]; then rm -rf "$partial"; fi
  if ((code != 0)) && [[ -n ${partial:-} ]]; then
    echo 'The backup failed. Earlier backups are unchanged.' >&2
  fi
}

# Holds a transaction open, so that the dump and the row counts see the same moment.
open_snapshot() { # <database>
  coproc SNAPSHOT { psql -XqAt -F $'\t' -v ON_ERROR_STOP=1 -d "$1" 2>&1; }
  exec {to_snapshot}>&"${SNAPSHOT[1]}" {from_snapshot}<&"${SNAPSHOT[0]}"
  ask_snapshot 'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()' snapshot
  snapshot=$(<"$partial/snapshot")
}

ask_snapshot() { # <sql> <name of the file in the work folder that gets the rows>
  local line
  : >"$partial/$2"
  printf '%s;\n\\echo end of rows\n' "$1" >&"$to_snapshot" || true
  while IFS= read -r -u "$from_snapshot" line; do
    if [[ $line == 'end of rows' ]]; then return; fi
    printf '%s\n' "$line" >>"$partial/$2"
  done
  fail "PostgreSQL ended the transaction that reads the tables. $(tail -n 1 "$partial/$2")"
}

close_snapshot() {
  printf '\\q\n' >&"$to_snapshot" || true
  exec {to_snapshot}>&- {from_snapshot}<&-
  wait "${SNAPSHOT_PID:-}" 2>/dev/null || true
}

require_every_table() { # <database> <dump>
  local missing
  pg_restore --list "$2" >"$partial/contents" || fail "$1: pg_restore can't read the new dump."
  awk '$4 == "TABLE" && $5 != "DATA" && $5 != "ATTACH" { print $5 "." $6 }' "$partial/contents" | sort >"$partial/dumped"
  missing=$(cut -f 1 "$partial/rows" | sort | comm -23 - "$partial/dumped")
  [[ -z $missing ]] || fail "$1: the dump lacks these tables: ${missing//$'\n'/, }."
}

dump_database() { # <database>
  local database=$1 dump=$partial/$1.dump
  progress "$database: dumping"
  open_snapshot "$database"
  pg_dump -Fc -Z zstd:3 --snapshot="$snapshot" -d "$database" -f "$dump" || fail "$database: pg_dump failed."
  ask_snapshot "$count_rows" rows
  close_snapshot
  require_every_table "$database" "$dump"
  encrypt "$dump"
  sed "s/^/rows\t$database\t/" "$partial/rows" >>"$partial/manifest.tsv"
}

encrypt() { # <file>; replaces it by <file>.age
  age --encrypt "${age_options[@]}" -o "$1.age" "$1" || fail "$(basename "$1"): encryption failed."
  rm "$1"
}

# How to create each database again. Passwords and tablespaces are left out.
describe_databases() {
  query "$PGDATABASE" "
    SELECT 'database', datname, pg_get_userbyid(datdba), format(
      'TEMPLATE template0 ENCODING %L LOCALE_PROVIDER %s LC_COLLATE %L LC_CTYPE %L%s',
      pg_encoding_to_char(encoding), CASE datlocprovider WHEN 'b' THEN 'builtin' WHEN 'i' THEN 'icu' ELSE 'libc' END,
      datcollate, datctype,
      CASE datlocprovider WHEN 'b' THEN format(' BUILTIN_LOCALE %L', datlocale)
        WHEN 'i' THEN format(' ICU_LOCALE %L', datlocale) ELSE '' END)
    FROM pg_database WHERE datname = ANY (string_to_array(:'names', ' '))" -v names="${databases[*]}"
  query "$PGDATABASE" "
    SELECT 'grant', datname, privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    WHERE datname = ANY (string_to_array(:'names', ' '))" -v names="${databases[*]}"
}

size_of() { du -sk --apparent-size "$1" | cut -f 1; }

require_plausible_size() {
  local previous size previous_size
  previous=$(backups_in "$directory" | tail -n 1)
  if [[ -z $previous || -n $accept_smaller ]]; then return; fi
  size=$(size_of "$partial") previous_size=$(size_of "$directory/$previous")
  if ((size * 2 < previous_size)); then
    fail "The backup has $size KiB, less than half of $previous with $previous_size KiB. Was data lost? If the size is right, add --accept-smaller."
  fi
}

# After this, the folder survives a power cut under its final name.
publish() {
  (cd "$partial" && sha256sum -- *.age manifest.tsv >SHA256SUMS)
  sync "$partial"/* "$partial"
  mv "$partial" "$directory/$name"
  partial=''
  sync "$directory"
}

copy_to_remote() {
  if [[ -z $remote ]]; then return; fi
  progress "Copying to $remote/$name"
  # A folder without SHA256SUMS is not complete, so that file goes last.
  if ! { rclone copy "$directory/$name" "$remote/$name" --exclude SHA256SUMS &&
    rclone copy "$directory/$name" "$remote/$name" --include SHA256SUMS &&
    rclone check "$directory/$name" "$remote/$name" --download; }; then
    fail "The backup in $directory/$name is good, but it could not be copied to $remote. Older backups were kept."
  fi
}

remove_expired() {
  local old
  for old in $(backups_in "$directory" | expired_backups); do
    rm -rf "${directory:?}/$old"
    progress "Removed $old"
  done
  if [[ -z $remote ]]; then return; fi
  for old in $(rclone lsf "$remote" --dirs-only | grep -E '^[0-9]{8}T[0-9]{6}Z/$' | tr -d / | expired_backups); do
    rclone purge "$remote/$old"
    progress "Removed $remote/$old"
  done
}

back_up() {
  local database started=$SECONDS
  encryption_options
  connect_to_admin
  mkdir -p "$directory" || fail "Can't create $directory."
  [[ -w $directory ]] || fail "Can't write to $directory."
  exec 9>"$directory/.lock"
  flock -n 9 || fail "Another backup is writing to $directory."
  require_server
  require_client_for "$server_version"
  umask 077
  # Left behind by runs that were killed; the lock says that nobody uses them.
  rm -rf "$directory"/.partial-*
  name=$(date -u +%Y%m%dT%H%M%SZ) partial=$directory/.partial-$$
  mkdir "$partial"
  mapfile -t databases < <(query "$PGDATABASE" "SELECT datname FROM pg_database
    WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' AND datname !~ '_restoring$|_before_[0-9]{14}$' ORDER BY 1")
  ((${#databases[@]} > 0)) || fail 'The server has no database to back up.'
  printf 'created\t%s\nserver\t%s\n' "$name" "$server_version" >"$partial/manifest.tsv"
  describe_databases >>"$partial/manifest.tsv"
  for database in "${databases[@]}"; do dump_database "$database"; done
  pg_dumpall --globals-only --no-role-passwords -f "$partial/globals.sql" || fail 'pg_dumpall could not read the roles.'
  encrypt "$partial/globals.sql"
  rm -f "$partial"/{rows,contents,dumped,snapshot}
  require_plausible_size
  publish
  copy_to_remote
  remove_expired
  write_metric logical "$(date +%s)"
  progress "Backed up ${#databases[@]} databases to $directory/$name, $(size_of "$directory/$name") KiB, in $((SECONDS - started)) s"
}

case $action in
  list) backups_in "$directory" ;;
  expired) backups_in "$directory" | expired_backups ;;
  backup)
    trap finish EXIT
    # A psql that has ended must not end this script without its message.
    trap : PIPE
    trap 'exit 143' TERM
    trap 'exit 130' INT
    back_up
    ;;
esac
