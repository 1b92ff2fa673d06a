/**
 * The limiter's Lua. Keys: the mark of the request, then for each subject its buckets (a hash) and its leases (a
 * sorted set of request ids by lease end). Arguments: what the script takes, then for each subject its limits of
 * requests, tokens and concurrency, 0 where unlimited.
 *
 * The clock is Redis' own, so that the clocks of the processes don't matter. Levels are written with all their digits:
 * Lua's `..` and `tostring` keep only 14, which loses milliseconds of a timestamp.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local function level(bucket, field, capacity)
  local kept = redis.call('HMGET', bucket, field, field .. 'At')
  if not kept[1] then return capacity end
  local elapsed = math.max(0, now - tonumber(kept[2]))
  return math.min(capacity, tonumber(kept[1]) + elapsed * capacity / 60000)
end

-- A shortfall below a millionth is rounding.
local function wait(have, wanted, capacity)
  if have >= wanted - 1e-6 then return 0 end
  return math.max(1, math.ceil((wanted - 5e-7 - have) * 60000 / capacity))
end

local function keepFor(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
end

local function write(bucket, field, value, capacity)
  redis.call('HSET', bucket, field, string.format('%.17g', value), field .. 'At', string.format('%.3f', now))
  keepFor(bucket, wait(value, capacity, capacity) + 1000)
end
`;

/**
 * Takes a request, its tokens and a lease from all subjects or from none; with ARGV[4] = 'tokens' only the tokens, with
 * 'peek' it only looks.
 *
 * ARGV: id, tokens, lease in ms, what is taken, how long a place is kept that nobody renews, then the limits. Answers admitted (1 or 0), the index of the refusing limit
 * among the states (from 0), the wait in ms, then remaining and time to full in ms of each limit.
 */
export const ADMIT = `${PRELUDE}
local id, cost, lease, place = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local all, peek = ARGV[4] == 'all', ARGV[4] == 'peek'
local reads, refused, longest, count = {}, -1, -1, 0

local function refuse(waitMs)
  if waitMs > longest then refused, longest = count, waitMs end
end

for i = 1, (#KEYS - 1) / 2 do
  local bucket, leases = KEYS[2 * i], KEYS[2 * i + 1]
  local rpm, tpm, most = tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4]), tonumber(ARGV[3 * i + 5])
  local read = { requests = 0, tokens = 0, running = 0 }
  if rpm > 0 then
    read.requests = level(bucket, 'requests', rpm)
    if all then
      local waitMs = wait(read.requests, 1, rpm)
      if waitMs > 0 then refuse(waitMs) end
    end
    count = count + 1
  end
  if tpm > 0 then
    read.tokens = level(bucket, 'tokens', tpm)
    if not peek then
      local waitMs = wait(read.tokens, cost, tpm)
      if waitMs > 0 then refuse(waitMs) end
    end
    count = count + 1
  end
  if most > 0 then
    local from = '(' .. string.format('%.3f', now)
    read.running = redis.call('ZCOUNT', leases, from, '+inf')
    if all and read.running >= most then
      local rank = read.running - most
      local next = redis.call('ZRANGEBYSCORE', leases, from, '+inf', 'WITHSCORES', 'LIMIT', rank, 1)
      refuse(math.max(1, math.ceil(tonumber(next[2]) - now)))
    end
    count = count + 1
  end
  reads[i] = read
end

local admitted = refused < 0
local taken, takenAll = admitted and not peek, admitted and all
local answer = { admitted and 1 or 0, refused, math.max(0, longest) }
for i, read in ipairs(reads) do
  local bucket, leases = KEYS[2 * i], KEYS[2 * i + 1]
  local rpm, tpm, most = tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4]), tonumber(ARGV[3 * i + 5])
  if rpm > 0 then
    local left = takenAll and read.requests - 1 or read.requests
    if takenAll then write(bucket, 'requests', left, rpm) end
    answer[#answer + 1] = math.max(0, math.floor(left + 1e-6))
    answer[#answer + 1] = wait(left, rpm, rpm)
  end
  if tpm > 0 then
    local left = taken and read.tokens - cost or read.tokens
    if taken then write(bucket, 'tokens', left, tpm) end
    answer[#answer + 1] = math.max(0, math.floor(left + 1e-6))
    answer[#answer + 1] = wait(left, tpm, tpm)
  end
  if most > 0 then
    local running = read.running
    if takenAll then
      redis.call('ZREMRANGEBYSCORE', leases, '-inf', string.format('%.3f', now))
      redis.call('ZADD', leases, string.format('%.3f', now + place), id)
      keepFor(leases, place + 1000)
      running = running + 1
    end
    answer[#answer + 1] = math.max(0, most - running)
    answer[#answer + 1] = 0
  end
end
if takenAll then redis.call('SET', KEYS[1], '1', 'PX', lease) end
return answer
`;

/**
 * Releases a lease and corrects the tokens, once: the mark of the request says whether that has happened.
 *
 * ARGV: id, estimated tokens, used tokens, '1' where the request goes back, too, then the limits.
 */
export const FINISH = `${PRELUDE}
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
for i = 1, (#KEYS - 1) / 2 do
  local bucket, leases = KEYS[2 * i], KEYS[2 * i + 1]
  local rpm, tpm = tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3])
  redis.call('ZREM', leases, ARGV[1])
  if rpm > 0 and ARGV[4] == '1' then
    write(bucket, 'requests', math.min(rpm, level(bucket, 'requests', rpm) + 1), rpm)
  end
  if tpm > 0 then
    write(bucket, 'tokens', math.min(tpm, level(bucket, 'tokens', tpm) + ARGV[2] - ARGV[3]), tpm)
  end
end
return 1
`;

/**
 * Keeps the places of requests that run. Keys: for each request its mark, then the leases that it is in. A request without a
 * mark is over.
 *
 * ARGV: how long the places are kept in ms, then for each request its id and the number of its leases.
 */
export const RENEW = `${PRELUDE}
local at, keep = 1, tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
  local last = at + tonumber(ARGV[i + 1])
  if redis.call('EXISTS', KEYS[at]) == 1 then
    for place = at + 1, last do
      redis.call('ZADD', KEYS[place], string.format('%.3f', now + keep), ARGV[i])
      keepFor(KEYS[place], keep + 1000)
    end
  end
  at = last + 1
end
`;

/** Asks whether scripts that write are run: PING is also answered by a server that refuses them. */
export const PROBE = `return redis.call('SET', KEYS[1], '1', 'PX', 1000)`;
