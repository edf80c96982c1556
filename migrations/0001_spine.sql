-- The first schema: runs, their items, attempts with everything they wrote, verdicts, the completion log, and the
-- workers that share a run.
--
-- Integer keys inside, stable text ids outside. Absolute times are integer microseconds since 1970 UTC (`_us`),
-- durations are milliseconds (`_ms`). Seeds are unsigned 64-bit numbers as decimal text, because an SQLite integer is
-- signed. JSON columns hold only what is never filtered on.

PRAGMA application_id = 1937010790; -- "stpf": how a database of this program is told from any other

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE,
    spec_hash TEXT NOT NULL,
    spec TEXT NOT NULL CHECK (json_valid(spec)),
    suite TEXT NOT NULL,
    strategy TEXT NOT NULL,
    models TEXT NOT NULL,
    program_version TEXT NOT NULL,
    machine TEXT NOT NULL CHECK (json_valid(machine)),
    created_us INTEGER NOT NULL
) STRICT;

CREATE INDEX run_by_spec ON run (spec_hash);

CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    statement TEXT NOT NULL,
    options TEXT NOT NULL CHECK (json_valid(options)),
    form TEXT NOT NULL,
    gold TEXT,
    UNIQUE (run, item_id)
) STRICT;

-- The item carries the run. Ids are never used again, so that a verdict cannot reach another attempt than it judged.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
    sample INTEGER NOT NULL,
    seed TEXT NOT NULL,
    outcome TEXT NOT NULL,
    outcome_detail TEXT,
    candidate TEXT,
    truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
    prompt TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    wall_ms REAL NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    wasted_tokens INTEGER NOT NULL,
    worker TEXT,
    UNIQUE (item, sample)
) STRICT;

CREATE TABLE step (
    id INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    phase TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    text TEXT NOT NULL,
    separator TEXT NOT NULL,
    token_count INTEGER NOT NULL,
    first_entropy_nats REAL,
    end_reason TEXT NOT NULL,
    UNIQUE (attempt, idx)
) STRICT;

CREATE TABLE model_call (
    attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    step INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    seed TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    finish TEXT NOT NULL,
    error TEXT,
    started_ms REAL NOT NULL,
    wall_ms REAL NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    queue_ms REAL NOT NULL,
    prefill_ms REAL NOT NULL,
    decode_ms REAL NOT NULL,
    retries INTEGER NOT NULL,
    estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    first_entropy_nats REAL,
    wasted INTEGER NOT NULL CHECK (wasted IN (0, 1)),
    PRIMARY KEY (attempt, idx)
) STRICT, WITHOUT ROWID;

-- Every judgement is kept. Exactly one of an attempt is the current one: the partial index allows no second, and a new
-- verdict takes the place of the old one in the same transaction.
CREATE TABLE verdict (
    attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    judged_us INTEGER NOT NULL,
    verifier TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'unknown')),
    class TEXT NOT NULL,
    decided_by TEXT,
    extracted TEXT,
    lenient INTEGER NOT NULL CHECK (lenient IN (0, 1)),
    PRIMARY KEY (attempt, ordinal)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX verdict_current ON verdict (attempt) WHERE current = 1;

CREATE TABLE completion_log (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    request_hash TEXT NOT NULL,
    completion TEXT NOT NULL,
    PRIMARY KEY (run, request_hash)
) STRICT;

-- `scope` names the kernel boot and process id namespace in which `pid` means something; `process_start` tells the
-- process from a later one with the same id.
CREATE TABLE worker (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    scope TEXT NOT NULL,
    pid INTEGER NOT NULL,
    process_start TEXT NOT NULL,
    registered_us INTEGER NOT NULL,
    heartbeat_us INTEGER NOT NULL
) STRICT;

CREATE INDEX worker_by_run ON worker (run);

CREATE TABLE lease (
    item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
    sample INTEGER NOT NULL,
    worker INTEGER NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
    PRIMARY KEY (item, sample)
) STRICT, WITHOUT ROWID;

CREATE INDEX lease_by_worker ON lease (worker);

CREATE TRIGGER attempt_ends_lease AFTER INSERT ON attempt BEGIN
    DELETE FROM lease WHERE item = new.item AND sample = new.sample;
END;

-- Full-text index over step texts. It stores no second copy of them; the triggers keep it exact in the same
-- transaction, also when a step goes because its attempt or run is deleted.
CREATE VIRTUAL TABLE step_text USING fts5 (text, content = 'step', content_rowid = 'id');

CREATE TRIGGER step_text_insert AFTER INSERT ON step BEGIN
    INSERT INTO step_text (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER step_text_delete AFTER DELETE ON step BEGIN
    INSERT INTO step_text (step_text, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TRIGGER step_text_update AFTER UPDATE OF id, text ON step BEGIN
    INSERT INTO step_text (step_text, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO step_text (rowid, text) VALUES (new.id, new.text);
END;

-- view attempts_flat: one row an attempt, with its run, item and current verdict
CREATE VIEW attempts_flat AS SELECT
    run.run_id AS run_id, -- the run's id (UUID v7)
    run.suite AS suite, -- suite of the run
    run.strategy AS strategy, -- strategy of the run
    run.models AS models, -- models of the run by role
    item.position AS position, -- place of the item in the run, from 0
    item.item_id AS item_id, -- id of the item in its suite
    attempt.sample AS sample, -- which attempt at the item, from 1
    attempt.id AS attempt, -- key of the attempt in step, model_call and verdict
    attempt.outcome AS outcome, -- answered, exhausted, stuck, cancelled or failed
    attempt.outcome_detail AS outcome_detail, -- the limit reached, the kind of standstill, or the failure's text
    attempt.truncated AS truncated, -- 1 if the output was cut by a length limit
    verdict.verdict AS verdict, -- accepted, rejected or unknown by the newest judgement; null if never judged
    verdict.class AS class, -- class of the verdict, such as equal, different, no_answer, undecided
    verdict.decided_by AS decided_by, -- rule that decided
    verdict.extracted AS extracted, -- answer found in the candidate
    verdict.lenient AS lenient, -- 1 if the lenient rule would accept
    verdict.verifier AS verifier, -- verifier and its version
    verdict.judged_us AS judged_us, -- time of the judgement in microseconds since 1970
    item.gold AS gold, -- gold answer
    item.form AS form, -- form of the wanted answer
    attempt.calls AS calls, -- model calls
    attempt.prompt_tokens AS prompt_tokens, -- prompt tokens of all models
    attempt.cached_tokens AS cached_tokens, -- prompt tokens that needed no work; part of prompt_tokens
    attempt.completion_tokens AS completion_tokens, -- generated tokens of all models
    attempt.reasoning_tokens AS reasoning_tokens, -- generated tokens inside think tags; part of completion_tokens
    attempt.wasted_tokens AS wasted_tokens, -- generated tokens that were thrown away; part of completion_tokens
    attempt.started_us AS started_us, -- start in microseconds since 1970
    attempt.wall_ms AS wall_ms, -- duration in milliseconds
    attempt.seed AS seed, -- seed of the attempt, decimal text
    attempt.worker AS worker, -- host and process that made it
    item.statement AS statement, -- the question
    attempt.candidate AS candidate -- what was judged: the output after its thinking part
FROM attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1;

-- view steps_flat: one row an accepted step, with its attempt's current verdict
CREATE VIEW steps_flat AS SELECT
    run.run_id AS run_id, -- the run's id (UUID v7)
    run.suite AS suite, -- suite of the run
    run.strategy AS strategy, -- strategy of the run
    item.item_id AS item_id, -- id of the item in its suite
    attempt.sample AS sample, -- which attempt at the item, from 1
    step.attempt AS attempt, -- key of the attempt
    step.id AS step, -- key of the step; rowid of the full-text index step_text
    step.idx AS idx, -- place of the step in its attempt, from 0
    step.phase AS phase, -- think or answer
    step.role AS role, -- role of the model that wrote it
    step.model AS model, -- name of the model that wrote it
    step.token_count AS token_count, -- completion tokens of the accepted text
    step.first_entropy_nats AS first_entropy_nats, -- entropy of its first token in nats, where asked for
    step.end_reason AS end_reason, -- boundary, end_of_text, length, stop_word or gate
    attempt.outcome AS outcome, -- outcome of the attempt
    verdict.verdict AS verdict, -- verdict on the attempt by the newest judgement
    verdict.class AS class, -- class of that verdict
    step.text AS text, -- text of the step without its separator
    step.separator AS separator -- what parts it from the next step
FROM step
    JOIN attempt ON attempt.id = step.attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1;

-- view accuracy_by_item: one row an item of a run that has attempts
CREATE VIEW accuracy_by_item AS SELECT
    run.run_id AS run_id, -- the run's id (UUID v7)
    run.suite AS suite, -- suite of the run
    run.strategy AS strategy, -- strategy of the run
    item.position AS position, -- place of the item in the run, from 0
    item.item_id AS item_id, -- id of the item in its suite
    count(*) AS attempts, -- attempts made
    sum(attempt.outcome <> 'failed' AND verdict.verdict IS 'accepted') AS accepted, -- accepted attempts
    sum(attempt.outcome <> 'failed' AND verdict.verdict IS 'rejected') AS rejected, -- rejected attempts
    sum(attempt.outcome <> 'failed' AND coalesce(verdict.verdict, 'unknown') = 'unknown') AS unknown, -- attempts without a judgement
    sum(attempt.outcome = 'failed') AS failed, -- attempts that infrastructure ended
    avg(attempt.outcome <> 'failed' AND verdict.verdict IS 'accepted') AS accuracy -- accepted by attempts, failed ones included
FROM attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
GROUP BY run.run_id, item.id;

-- view usage_by_model: one row a run, role and model
CREATE VIEW usage_by_model AS SELECT
    run.run_id AS run_id, -- the run's id (UUID v7)
    model_call.role AS role, -- role that the model was called in
    model_call.model AS model, -- name of the model
    count(*) AS calls, -- calls made
    sum(model_call.error IS NOT NULL) AS failed_calls, -- calls that ended in an error
    sum(model_call.prompt_tokens) AS prompt_tokens, -- prompt tokens
    sum(model_call.cached_tokens) AS cached_tokens, -- prompt tokens that needed no work; part of prompt_tokens
    sum(model_call.completion_tokens) AS completion_tokens, -- generated tokens
    sum(model_call.reasoning_tokens) AS reasoning_tokens, -- generated tokens inside think tags
    sum(model_call.completion_tokens * model_call.wasted) AS wasted_tokens, -- generated tokens that were thrown away
    sum(model_call.queue_ms) AS queue_ms, -- milliseconds of waiting for the model
    sum(model_call.prefill_ms) AS prefill_ms, -- milliseconds spent on prompts
    sum(model_call.decode_ms) AS decode_ms, -- milliseconds spent on generation
    sum(model_call.wall_ms) AS wall_ms, -- milliseconds from start to end, summed over calls
    sum(model_call.retries) AS retries, -- repeated tries
    max(model_call.estimated) AS estimated -- 1 if any token count was counted here because the server did not say
FROM model_call
    JOIN attempt ON attempt.id = model_call.attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
GROUP BY run.run_id, model_call.role, model_call.model;
