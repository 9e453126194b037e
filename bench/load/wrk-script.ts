import type { Load } from './generate-load.ts';

const quote = (text: string): string => JSON.stringify(text);

/** The load as a script of wrk (https://github.com/wg/wrk/blob/master/SCRIPTING), which prints one line of JSON. */
export const writeLua = ({ method, path, headers, body, slots = 1 }: Load): string => `
local n = 0
local headers = { ${Object.entries(headers)
  .map(([name, value]) => `[${quote(name)}] = ${quote(value)}`)
  .join(', ')} }
local path, body = ${quote(path)}, ${body === undefined ? 'nil' : quote(body)}
local isFixed = not ((path .. (body or "")):find("{n}", 1, true) or path:find("{slot}", 1, true))
local fixed
function init()
  math.randomseed(os.time())
  n = math.random(1, 1000000) * 1000
  fixed = wrk.format(${quote(method)}, path, headers, body)
end
local function fill(text)
  return (text:gsub("{n}", n):gsub("{slot}", n % ${slots}))
end
function request()
  if isFixed then return fixed end
  n = n + 1
  return wrk.format(${quote(method)}, fill(path), headers, body and fill(body))
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'MEASURED {"perSecond":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}\\n',
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
`;
