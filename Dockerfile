# The gateway for production, on a PostgreSQL that DATABASE_URL names. .ci/run tries all of it but Docker itself.
FROM node:26-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json prisma.config.ts ./
COPY prisma prisma
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM base AS dependencies
COPY package.json package-lock.json ./
COPY prisma/generate.js prisma/
# Prisma's CLI is an optional peer of its client, and would come with 250 MB that nothing here needs.
RUN npm ci --omit=dev --omit=optional

FROM base
ENV NODE_ENV=production HOST=0.0.0.0
COPY package.json ./
COPY prisma/migrations prisma/migrations
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 4000
HEALTHCHECK --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1))"]
# Without npm between, so that SIGTERM reaches the gateway; arguments of `docker run` are its commands.
ENTRYPOINT ["node", "dist/main.js"]
