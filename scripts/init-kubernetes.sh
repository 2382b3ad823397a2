#!/usr/bin/env bash
# Prints the Secrets that k8s/ needs, with newly generated keys and passwords.
set -euo pipefail

usage() {
  cat <<'TEXT'
scripts/init-kubernetes.sh [--namespace <name>] [--development] | kubectl create -f -

Prints the Secrets that the services read, with newly generated keys and passwords. kubectl create refuses to replace a
Secret that exists. Keep a copy of the Secret field-encryption elsewhere: without it, encrypted data in backups is lost.

  --namespace <name>   where the Secrets go; groundwork by default, and groundwork-development with --development
  --development        for k8s/overlays/development: asks nothing

It asks for each of these that is not set as a variable:
  SMTP_URL                       such as smtps://user:password@smtp.acme.test
  DATABASE_ADMIN_URL             a role that can create databases and roles, such as
                                 postgres://admin:password@db.acme.test:5432/postgres?sslmode=require
                                 Leave it empty to use the component cloudnative-pg
  REDIS_URL                      such as rediss://:password@redis.acme.test:6379
                                 Leave it empty to use the component redis-sentinel
  S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY

Examples
  scripts/init-kubernetes.sh | kubectl create -f -
  scripts/init-kubernetes.sh --namespace groundwork-staging | kubectl create -f -
  scripts/init-kubernetes.sh --development | kubectl create -f -
TEXT
}

namespace='' development=''
while (($# > 0)); do
  case $1 in
    --namespace) namespace=${2:?--namespace needs a name. Try scripts/init-kubernetes.sh --help.} && shift 2 ;;
    --development) development=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    *) echo "Unknown option: $1. Try scripts/init-kubernetes.sh --help." >&2 && exit 2 ;;
  esac
done
if [[ -t 1 ]]; then
  echo 'The output holds secrets. Pipe it: scripts/init-kubernetes.sh | kubectl create -f -' >&2
  exit 2
fi

ask() { # <variable> <question>
  if [[ -n ${!1+set} ]]; then return; fi
  printf '%s: ' "$2" >&2
  IFS= read -r "${1?}" || { echo "$1 is not set, and there is nobody to ask. Set it as a variable." >&2 && exit 2; }
}

required() { # <variable>
  if [[ -z ${!1} ]]; then echo "$1 is needed. Run the script again." >&2 && exit 2; fi
}

# Hexadecimal, so that it needs no escaping in a URL.
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
fernet_key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

secret() { # <name> <type> [<key> <value>]…
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: { name: %s, namespace: %s }\ntype: %s\ndata:\n' "$1" "$namespace" "$2"
  shift 2
  while (($# > 0)); do
    printf '  %s: %s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '\n')"
    shift 2
  done
}

if [[ -n $development ]]; then
  namespace=${namespace:-groundwork-development}
  SMTP_URL=smtp://mailpit:1025 DATABASE_ADMIN_URL='' REDIS_URL='' S3_ACCESS_KEY_ID='' S3_SECRET_ACCESS_KEY=''
else
  namespace=${namespace:-groundwork}
  ask SMTP_URL 'SMTP URL, such as smtps://user:password@smtp.acme.test'
  required SMTP_URL
  ask DATABASE_ADMIN_URL 'URL of the PostgreSQL administrator (empty: cloudnative-pg)'
  ask REDIS_URL 'URL of Redis (empty: redis-sentinel)'
  ask S3_ACCESS_KEY_ID 'Access key ID for S3'
  ask S3_SECRET_ACCESS_KEY 'Secret access key for S3'
  required S3_ACCESS_KEY_ID
  required S3_SECRET_ACCESS_KEY
fi

if [[ -z $DATABASE_ADMIN_URL ]]; then
  superuser_password=$(random)
  DATABASE_ADMIN_URL="postgres://postgres:$superuser_password@postgres-rw:5432/postgres"
  secret postgres-superuser kubernetes.io/basic-auth username postgres password "$superuser_password"
fi
if [[ ! $DATABASE_ADMIN_URL =~ ^postgres(ql)?://[^@/]+@([^/?@]+)(/[^?]*)?(\?.*)?$ ]]; then
  echo 'DATABASE_ADMIN_URL must look like postgres://admin:password@db.acme.test:5432/postgres.' >&2
  exit 2
fi
database_host=${BASH_REMATCH[2]} database_query=${BASH_REMATCH[4]}

if [[ -z $REDIS_URL ]]; then
  redis_password=$(random)
  secret redis-server Opaque password "$redis_password"
  if [[ -n $development ]]; then
    REDIS_URL="redis://:$redis_password@redis:6379"
  else
    REDIS_URL="redis+sentinel://:$redis_password@redis-0.redis:26379,redis-1.redis:26379,redis-2.redis:26379/main?sentinelPassword=$redis_password"
  fi
fi

secret redis-client Opaque redis_url "$REDIS_URL"
secret field-encryption Opaque field_encryption_key "$(fernet_key)"
if [[ -n $S3_ACCESS_KEY_ID ]]; then
  secret object-store Opaque s3_access_key_id "$S3_ACCESS_KEY_ID" s3_secret_access_key "$S3_SECRET_ACCESS_KEY"
fi

migrate=(database_admin_url "$DATABASE_ADMIN_URL")
for service in gateway auth billing notification; do
  password=$(random)
  migrate+=("database_password_$service" "$password" "database_password_${service}_owner" "$(random)")
  own=(database_url "postgres://groundwork_$service:$password@$database_host/groundwork_$service$database_query")
  case $service in
    gateway) own+=(csrf_secret "$(random)") ;;
    notification) own+=(smtp_url "$SMTP_URL") ;;
  esac
  secret "$service" Opaque "${own[@]}"
done
secret migrate Opaque "${migrate[@]}"
