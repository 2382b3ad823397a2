#!/bin/sh
# Writes .env and secrets/ for docker-compose.prod.yml with newly generated keys. Existing files stay as they are.
set -eu

usage() {
  cat <<'TEXT'
scripts/init-production.sh [--domain <domain>] [--email <address>] [--smtp-url <url>] [--mail-from <sender>]

Writes .env and the files in secrets/. Asks for what no option gives. Run it once on the server; a second run keeps what
is there and adds what is missing. Keep a copy of secrets/field_encryption_key elsewhere: without it, encrypted data in
backups is lost.

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
