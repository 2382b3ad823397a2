#!/bin/sh
# Replaces the running version of docker-compose.prod.yml one service at a time, so that no request fails.
set -eu

usage() {
  cat <<'TEXT'
scripts/deploy.sh <version> [--no-build]

Builds the images of this checkout as <version>, runs the migrations, and replaces billing, notification, auth, and gateway
in turn: it starts new replicas beside the old ones, waits until they are healthy, and stops the old ones. If a new replica
does not become healthy, the old version keeps running or comes back, and the script exits with 1.

  --no-build   Use images that are already on this server, such as those of an earlier version.

Examples
  git pull && scripts/deploy.sh "$(git rev-parse --short HEAD)"
  scripts/deploy.sh 1.4.2 --no-build     # go back to a version whose images are still here
TEXT
}

version='' build=yes
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --no-build) build=no; shift ;;
    -*) echo "Unknown option: $1. Try scripts/deploy.sh --help." >&2; exit 2 ;;
    *) version=$1; shift ;;
  esac
done
case $version in
  '' | *[!A-Za-z0-9._-]*) echo 'Name the version, such as 1.4.2. Try scripts/deploy.sh --help.' >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.prod.yml}"
# Seconds until the proxy has found a new replica and sent its first health check.
discovery_seconds=3
health_seconds=120

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

[ -s .env ] || fail 'There is no .env file. Run scripts/init-production.sh first.'
# Two deployments at once would stop each other's replicas.
exec 9> .deploy.lock
flock -n 9 || fail 'Another deployment is running. Wait until it has ended.'

replicas_of() { VERSION=$2 docker compose ps --quiet "$1"; }

running_version() {
  for id in $(VERSION=$version docker compose ps --quiet gateway); do
    docker inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' "$id"
    return
  done
}

remember() { # <version>
  grep -v '^VERSION=' .env > .env.new || true
  echo "VERSION=$1" >> .env.new
  mv .env.new .env
}

# Succeeds when all containers are healthy. Fails as soon as one has ended.
healthy() { # <container id>...
  waited=0
  while [ "$waited" -lt "$health_seconds" ]; do
    states=$(docker inspect --format '{{.State.Status}}/{{.RestartCount}}/{{.State.Health.Status}}' "$@") || return 1
    printf '%s\n' "$states" | grep -qv '^running/0/healthy$' || return 0
    printf '%s\n' "$states" | grep -qv '^running/0/' && return 1
    sleep 1
    waited=$((waited + 1))
  done
  return 1
}

# Starts as many new replicas as there are old ones, and stops the old ones when the new ones are healthy.
replace() { # <service> <version>
  old=$(replicas_of "$1" "$2")
  count=$(printf '%s\n' "$old" | grep -c . || true)
  [ "$count" -gt 0 ] || { old=''; count=1; }
  [ -n "$old" ] && wanted=$((count * 2)) || wanted=$count
  say "Starting $1 $2"
  VERSION=$2 docker compose up --detach --no-deps --no-recreate --scale "$1=$wanted" "$1" > .deploy.log 2>&1 ||
    { cat .deploy.log >&2; remove_new "$1" "$2" "$old"; return 1; }
  new=''
  for id in $(replicas_of "$1" "$2"); do
    printf '%s\n' "$old" | grep -q "^$id$" || new="$new $id"
  done
  # shellcheck disable=SC2086 # one argument per container
  if ! healthy $new || { [ "$1" = gateway ] && ! smoke_test $new; }; then
    for id in $new; do docker logs --tail 5 "$id" >&2 || true; done
    remove_new "$1" "$2" "$old"
    return 1
  fi
  sleep "$discovery_seconds"
  for id in $old; do
    docker stop "$id" > /dev/null
    docker rm "$id" > /dev/null
  done
}

remove_new() { # <service> <version> <old container ids>
  for id in $(VERSION=$2 docker compose ps --all --quiet "$1"); do
    printf '%s\n' "$3" | grep -q "^$id$" || docker rm --force "$id" > /dev/null
  done
}

# Asks the new gateways whether all services work together.
smoke_test() { # <container id>...
  for id in "$@"; do
    docker exec "$id" node -e "fetch('http://127.0.0.1:3000/api/v1/health', { signal: AbortSignal.timeout(10_000) })
      .then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))" || return 1
  done
}

before=$(running_version)
[ -n "$before" ] || fail 'Nothing is running yet. Start with: docker compose -f docker-compose.prod.yml up -d --build'

if [ "$build" = yes ]; then
  say "Building $version"
  VERSION=$version docker compose build --quiet
fi

say 'Running the migrations'
VERSION=$version docker compose run --rm --no-deps migrate ||
  fail "The migrations failed. Nothing was replaced: $before keeps running."

replaced=''
for service in billing notification auth gateway; do
  if ! replace "$service" "$version"; then
    say "$service $version does not work. Going back to $before"
    for undone in $replaced; do
      replace "$undone" "$before" || fail "$undone $before did not start either. Its $version replicas are still running."
    done
    fail "The deployment of $version failed. $before is running."
  fi
  replaced="$service $replaced"
done

remember "$version"
say "$version is running"
