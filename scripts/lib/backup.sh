# shellcheck shell=bash
# shellcheck disable=SC2034
# Shared by the backup and restore scripts. They source this file and use its variables.

fail() {
  echo "$*" >&2
  exit 1
}

usage_error() {
  echo "$1 Try $(basename "$0") --help." >&2
  exit 2
}

progress() { echo "$(date -u +%H:%M:%S) $*"; }

# Prints the setting <name>, or the content of the file that <name>_FILE names.
setting() {
  local file_variable="$1_FILE"
  local value=${!1:-} file=${!file_variable:-}
  if [[ -n $value && -n $file ]]; then fail "Set $1 or $file_variable, not both."; fi
  if [[ -n $file ]]; then
    [[ -r $file ]] || fail "$file_variable: can't read $file."
    value=$(<"$file")
    [[ -n $value ]] || fail "$file_variable: $file is empty."
  fi
  printf '%s' "$value"
}

decode_percent() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}

connect_to_admin() {
  local url
  url=$(setting DATABASE_ADMIN_URL)
  [[ -n $url ]] || fail 'DATABASE_ADMIN_URL is not set. Set it, or DATABASE_ADMIN_URL_FILE to the file that holds it.'
  connect_to "$url"
}

# Sets libpq's variables from a URL, so that the process list shows no password.
connect_to() {
  local url=$1
  local pattern='^postgres(ql)?://([^:@/]+)(:([^@/]*))?@(\[[^]]+\]|[^:/?]*)(:([0-9]+))?(/([^?]*))?(\?(.*))?$'
  [[ $url =~ $pattern ]] || fail 'DATABASE_ADMIN_URL is not a URL like postgres://postgres:password@db:5432/postgres.'
  PGUSER=$(decode_percent "${BASH_REMATCH[2]}")
  PGPASSWORD=$(decode_percent "${BASH_REMATCH[4]}")
  PGHOST=$(decode_percent "${BASH_REMATCH[5]//[\[\]]/}")
  PGPORT=${BASH_REMATCH[7]:-5432}
  PGDATABASE=${BASH_REMATCH[9]:-postgres}
  export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE PGCONNECT_TIMEOUT=10 PGAPPNAME=backup
  connect_parameters "${BASH_REMATCH[11]}"
}

connect_parameters() {
  local parameter
  local -a parameters
  IFS='&' read -r -a parameters <<<"$1"
  for parameter in "${parameters[@]}"; do
    case $parameter in
      host=*) PGHOST=$(decode_percent "${parameter#*=}") ;;
      sslmode=*) export PGSSLMODE=${parameter#*=} ;;
      sslrootcert=*) PGSSLROOTCERT=$(decode_percent "${parameter#*=}") && export PGSSLROOTCERT ;;
      *) fail "DATABASE_ADMIN_URL: the parameter ${parameter%%=*} is not supported. Use sslmode and sslrootcert only." ;;
    esac
  done
}

# Runs SQL on the database <name> and prints unaligned rows, with tabs between the columns.
query() { # <database> <sql> [psql options]
  local database=$1 sql=$2
  shift 2
  psql -XqAt -F $'\t' -v ON_ERROR_STOP=1 -d "$database" "$@" <<<"$sql"
}

require_server() {
  server_version=$(query "$PGDATABASE" 'SHOW server_version_num') ||
    fail "Can't connect to PostgreSQL at $PGHOST:$PGPORT as $PGUSER. The line above says why."
}

major() { echo $(($1 / 10000)); }

# An older pg_dump can't read a newer server, and an older pg_restore can't read its dumps.
require_client_for() { # <server version number>
  local client
  client=$(pg_dump --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
  if ((client < $(major "$1"))); then
    fail "pg_dump $client is too old for PostgreSQL $(major "$1"). Use an image with PostgreSQL $(major "$1")."
  fi
}

# Fills age_options with whom to encrypt to: the key in BACKUP_IDENTITY_FILE, and BACKUP_RECIPIENTS_FILE's public keys.
encryption_options() {
  age_options=()
  local file
  if [[ -s ${BACKUP_IDENTITY_FILE:-} ]]; then age_options+=(--identity "$BACKUP_IDENTITY_FILE"); fi
  file=${BACKUP_RECIPIENTS_FILE:-}
  if [[ -n $file ]]; then
    [[ -r $file ]] || fail "BACKUP_RECIPIENTS_FILE: can't read $file."
    if grep -qE '^[^#[:space:]]' "$file"; then age_options+=(--recipients-file "$file"); fi
  fi
  if ((${#age_options[@]} == 0)); then
    fail 'A backup must be encrypted. Set BACKUP_IDENTITY_FILE to an age key, or BACKUP_RECIPIENTS_FILE to public age keys.'
  fi
}

require_identity() {
  [[ -r ${BACKUP_IDENTITY_FILE:-} && -s ${BACKUP_IDENTITY_FILE:-} ]] ||
    fail 'Set BACKUP_IDENTITY_FILE to the file with the age key that decrypts the backup.'
}

# The names of complete backups in a folder, oldest first.
backups_in() {
  local path
  for path in "$1"/*; do
    if [[ ${path##*/} =~ ^[0-9]{8}T[0-9]{6}Z$ && -s $path/SHA256SUMS ]]; then echo "${path##*/}"; fi
  done
}

# Sets day_number to the days from 1970-01-01 to a date that is written as YYYYMMDD.
count_days() {
  local year=$((10#${1:0:4})) month=$((10#${1:4:2})) day=$((10#${1:6:2}))
  # Counting from March puts the leap day at the end of the year.
  if ((month > 2)); then month=$((month - 3)); else month=$((month + 9)) year=$((year - 1)); fi
  local era=$((year / 400)) year_of_era=$((year % 400))
  local day_of_year=$(((153 * month + 2) / 5 + day - 1))
  day_number=$((era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468))
}

# Reads names of backups and prints those that retention lets go: it keeps the newest of each of the last 7 days, 5 weeks, and
# 12 months that have a backup.
expired_backups() {
  local name day week month keep last_day='' last_week='' last_month='' days=0 weeks=0 months=0
  while read -r name; do
    [[ -n $name ]] || continue
    day=${name:0:8} month=${name:0:6} keep=''
    # Weeks start on Monday; day 0 was a Thursday.
    count_days "$day"
    week=$(((day_number + 3) / 7))
    if [[ $day != "$last_day" ]] && ((days < 7)); then days=$((days + 1)) keep=1; fi
    if [[ $week != "$last_week" ]] && ((weeks < 5)); then weeks=$((weeks + 1)) keep=1; fi
    if [[ $month != "$last_month" ]] && ((months < 12)); then months=$((months + 1)) keep=1; fi
    last_day=$day last_week=$week last_month=$month
    if [[ -z $keep ]]; then echo "$name"; fi
  done < <(sort -r)
}

# Prometheus' node exporter reads the file in its textfile folder.
write_metric() { # <kind> <epoch seconds>
  local folder=${BACKUP_METRICS_DIRECTORY:-}
  if [[ -z $folder ]]; then return; fi
  mkdir -p "$folder"
  cat >"$folder/backup_$1.prom.new" <<METRIC
# HELP backup_last_success_timestamp_seconds When the newest good backup or restore check ended.
# TYPE backup_last_success_timestamp_seconds gauge
backup_last_success_timestamp_seconds{kind="$1"} $2
METRIC
  mv "$folder/backup_$1.prom.new" "$folder/backup_$1.prom"
}

# SQL that counts the rows of every table. query_to_xml runs the count inside this one statement.
count_rows="
  SELECT n.nspname || '.' || c.relname,
    (xpath('/row/count/text()', query_to_xml(format('SELECT count(*) FROM %I.%I', n.nspname, c.relname), false, true, '')))[1]
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY 1"
