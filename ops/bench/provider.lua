-- A provider that takes 50 ms for each text and is not our code.
local n = 0
core.register_service("create", "http", function(applet)
  local body = applet:receive()
  core.msleep(50)
  n = n + 1
  local answer = string.format(
    '{"sid":"SM%032x","status":"queued","num_segments":"1","error_code":null,"error_message":null,"price":null}', n)
  applet:set_status(201)
  applet:add_header("content-type", "application/json")
  applet:add_header("content-length", string.len(answer))
  applet:start_response()
  applet:send(answer)
end)
