-- Sends each line of a file once and stops: path, signature, body, separated by tabs.
local lines, at, answered = {}, 0, 0
for line in io.lines(os.getenv("REPORTS")) do lines[#lines + 1] = line end
request = function()
  at = at + 1
  local path, signature, body = (lines[at] or lines[#lines]):match("([^\t]*)\t([^\t]*)\t(.*)")
  return wrk.format("POST", path, { ["X-Twilio-Signature"] = signature, ["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8" }, body)
end
response = function(status)
  answered = answered + 1
  if answered >= #lines then wrk.thread:stop() end
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %.3f %.3f\n", summary.requests, summary.duration, summary.errors.status + summary.errors.read + summary.errors.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
