-- Sends the questions of a file in turn, one a line; with BENCH_ANSWERS each answer is compared with its line of that file.
-- Answers can only be told apart where a thread has one connection: wrk must then run as many threads as connections.

local threads = {}
local answers_file = os.getenv("BENCH_ANSWERS")
local comparing = answers_file ~= nil and answers_file ~= ""

local function lines_of(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

function setup(thread)
  thread:set("first", #threads)
  threads[#threads + 1] = thread
end

function init()
  wrong = 0
  position = first
  questions = {}
  local headers = { ["Content-Type"] = "application/json" }
  for number, body in ipairs(lines_of(os.getenv("BENCH_QUESTIONS"))) do
    questions[number] = wrk.format("POST", nil, headers, body)
  end
  if comparing then
    answers = lines_of(answers_file)
  end
end

function request()
  position = position % #questions + 1
  return questions[position]
end

if comparing then
  function response(status, _, body)
    if status ~= 200 or body ~= answers[position] then
      wrong = wrong + 1
    end
  end
end

function done(summary, latency)
  local errors, wrong_answers = summary.errors, 0
  for _, thread in ipairs(threads) do
    wrong_answers = wrong_answers + thread:get("wrong")
  end
  print(string.format(
    "summary: requests=%d duration_us=%d p50_us=%.1f p99_us=%.1f refused=%d broken=%d late=%d wrong=%d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write, errors.timeout, wrong_answers))
end
