#!/bin/sh
# Replaces the keys of docker-compose.prod.yml while the services run.
set -eu

usage() {
  cat <<'TEXT'
scripts/rotate-keys.sh <key> [--finish]

  signing            Makes a new key that signs access tokens. Nobody is signed out.
  field-encryption   Makes a new FIELD_ENCRYPTION_KEY, restarts the services one replica at a time so that all can read it,
                     restarts them again so that all use it, and re-encrypts every field. If it stops, run it again: it
                     continues where it was.
  --finish           Removes the old FIELD_ENCRYPTION_KEY from the services. Run it when no queued job needs the old key,
                     such as a day later. The old key is kept in secrets/retired_field_encryption_keys, because backups
                     from before need it. Copy that file to where you keep copies of the other keys.

If a key was stolen, see docs/runbooks/disaster-recovery.md.

Examples
  scripts/rotate-keys.sh signing
  scripts/rotate-keys.sh field-encryption
  scripts/rotate-keys.sh field-encryption --finish
TEXT
}

key='' finish=no
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --finish) finish=yes; shift ;;
    signing | field-encryption) key=$1; shift ;;
    *) echo "Unknown argument: $1. Try scripts/rotate-keys.sh --help." >&2; exit 2 ;;
  esac
done
if [ -z "$key" ]; then echo 'Name the key: signing or field-encryption. Try scripts/rotate-keys.sh --help.' >&2; exit 2; fi
if [ "$finish" = yes ] && [ "$key" = signing ]; then echo 'Signing keys need no --finish.' >&2; exit 2; fi

cd "$(dirname "$0")/.."
export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.prod.yml}"
umask 077
current=secrets/field_encryption_key
# The step that was reached and the keys that belong to it, while a rotation is under way.
progress=secrets/field_encryption_key.progress

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

if [ ! -s .env ] || [ ! -s "$current" ]; then fail 'There is no .env file or no key. Run scripts/init-production.sh first.'; fi
version=$(sed -n 's/^VERSION=//p' .env)
export VERSION="${VERSION:-${version:-latest}}"

# Without the label, the proxy would send requests to it.
operator() { # <service> <command>...
  docker compose run --rm --no-deps -T --label traefik.enable=false "$@"
}

# The progress is written first, so that a run after a crash stores the same keys again.
reach() { # <step> <keys>
  printf '%s %s\n' "$1" "$2" > "$progress.new"
  mv -f "$progress.new" "$progress"
  step=$1 keys=$2
  printf '%s\n' "$keys" > "$current.new"
  # The containers run as another user than the one who deploys, and nobody else can enter the folder.
  chmod 444 "$current.new"
  mv -f "$current.new" "$current"
}

# New containers read the new file.
restart_all() { scripts/deploy.sh "$VERSION" --no-build; }

reencrypt_all() {
  for service in gateway auth notification; do
    operator "$service" node dist/scripts/reencrypt.js "$service" ||
      fail 'Not every field could be re-encrypted. Remove no key, and run this script again.'
  done
}

if [ "$key" = signing ]; then
  operator auth node dist/scripts/signing-keys.js rotate
  exit 0
fi

# Two rotations at once would each make a key, and replicas of the one could not read what those of the other write.
exec 8> .rotate.lock
flock -n 8 || fail 'Another rotation is running. Wait until it has ended.'

step=none keys=$(cat "$current")
if [ -s "$progress" ]; then
  read -r step keys < "$progress"
  reach "$step" "$keys"
fi

if [ "$finish" = yes ]; then
  case $step in
    encrypted)
      reencrypt_all
      printf '%s %s\n' "$(date -u +%FT%TZ)" "${keys#*,}" >> secrets/retired_field_encryption_keys
      reach removed "${keys%%,*}"
      ;;
    removed) ;;
    *) fail 'No new key is in use yet. Run scripts/rotate-keys.sh field-encryption first.' ;;
  esac
  say 'Removing the old key from the services'
  restart_all
  rm -f "$progress"
  say 'The old key is only in secrets/retired_field_encryption_keys now. Copy it elsewhere: backups need it.'
  exit 0
fi

case $step,$keys in
  none,*,*) fail "$current holds several keys already. See npm run reencrypt -- --help." ;;
  removed,*) fail 'The last rotation is not finished. Run scripts/rotate-keys.sh field-encryption --finish.' ;;
  none,*)
    say 'Adding a new key'
    reach added "$keys,$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n')"
    ;;
esac
if [ "$step" = added ]; then
  say 'Restarting the services, so that all can read the new key'
  restart_all
  reach first "${keys#*,},${keys%%,*}"
fi
if [ "$step" = first ]; then
  say 'Restarting the services, so that all use the new key'
  restart_all
  say 'Re-encrypting every field'
  reencrypt_all
  reach encrypted "$keys"
fi
say 'All fields use the new key. Copy secrets/field_encryption_key to where you keep copies of the keys.'
say 'A day later, run: scripts/rotate-keys.sh field-encryption --finish'
