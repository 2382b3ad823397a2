# One image for every service, and a target per service that only says what to start.
#   docker build --target gateway --tag groundwork-gateway .
ARG POSTGRES_IMAGE=postgres:17-alpine
FROM node:24-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json LICENSE ./
COPY apps apps
COPY libs libs
COPY scripts scripts
COPY tools tools
# The traced tree has what the services load, about a quarter of the production dependencies.
RUN node tools/suite/build.mjs --no-check && node dist/tools/image/trace.js /traced

FROM base AS runtime
ARG VERSION=development
LABEL org.opencontainers.image.title="Groundwork" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
# Load balancers need the drain delay to stop sending requests. The platform must wait longer than SHUTDOWN_TIMEOUT.
ENV NODE_ENV=production \
    VERSION=${VERSION} \
    HOST=0.0.0.0 \
    MANAGEMENT_HOST=0.0.0.0 \
    DRAIN_DELAY=5 \
    SHUTDOWN_TIMEOUT=20 \
    MALLOC_ARENA_MAX=1
# A fresh volume takes the owner of this folder.
RUN mkdir -p /var/lib/groundwork/objects && chown 1000:1000 /var/lib/groundwork/objects
COPY --from=build /traced .
USER 1000:1000
STOPSIGNAL SIGTERM
# Patient: a busy machine must not make every replica "unhealthy" at once, because Traefik would then drop all of them. Its
# own check, each second, takes out a replica that is not ready.
HEALTHCHECK --interval=10s --timeout=20s --start-period=60s --start-interval=1s --retries=6 \
    CMD ["node", "dist/scripts/healthcheck.js"]
EXPOSE 9464

FROM runtime AS billing
CMD ["node", "--max-semi-space-size=2", "--max-old-space-size-percentage=50", "--no-compilation-cache", "dist/apps/billing/src/main.js"]

FROM runtime AS notification
CMD ["node", "--max-semi-space-size=2", "--max-old-space-size-percentage=50", "--no-compilation-cache", "dist/apps/notification/src/main.js"]

FROM runtime AS auth
# For two cores: one thread for each password hash at once, one for everything else, and memory that stays for the next hash.
ENV UV_THREADPOOL_SIZE=3 \
    MALLOC_MMAP_THRESHOLD_=33554432 \
    MALLOC_TRIM_THRESHOLD_=62914560
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size-percentage=50", "--no-compilation-cache", "dist/apps/auth/src/main.js"]

FROM runtime AS gateway
EXPOSE 3000
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size-percentage=50", "--no-compilation-cache", "dist/apps/gateway/src/main.js"]

# Commands for operators: docker run groundwork-operator node dist/scripts/migrate.js --check
FROM runtime AS operator
HEALTHCHECK NONE
CMD ["node", "dist/scripts/migrate.js", "--help"]

# PostgreSQL with what backups need. A POSTGRES_IMAGE without apk takes age and rclone from Debian, where they need only libc.
FROM base AS debian-tools
RUN apt-get update \
    && apt-get install --yes --no-install-recommends age rclone \
    && rm -rf /var/lib/apt/lists/*

FROM ${POSTGRES_IMAGE} AS postgres
LABEL org.opencontainers.image.title="Groundwork PostgreSQL"
RUN --mount=from=debian-tools,source=/usr/bin,target=/debian-tools \
    if command -v apk; then apk add --no-cache age coreutils pgbackrest rclone; \
    else cp /debian-tools/age /debian-tools/rclone /usr/local/bin/; fi \
    && pgbackrest version && age --version && rclone version
# Fresh volumes take the owner of these folders.
RUN install -d -o postgres -g postgres -m 750 /backups /metrics /var/lib/pgbackrest /var/spool/pgbackrest
COPY scripts/backup-database.sh scripts/backup-schedule.sh scripts/restore-database.sh scripts/restore-point-in-time.sh \
    /opt/groundwork/
COPY scripts/lib/backup.sh /opt/groundwork/lib/
ENV PATH=/opt/groundwork:$PATH
