CREATE TABLE "shops" (
  "id" SERIAL PRIMARY KEY,
  "domain" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "closed_at" TIMESTAMPTZ(3)
);
CREATE UNIQUE INDEX "shops_domain_key" ON "shops" ("domain");

CREATE TABLE "api_keys" (
  "id" SERIAL PRIMARY KEY,
  "shop_id" INTEGER NOT NULL REFERENCES "shops" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  "name" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "prefix" TEXT NOT NULL,
  "scopes" TEXT[] NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3),
  "last_used_at" TIMESTAMPTZ(3)
);
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys" ("hash");
CREATE INDEX "api_keys_shop_id_idx" ON "api_keys" ("shop_id");

CREATE TABLE "users" (
  "id" SERIAL PRIMARY KEY,
  "shop_id" INTEGER NOT NULL REFERENCES "shops" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  "email" TEXT NOT NULL,
  "first_name" TEXT,
  "last_name" TEXT
);
CREATE UNIQUE INDEX "users_shop_id_id_key" ON "users" ("shop_id", "id");

CREATE TABLE "customers" (
  "id" SERIAL PRIMARY KEY,
  "shop_id" INTEGER NOT NULL REFERENCES "shops" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  "email" TEXT,
  "phone_number" TEXT,
  "first_name" TEXT,
  "last_name" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "customers_shop_id_id_key" ON "customers" ("shop_id", "id");

-- A ticket id is 41 bits of milliseconds since 2020-01-01 and 22 bits of a sequence that starts again at
-- 4,194,304. Ids sort by creation, exceed 2^53, tell nothing of how many tickets a shop has, and last until
-- 2089. Two ids are equal only if four million are made within one millisecond.
CREATE SEQUENCE "ticket_id_sequence" MINVALUE 0 MAXVALUE 4194303 START 0 CYCLE;

CREATE FUNCTION "next_ticket_id"() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::BIGINT - 1577836800000) << 22
    | nextval('ticket_id_sequence')
$$;

-- The composite references keep a ticket inside its shop, whatever the code does.
CREATE TABLE "tickets" (
  "id" BIGINT PRIMARY KEY DEFAULT next_ticket_id(),
  "shop_id" INTEGER NOT NULL REFERENCES "shops" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  "customer_id" INTEGER NOT NULL,
  "channel" TEXT NOT NULL,
  "name" TEXT,
  "thread_id" TEXT,
  "email_used" TEXT,
  "date" TIMESTAMPTZ(3) NOT NULL,
  "last_message" TEXT,
  "last_message_time" TIMESTAMPTZ(3) NOT NULL,
  "contact_reason" TEXT,
  "assigned_to" INTEGER,
  "is_opened_ticket" BOOLEAN NOT NULL,
  "unread_chat_count" INTEGER NOT NULL,
  "tags" TEXT[] NOT NULL,
  "language_code" TEXT,
  "via" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "tickets_shop_id_customer_id_fkey" FOREIGN KEY ("shop_id", "customer_id")
    REFERENCES "customers" ("shop_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "tickets_shop_id_assigned_to_fkey" FOREIGN KEY ("shop_id", "assigned_to")
    REFERENCES "users" ("shop_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "tickets_shop_id_customer_id_idx" ON "tickets" ("shop_id", "customer_id");
CREATE INDEX "tickets_shop_id_assigned_to_idx" ON "tickets" ("shop_id", "assigned_to");

CREATE TYPE "human_ticket_status" AS ENUM ('open', 'closed');

CREATE TABLE "human_tickets" (
  "id" BIGSERIAL PRIMARY KEY,
  "ticket_id" BIGINT NOT NULL REFERENCES "tickets" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "status" "human_ticket_status" NOT NULL DEFAULT 'open',
  "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "closed_at" TIMESTAMPTZ(3)
);
CREATE UNIQUE INDEX "human_tickets_ticket_id_key" ON "human_tickets" ("ticket_id");
