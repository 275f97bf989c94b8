# One image, for every mode. Types are stripped and modules joined at the build; the sources lie beside.
#   docker build -t cluster-insight --build-arg VERSION=3.0.0 --build-arg REVISION=$(git rev-parse HEAD) \
#     --build-arg BUILD_DATE=$(date -u +%Y-%m-%dT%H:%M:%SZ) .
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
# A registry other than npm's own, such as a company's mirror.
ARG NPM_CONFIG_REGISTRY
# vendor/ is there after `npm run vendor`, for builds without any registry.
COPY package.json package-lock.json .npmrc vendo[r] ./
COPY ui ./ui
COPY install/build-ui.ts ./install/
# What speaks to Docker over SSH comes along with its client and is used by nobody: a class that refuses stands in its place.
# What makes the page is needed once more below; what goes is what only the command reads drawings with, which is not in the image. The image brings Node itself: the pinned one of the development packages is left out, and so are all install scripts.
RUN if [ ! -d node_modules ]; then \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      || { echo 'No packages: name a registry by --build-arg NPM_CONFIG_REGISTRY=URL, or run `npm run vendor` first.'; exit 1; }; \
  fi \
  && node install/build-ui.ts --if-needed \
  && rm -rf node_modules/lit-html node_modules/liquidjs/dist/*.browser.* \
  && rm -rf node_modules/graphology-dot node_modules/graphology-gexf node_modules/graphology-graphml node_modules/@xmldom node_modules/xml-writer \
  && rm -rf node_modules/ssh2 node_modules/cpu-features node_modules/buildcheck node_modules/nan node_modules/bcrypt-pbkdf node_modules/asn1 node_modules/safer-buffer \
  && mkdir node_modules/ssh2 \
  && echo "exports.Client = class { constructor() { throw new Error('this image has no SSH') } };" > node_modules/ssh2/index.js \
  && find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -exec rm -f {} +

# A start reads ninety files where it would read 750. Packages that were vendored on another system may have no esbuild for this one:
# the image runs the sources then.
FROM packages AS joined
COPY src ./src
COPY master ./master
COPY minion ./minion
COPY actor ./actor
COPY install/join.ts ./install/
RUN { node install/join.ts \
    || { echo 'Modules are not joined: a start takes longer.'; mkdir -p joined && echo "import '../src/main.ts';" > joined/main.js; }; } \
  && rm -rf node_modules/esbuild node_modules/@esbuild \
  && mkdir /program && mv joined src master minion actor /program

FROM ${NODE_IMAGE} AS runtime
# Package managers, headers and documents are not needed to run.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share /opt/yarn* \
  /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  /usr/share/doc /usr/share/man /var/lib/apt/lists /var/cache/apt /var/log/* /root/.npm /tmp/*

# Modes start from compiled code, which is kept by user. Of the two that the manifests know, root runs minions alone. Its settings end a
# minion at once, with exit status 2; with any other, Node itself does not start, and there is no image.
FROM runtime AS compiled
WORKDIR /app
ENV NODE_ENV=production
COPY --from=joined /app/node_modules ./node_modules
COPY --from=joined /program ./
COPY package.json ./
RUN mkdir -p -m 777 node_modules/.cache/compiled \
  && { node joined/main.js minion --runtime-socket none; test $? -eq 2; }
# Masters run as the other, who may not write in the image: what one loads late and in threads is kept, too.
COPY install/compile.ts ./install/
USER 65532:65532
RUN { node joined/main.js minion --runtime-socket none; test $? -eq 2; } \
  && node install/compile.ts

# From nothing: what was removed above is in no layer below. What changes most often comes last.
FROM scratch
WORKDIR /app

ARG VERSION=
ARG REVISION=
ARG BUILD_DATE=
# The flag, the settings of memory and the compiled code are those of src/anew.ts: a master need not start itself a second time.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  NODE_ENV=production \
  NODE_COMPILE_CACHE=/app/node_modules/.cache/compiled \
  MALLOC_ARENA_MAX=2 \
  MALLOC_MMAP_THRESHOLD_=270336 \
  CLUSTER_INSIGHT_LOG_FORMAT=json \
  CLUSTER_INSIGHT_VERSION=${VERSION} \
  CLUSTER_INSIGHT_REVISION=${REVISION} \
  CLUSTER_INSIGHT_BUILD_DATE=${BUILD_DATE}
LABEL org.opencontainers.image.title="Cluster Insight" \
  org.opencontainers.image.description="A Kubernetes cluster as a live, queryable, timestamped graph" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${BUILD_DATE}"

USER 65532:65532
EXPOSE 5555 4243
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "/app/src/http/healthcheck.ts"]
# The mode is the first argument or CLUSTER_INSIGHT_MODE; with neither it is the master, or the demo where no cluster is named.
# Lines of an error are those of the sources.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--enable-source-maps", "/app/joined/main.js"]

COPY --from=runtime / /
COPY --from=compiled /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY --from=joined /program ./
COPY --from=packages /app/ui/dist ./ui/dist
