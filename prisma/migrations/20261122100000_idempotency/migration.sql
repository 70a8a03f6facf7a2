-- The key lives on its ticket: neither can exist without the other, and it never expires.
ALTER TABLE "tickets" ADD COLUMN "idempotency_key" TEXT, ADD COLUMN "request_hash" TEXT;

-- Partial, so that a ticket without a key costs nothing here.
CREATE UNIQUE INDEX "tickets_shop_id_idempotency_key_key" ON "tickets" ("shop_id", "idempotency_key")
  WHERE "idempotency_key" IS NOT NULL;
