-- Null is the gateway's own setting. Checked here, too, because operators may well set them with plain SQL.
ALTER TABLE "api_keys"
  ADD COLUMN "rate_limit" INTEGER CHECK ("rate_limit" BETWEEN 1 AND 1000000),
  ADD COLUMN "rate_limit_burst" INTEGER CHECK ("rate_limit_burst" BETWEEN 0 AND 1000000);
