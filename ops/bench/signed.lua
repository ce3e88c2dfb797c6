-- Sends each line of a file once: path, signature, body, separated by tabs.
local lines, at = {}, 0
for line in io.lines(os.getenv("REPORTS")) do lines[#lines + 1] = line end
request = function()
  at = at % #lines + 1
  local path, signature, body = lines[at]:match("([^\t]*)\t([^\t]*)\t(.*)")
  return wrk.format("POST", path, { ["X-Twilio-Signature"] = signature, ["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8" }, body)
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %.3f %.3f\n", summary.requests, summary.duration, summary.errors.status + summary.errors.read + summary.errors.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
