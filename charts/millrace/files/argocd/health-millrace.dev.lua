-- SPDX-License-Identifier: Apache-2.0
-- Health of the resources of millrace.dev for Argo CD; how to install it: README.md of the chart.
local hs = {status = "Progressing", message = "Waiting for the operator"}
if obj.status == nil then
  return hs
end
-- What the status says is about an older spec.
if obj.status.observedGeneration ~= nil and obj.status.observedGeneration ~= obj.metadata.generation then
  return hs
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions or {}) do
  conditions[condition.type] = condition
end
local function is_true(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end
local function about(type)
  return conditions[type].message or conditions[type].reason
end

if is_true("Stalled") then
  return {status = "Degraded", message = about("Stalled")}
end
if is_true("ReconciliationPaused") then
  return {status = "Suspended", message = about("ReconciliationPaused")}
end
if is_true("Reconciling") then
  return {status = "Progressing", message = about("Reconciling")}
end
if is_true("Ready") then
  return {status = "Healthy", message = about("Ready")}
end
if conditions["Ready"] ~= nil then
  hs.message = about("Ready")
end
return hs
