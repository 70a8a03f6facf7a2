/**
 * The token bucket of bucket.ts as a script that Redis runs, by Redis' own clock. Called as rate-limiter-flexible
 * calls its own: the bucket's key; then the tokens to take (0 to look, -1 to give one back), a duration that is
 * not needed, the capacity, and the seconds in which an empty bucket fills. Answers with the tokens that are
 * taken, rounded up, or with more than the capacity when there are too few; and with the milliseconds until
 * the bucket is whole, rounded up. A bucket that is whole has no entry. One that was counted later than now, because the
 * clock was set back or another Redis has taken over, is counted from now on.
 */
export const redisBucket = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local wanted = tonumber(ARGV[1])
  local capacity = tonumber(ARGV[3])
  local rate = capacity / (ARGV[4] * 1000)

  local bucket = redis.call('HMGET', KEYS[1], 'taken', 'countedAt')
  local taken = 0
  local isAhead = false
  if bucket[1] then
    isAhead = now < tonumber(bucket[2])
    local returned = isAhead and 0 or (now - bucket[2]) * rate
    taken = math.min(capacity, math.max(0, bucket[1] - returned))
  end
  local isRefused = wanted > 0 and taken + wanted > capacity
  if not isRefused then
    taken = math.max(0, taken + wanted)
  end

  local untilWhole = math.ceil(taken / rate)
  if wanted ~= 0 and (isAhead or not isRefused) then
    if untilWhole == 0 then
      redis.call('DEL', KEYS[1])
    else
      redis.call('HSET', KEYS[1], 'taken', string.format('%.17g', taken), 'countedAt', string.format('%.17g', now))
      redis.call('PEXPIRE', KEYS[1], untilWhole)
    end
  end
  return { isRefused and math.ceil(capacity) + 1 or math.ceil(taken), untilWhole }`;
