#!/bin/sh
# Writes .env and secrets/ for docker-compose.prod.yml with newly generated keys. Existing files stay as they are.
set -eu

usage() {
  cat <<'TEXT'
scripts/init-production.sh [--domain <domain>] [--email <address>] [--smtp-url <url>] [--mail-from <sender>]

Writes .env and the files in secrets/. Asks for what no option gives. Run it once on the server; a second run keeps what
is there and adds what is missing. Keep copies of secrets/field_encryption_key, secrets/backup_identity, and
secrets/pgbackrest_conf elsewhere: without them, backups can't be read.

Examples
  scripts/init-production.sh
  scripts/init-production.sh --domain app.acme.test --email ops@acme.test \
    --smtp-url smtps://user:password@smtp.acme.test --mail-from 'Acme <no-reply@acme.test>'
TEXT
}

domain='' email='' smtp_url='' mail_from=''
while [ $# -gt 0 ]; do
  case $1 in
    --domain) domain=$2; shift 2 ;;
    --email) email=$2; shift 2 ;;
    --smtp-url) smtp_url=$2; shift 2 ;;
    --mail-from) mail_from=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "Unknown option: $1. Try scripts/init-production.sh --help." >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
umask 077

ask() { # <value or ''> <question>
  if [ -n "$1" ]; then printf '%s' "$1"; return; fi
  printf '%s: ' "$2" >&2
  read -r answer
  if [ -z "$answer" ]; then echo "An answer is needed. Run the script again." >&2; exit 1; fi
  printf '%s' "$answer"
}

# Hexadecimal, so that it needs no escaping in a URL.
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
fernet_key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

# An age key (https://age-encryption.org/v1): 32 random bytes in Bech32 (BIP 173).
age_key() {
  prefix=age-secret-key- digits='qpzry9x8gf2tvdw0s3jn54khce6mua7l'
  values='' bits=0 count=0
  for byte in $(od -An -N32 -v -tu1 /dev/urandom) 0; do
    bits=$(((bits << 8) | byte)) count=$((count + 8))
    while [ $count -ge 5 ]; do count=$((count - 5)) values="$values $(((bits >> count) & 31))"; done
    bits=$((bits & ((1 << count) - 1)))
  done
  # 256 bits are 51 groups of five, and one bit of the 52nd group.
  values=$(printf '%s' "$values" | cut -d ' ' -f 2-53)
  high='' low=''
  for code in $(printf %s "$prefix" | od -An -v -tu1); do high="$high $((code >> 5))" low="$low $((code & 31))"; done
  check=1
  for value in $high 0 $low $values 0 0 0 0 0 0; do
    top=$((check >> 25)) check=$((((check & 33554431) << 5) ^ value))
    if [ $((top & 1)) -ne 0 ]; then check=$((check ^ 996825010)); fi
    if [ $((top & 2)) -ne 0 ]; then check=$((check ^ 642813549)); fi
    if [ $((top & 4)) -ne 0 ]; then check=$((check ^ 513874426)); fi
    if [ $((top & 8)) -ne 0 ]; then check=$((check ^ 1027748829)); fi
    if [ $((top & 16)) -ne 0 ]; then check=$((check ^ 705979059)); fi
  done
  check=$((check ^ 1))
  for shift in 25 20 15 10 5 0; do values="$values $(((check >> shift) & 31))"; done
  key=${prefix}1
  for value in $values; do key="$key$(printf %s "$digits" | cut -c $((value + 1)))"; done
  printf '%s' "$key" | tr '[:lower:]' '[:upper:]'
}

write() { # <name> <content>
  if [ -s "secrets/$1" ]; then return; fi
  printf '%s\n' "$2" > "secrets/$1.new"
  # The containers run as another user than the one who deploys, and nobody else can enter the folder.
  chmod 444 "secrets/$1.new"
  mv "secrets/$1.new" "secrets/$1"
  echo "Wrote secrets/$1"
}

mkdir -p secrets
chmod 700 secrets

if [ ! -s .env ]; then
  domain=$(ask "$domain" 'Domain, such as app.acme.test')
  email=$(ask "$email" 'Email address for the TLS certificate')
  mail_from=$(ask "$mail_from" "Sender of emails, such as Acme <no-reply@$domain>")
  {
    echo "DOMAIN=$domain"
    echo "ACME_EMAIL=$email"
    echo "MAIL_FROM='$mail_from'"
  } > .env.new
  mv .env.new .env
  echo 'Wrote .env'
fi

if [ ! -s secrets/smtp_url ]; then
  write smtp_url "$(ask "$smtp_url" 'SMTP URL, such as smtps://user:password@smtp.acme.test')"
fi

write csrf_secret "$(random)"
write field_encryption_key "$(fernet_key)"
write postgres_password "$(random)"
write database_admin_url "postgres://postgres:$(cat secrets/postgres_password)@postgres:5432/postgres"
for service in gateway auth billing notification; do
  write "database_password_${service}" "$(random)"
  write "database_password_${service}_owner" "$(random)"
  write "database_url_${service}" \
    "postgres://groundwork_${service}:$(cat "secrets/database_password_${service}")@postgres:5432/groundwork_${service}"
done

# Who has this key can read the dumps. secrets/backup_recipients can name further public keys.
write backup_identity "$(age_key)"
write backup_recipients '# Public age keys that can decrypt the dumps too, one on each line.'
write rclone_conf '# The remote that BACKUP_REMOTE in .env names. See docs/backup-and-restore.md.'
write pgbackrest_conf "[global]
repo1-path=/var/lib/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=$(random)
repo1-bundle=y
repo1-retention-full=4
compress-type=zst
start-fast=y
archive-async=y
spool-path=/var/spool/pgbackrest
# If the repository can't be reached until this much WAL waits, WAL is dropped, so that the disk doesn't fill.
archive-push-queue-max=1GiB
process-max=2
log-level-file=off
log-level-console=warn
[main]
pg1-path=/var/lib/postgresql/data
pg1-socket-path=/var/run/postgresql
pg1-user=postgres"

if [ ! -s secrets/redis_conf ]; then
  redis_password=$(random)
  write redis_url "redis://:${redis_password}@redis:6379"
  write redis_conf "requirepass ${redis_password}
maxmemory 96mb
maxmemory-policy noeviction
appendonly yes
dir /data"
fi

echo 'Ready. Start with: docker compose -f docker-compose.prod.yml up -d --build'
