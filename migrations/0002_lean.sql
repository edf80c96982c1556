-- Lean as the judge: formal statements, what a candidate's text is, and what a verdict of Lean rests on.
--
-- Older rows hold no Lean, so every new column is null there. `detail` is the whole report as JSON; what is filtered on
-- has a column of its own.

ALTER TABLE item ADD COLUMN header TEXT;
ALTER TABLE item ADD COLUMN formal_statement TEXT;

ALTER TABLE attempt ADD COLUMN candidate_kind TEXT;

ALTER TABLE verdict ADD COLUMN check_ms REAL;
ALTER TABLE verdict ADD COLUMN limit_hit TEXT;
ALTER TABLE verdict ADD COLUMN recheck TEXT;
ALTER TABLE verdict ADD COLUMN detail TEXT CHECK (json_valid(detail));

DROP VIEW attempts_flat;

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
    verdict.check_ms AS check_ms, -- milliseconds of Lean's check, waiting left out
    verdict.limit_hit AS limit_hit, -- limit that ended Lean's check: wall_time, memory, cpu or output
    verdict.recheck AS recheck, -- second look at an accepted proof: not_done, pending, confirmed, refuted or unavailable
    verdict.detail AS detail, -- what Lean's verdict rests on, JSON: axioms, diagnostics, goals and more
    verdict.verifier AS verifier, -- verifier and its version
    verdict.judged_us AS judged_us, -- time of the judgement in microseconds since 1970
    item.gold AS gold, -- gold answer
    item.form AS form, -- form of the wanted answer
    item.header AS header, -- Lean text before the formal statement
    item.formal_statement AS formal_statement, -- statement in Lean, where a proof is wanted
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
    attempt.candidate_kind AS candidate_kind, -- what a Lean candidate's text is: tactics, file or reply
    attempt.candidate AS candidate -- what was judged: the output after its thinking part
FROM attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1;
