-- SPDX-License-Identifier: Apache-2.0
-- lua health.lua SCRIPT: what the health script says about statuses that the operator writes.
local script = assert(io.open(arg[1])):read("a")

local function health(status)
  local environment = setmetatable({obj = {metadata = {generation = 2}, status = status}}, {__index = _G})
  return assert(load(script, arg[1], "t", environment))()
end

local function condition(type, status, message)
  return {type = type, status = status, reason = "Because", message = message or type}
end

local cases = {
  {"no status", nil, "Progressing"},
  {"a status of another spec", {observedGeneration = 1, conditions = {condition("Ready", "True")}}, "Progressing"},
  {"never observed", {observedGeneration = -1}, "Progressing"},
  {"ready", {observedGeneration = 2, conditions = {condition("Ready", "True")}}, "Healthy"},
  {"not ready", {observedGeneration = 2, conditions = {condition("Ready", "False", "two of three")}}, "Progressing"},
  {"resharding", {observedGeneration = 2, conditions = {condition("Ready", "True"), condition("Reconciling", "True")}}, "Progressing"},
  {"stalled", {observedGeneration = 2, conditions = {condition("Ready", "True"), condition("Stalled", "True")}}, "Degraded"},
  {"paused", {observedGeneration = 2, conditions = {condition("Ready", "True"), condition("ReconciliationPaused", "True")}}, "Suspended"},
  {"no longer paused", {observedGeneration = 2, conditions = {condition("Ready", "True"), condition("ReconciliationPaused", "False")}}, "Healthy"},
}
local failed = 0
for _, case in ipairs(cases) do
  local result = health(case[2])
  if result.status ~= case[3] or type(result.message) ~= "string" then
    failed = failed + 1
    io.stderr:write(case[1], ": expected ", case[3], ", was ", tostring(result.status), "\n")
  end
end
os.exit(failed == 0)
