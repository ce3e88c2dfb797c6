/// The decisions that Redis makes, each in one step (Redis 5 or newer, which replicates effects and so allows TIME).
enum RedisLimitScripts {
  /// A hash of node → "slots end", the end by Redis's own clock: nodes' clocks may differ.
  /// Arguments: node, wanted, limit, lease in milliseconds. Answers the slots granted and the nodes that hold or want some.
  static let slots = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local wanted, limit, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local others, nodes = 0, 1
    local grants = redis.call('HGETALL', KEYS[1])
    for i = 1, #grants, 2 do
      local slots, ends = string.match(grants[i + 1], '(%d+) (%d+)')
      if tonumber(ends) <= now then
        redis.call('HDEL', KEYS[1], grants[i])
      elseif grants[i] ~= ARGV[1] then
        others = others + tonumber(slots)
        nodes = nodes + 1
      end
    end
    local granted = math.max(0, math.min(wanted, limit - others))
    if wanted > 0 then
      redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d', granted, now + lease))
      redis.call('PEXPIRE', KEYS[1], lease)
    else
      redis.call('HDEL', KEYS[1], ARGV[1])
    end
    return {granted, nodes}
    """)

  /// How a brand's day is asked for: with what the process already uses of it.
  enum Own: String {
    /// Redis may know of more, which is on its way to us, or was lost on it.
    case atLeast = "at least"
    /// After an outage: what got lost is settled.
    case exactly
  }

  /// A hash of process → net segments; the day's use is the sum. One field per process, so that a process can say its own total
  /// again and again and nothing is counted twice.
  /// Arguments: process, its own total, `Own`, change (below 0: give back), cap, seconds to keep the day. Answers the change that
  /// was made and the day's use after it.
  static let brandDay = RedisScript(
    """
    local known, change, cap = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
    local stored, others = 0, 0
    local uses = redis.call('HGETALL', KEYS[1])
    for i = 1, #uses, 2 do
      if uses[i] == ARGV[1] then stored = tonumber(uses[i + 1]) else others = others + tonumber(uses[i + 1]) end
    end
    local own = known
    if ARGV[3] == 'at least' then own = math.max(stored, known) end
    own = math.max(own, -others)
    if change > 0 then
      change = math.max(0, math.min(change, cap - others - own))
    else
      change = math.max(change, -others - own)
    end
    own = own + change
    if own ~= stored then
      redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', own))
      redis.call('EXPIRE', KEYS[1], ARGV[6])
    end
    return {change, others + own}
    """)
}
