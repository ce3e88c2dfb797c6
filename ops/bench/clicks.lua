-- Asks for each path of a file, one after the other, as a phone's browser does.
local paths, at = {}, 0
for line in io.lines(os.getenv("REPORTS")) do paths[#paths + 1] = line end
local headers = {
  ["Host"] = os.getenv("LINK_HOST"),
  ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  ["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ["Accept-Language"] = "en-US,en;q=0.9",
  ["Sec-Fetch-Dest"] = "document", ["Sec-Fetch-Mode"] = "navigate", ["Sec-Fetch-Site"] = "none",
}
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], headers)
end
local wanted, other = tonumber(os.getenv("STATUS") or "302"), 0
threads = {}
setup = function(thread) threads[#threads + 1] = thread end
init = function() wrong = 0 end
response = os.getenv("STATUS") and function(status) if status ~= wanted then wrong = wrong + 1 end end or nil
done = function(summary, latency)
  for _, thread in ipairs(threads) do other = other + (thread:get("wrong") or 0) end
  io.write(string.format("RESULT %d %d %d %.3f %.3f\n", summary.requests, summary.duration, summary.errors.status + summary.errors.read + summary.errors.timeout + other, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
