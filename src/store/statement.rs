//! Every SQL statement of fixed text, in one list, so that a test can prepare all of them against the schema.
//!
//! What is SQLite's own (its pragmas, FTS5, json_each, `BEGIN IMMEDIATE`) stands here and in `insert` and `trace`, which
//! build the two statements whose text depends on their input.

macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$meta])* pub(in crate::store) const $name: &str = $text;)*
        /// Every statement with its name.
        #[cfg(test)]
        pub(in crate::store) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

statements! {
    BEGIN = "BEGIN IMMEDIATE";
    BEGIN_EXCLUSIVE = "BEGIN EXCLUSIVE";
    USE_WAL = "PRAGMA journal_mode = WAL";
    APPLICATION = "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id";
    JOURNAL_MODE = "PRAGMA journal_mode";
    MIGRATIONS = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
    SCHEMA_VERSION = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";

    // runs
    RUN_INSERT = "INSERT INTO run (run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING id AS key, run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us";
    RUNS_WITH_SPEC = "SELECT id AS key, run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us
        FROM run WHERE spec_hash = $1 ORDER BY id DESC";
    RUN_NEWEST = "SELECT id AS key, run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us
        FROM run ORDER BY id DESC LIMIT 1";
    RUNS_BY_PREFIX = "SELECT id AS key, run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us
        FROM run WHERE substr(run_id, 1, length($1)) = $1 ORDER BY id DESC";
    RUN_COUNT = "SELECT count(*) FROM run";
    RUN_EXISTS = "SELECT 1 FROM run WHERE id = $1";
    RUN_DELETE = "DELETE FROM run WHERE id = $1";
    RUN_SUMMARIES = "SELECT run.id AS key, run.run_id, run.spec_hash, run.spec, run.suite, run.strategy, run.models,
            run.program_version, run.machine, run.created_us,
            (SELECT count(*) FROM item WHERE item.run = run.id) AS items,
            count(attempt.id) AS attempts,
            coalesce(sum(attempt.outcome <> 'failed' AND verdict.verdict IS 'accepted'
                AND coalesce(verdict.recheck, 'confirmed') IN ('confirmed', 'not_done')), 0) AS accepted,
            coalesce(sum(attempt.outcome <> 'failed' AND verdict.verdict IS 'rejected'), 0) AS rejected,
            coalesce(sum(attempt.outcome <> 'failed' AND (coalesce(verdict.verdict, 'unknown') = 'unknown'
                OR (verdict.verdict = 'accepted'
                    AND coalesce(verdict.recheck, 'confirmed') NOT IN ('confirmed', 'not_done')))), 0) AS unknown,
            coalesce(sum(attempt.outcome = 'failed'), 0) AS failed,
            max(attempt.started_us) AS last_attempt_us
        FROM run
            LEFT JOIN item ON item.run = run.id
            LEFT JOIN attempt ON attempt.item = item.id
            LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
        WHERE ($1 IS NULL OR run.suite = $1) AND ($2 IS NULL OR run.strategy = $2)
            AND ($3 IS NULL OR run.spec_hash = $3) AND ($4 IS NULL OR run.id = $4)
        GROUP BY run.id ORDER BY run.id DESC LIMIT $5";

    // items
    ITEM_KEYS = "SELECT item_id, id FROM item
        WHERE run = $1 AND item_id IN (SELECT value FROM json_each($2))";
    ITEMS = "SELECT position, item_id, statement, options, form, gold, header, formal_statement
        FROM item WHERE run = $1 ORDER BY position, id";
    ITEM = "SELECT position, item_id, statement, options, form, gold, header, formal_statement
        FROM item WHERE run = $1 AND item_id = $2";

    STATEMENT_CHECKS = "SELECT item.item_id, statement_check.fault
        FROM item JOIN statement_check ON statement_check.item = item.id WHERE item.run = $1 ORDER BY item.position";
    STATEMENT_CHECK_INSERT = "INSERT INTO statement_check (item, fault)
        SELECT id, $3 FROM item WHERE run = $1 AND item_id = $2
        ON CONFLICT (item) DO UPDATE SET fault = excluded.fault";

    // attempts
    ATTEMPT_KEYS = "SELECT item.item_id, attempt.sample, attempt.outcome = 'failed' AS failed
        FROM item JOIN attempt ON attempt.item = item.id WHERE item.run = $1 ORDER BY item.position, attempt.sample";
    ATTEMPT_LAST_ID = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'attempt'";
    ATTEMPT_DELETE_FAILED = "DELETE FROM attempt WHERE item = $1 AND sample = $2 AND outcome = 'failed'";
    ATTEMPT_IDS_FROM = "SELECT id FROM attempt WHERE id > $1 ORDER BY id";
    LEASE_DELETE = "DELETE FROM lease WHERE item = $1 AND sample = $2";
    ATTEMPTS_OF_ITEM = "SELECT attempt.id AS attempt_id, item.item_id, attempt.sample, attempt.seed, attempt.outcome,
            attempt.outcome_detail, attempt.candidate, attempt.candidate_kind, attempt.truncated, attempt.prompt,
            attempt.started_us, attempt.wall_ms, attempt.calls, attempt.prompt_tokens, attempt.cached_tokens,
            attempt.completion_tokens, attempt.reasoning_tokens, attempt.wasted_tokens, attempt.worker
        FROM item JOIN attempt ON attempt.item = item.id
        WHERE item.run = $1 AND item.item_id = $2 ORDER BY attempt.sample";
    ATTEMPTS_OF_RUN = "SELECT attempt.id AS attempt_id, item.item_id, attempt.sample, attempt.seed, attempt.outcome,
            attempt.outcome_detail, attempt.candidate, attempt.candidate_kind, attempt.truncated, attempt.prompt,
            attempt.started_us, attempt.wall_ms, attempt.calls, attempt.prompt_tokens, attempt.cached_tokens,
            attempt.completion_tokens, attempt.reasoning_tokens, attempt.wasted_tokens, attempt.worker
        FROM item JOIN attempt ON attempt.item = item.id
        WHERE item.run = $1 AND attempt.id > $2 ORDER BY attempt.id LIMIT $3";
    STEPS_OF_ATTEMPTS = "SELECT attempt, phase, role, model, text, separator, token_count, first_entropy_nats, end_reason
        FROM step WHERE attempt IN (SELECT value FROM json_each($1)) ORDER BY attempt, idx";
    CALLS_OF_ATTEMPTS = "SELECT attempt, role, model, step, ordinal, seed, request_hash, finish, error, started_ms, wall_ms,
            prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, queue_ms, prefill_ms, decode_ms, retries,
            estimated, first_entropy_nats, wasted
        FROM model_call WHERE attempt IN (SELECT value FROM json_each($1)) ORDER BY attempt, idx";
    VERDICTS_OF_ATTEMPTS = "SELECT attempt, judged_us, verifier, verdict, class, decided_by, extracted, lenient,
            check_ms, limit_hit, recheck, detail
        FROM verdict WHERE attempt IN (SELECT value FROM json_each($1)) ORDER BY attempt, ordinal";
    GRADED_ATTEMPTS = "SELECT item.item_id, item.position, attempt.sample, attempt.outcome, attempt.outcome_detail,
            attempt.truncated, verdict.verdict, verdict.class, verdict.extracted, coalesce(verdict.lenient, 0) AS lenient,
            verdict.recheck, attempt.calls, attempt.prompt_tokens, attempt.cached_tokens, attempt.completion_tokens,
            attempt.reasoning_tokens, attempt.wasted_tokens, attempt.started_us, attempt.wall_ms
        FROM item JOIN attempt ON attempt.item = item.id
            LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
        WHERE item.run = $1 ORDER BY item.position, item.id, attempt.sample";
    USAGE_BY_MODEL = "SELECT role, model, calls, failed_calls, prompt_tokens, cached_tokens, completion_tokens,
            reasoning_tokens, wasted_tokens, queue_ms, prefill_ms, decode_ms, wall_ms, retries, estimated
        FROM usage_by_model WHERE run_id = (SELECT run_id FROM run WHERE id = $1) ORDER BY role, model";

    // verdicts
    CANDIDATES = "SELECT attempt.id AS attempt, attempt.sample, attempt.outcome, attempt.candidate,
            attempt.candidate_kind, attempt.truncated, item.position, item.item_id, item.statement, item.options,
            item.form, item.gold, item.header, item.formal_statement, verdict.verdict, verdict.class,
            verdict.decided_by, verdict.extracted, verdict.lenient, verdict.verifier
        FROM item JOIN attempt ON attempt.item = item.id
            LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
        WHERE item.run = $1 AND attempt.id > $2 ORDER BY attempt.id LIMIT $3";
    PENDING_RECHECKS = "SELECT attempt.id AS attempt, attempt.sample, attempt.outcome, attempt.candidate,
            attempt.candidate_kind, attempt.truncated, item.position, item.item_id, item.statement, item.options,
            item.form, item.gold, item.header, item.formal_statement, verdict.verdict, verdict.class,
            verdict.decided_by, verdict.extracted, verdict.lenient, verdict.verifier
        FROM item JOIN attempt ON attempt.item = item.id
            JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
        WHERE item.run = $1 AND verdict.verdict = 'accepted' AND verdict.recheck = 'pending' AND attempt.id > $2
        ORDER BY attempt.id LIMIT $3";
    PROOFS = "SELECT item.item_id, coalesce(item.header, '') AS header, item.formal_statement, attempt.sample,
            attempt.candidate, attempt.candidate_kind, verdict.verdict, verdict.class, verdict.detail
        FROM item LEFT JOIN attempt ON attempt.item = item.id
            LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
        WHERE item.run = $1 AND item.item_id IN (SELECT value FROM json_each($2)) ORDER BY item.id, attempt.sample";
    VERDICT_SUPERSEDE = "UPDATE verdict SET current = 0 WHERE attempt = $1 AND current = 1";
    VERDICT_INSERT = "INSERT INTO verdict (attempt, ordinal, current, judged_us, verifier, verdict, class, decided_by,
            extracted, lenient, check_ms, limit_hit, recheck, detail)
        SELECT attempt.id, (SELECT coalesce(max(ordinal), -1) + 1 FROM verdict WHERE verdict.attempt = attempt.id), 1,
            $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
        FROM attempt WHERE attempt.id = $1";

    // completion log
    COMPLETION = "SELECT completion FROM completion_log WHERE run = $1 AND request_hash = $2";
    COMPLETIONS = "SELECT request_hash, completion FROM completion_log WHERE run = $1";

    // workers
    WORKER_INSERT = "INSERT INTO worker (run, host, scope, pid, process_start, registered_us, heartbeat_us)
        VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id";
    WORKER_BEAT = "INSERT INTO worker (id, run, host, scope, pid, process_start, registered_us, heartbeat_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO UPDATE SET heartbeat_us = excluded.heartbeat_us";
    WORKERS = "SELECT id, scope, pid, process_start, heartbeat_us FROM worker WHERE run = $1 AND id <> $2";
    WORKER_DELETE = "DELETE FROM worker WHERE id = $1";
    CLAIMABLE = "SELECT item.id AS item,
            EXISTS (SELECT 1 FROM attempt WHERE attempt.item = item.id AND attempt.sample = wanted.sample
                AND NOT ($3 AND attempt.outcome = 'failed')) AS committed,
            EXISTS (SELECT 1 FROM lease WHERE lease.item = item.id AND lease.sample = wanted.sample) AS leased
        FROM (SELECT key AS place, value ->> 0 AS item_id, value ->> 1 AS sample FROM json_each($2)) AS wanted
            LEFT JOIN item ON item.run = $1 AND item.item_id = wanted.item_id
        ORDER BY wanted.place";
    LEASE_GIVE_BACK = "DELETE FROM lease WHERE worker = $1 AND sample = $3
        AND item = (SELECT id FROM item WHERE run = $2 AND item_id = $4)";

    // export
    FLAT_ATTEMPTS = "SELECT * FROM attempts_flat WHERE run_id = $1 ORDER BY position, item_id, sample";
}

/// Statements that copy a run from the attached database `source`. Each takes the run's key there, and how far its own
/// keys and its parents' keys are moved.
pub(super) mod copy {
    statements! {
        ATTACH = "ATTACH $1 AS source";
        RUN_ID_EXISTS = "SELECT 1 FROM main.run WHERE run_id = $1";
        COPY_OFFSETS = "SELECT coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'run'), 0),
            coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'item'), 0),
            coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'attempt'), 0),
            (SELECT coalesce(max(id), 0) FROM main.step)";
        COPY_RUN = "INSERT INTO main.run (id, run_id, spec_hash, spec, suite, strategy, models, program_version, machine,
                created_us)
            SELECT id + $2, run_id, spec_hash, spec, suite, strategy, models, program_version, machine, created_us
            FROM source.run WHERE id = $1";
        COPY_ITEMS = "INSERT INTO main.item (id, run, position, item_id, statement, options, form, gold, header,
                formal_statement)
            SELECT id + $2, run + $3, position, item_id, statement, options, form, gold, header, formal_statement
            FROM source.item WHERE run = $1";
        COPY_STATEMENT_CHECKS = "INSERT INTO main.statement_check (item, fault)
            SELECT item + $2, fault
            FROM source.item JOIN source.statement_check ON statement_check.item = item.id WHERE item.run = $1";
        COPY_ATTEMPTS = "INSERT INTO main.attempt (id, item, sample, seed, outcome, outcome_detail, candidate,
                candidate_kind, truncated, prompt, started_us, wall_ms, calls, prompt_tokens, cached_tokens,
                completion_tokens, reasoning_tokens, wasted_tokens, worker)
            SELECT attempt.id + $2, attempt.item + $3, sample, seed, outcome, outcome_detail, candidate,
                candidate_kind, truncated, prompt, started_us, wall_ms, calls, prompt_tokens, cached_tokens,
                completion_tokens, reasoning_tokens, wasted_tokens, worker
            FROM source.item JOIN source.attempt ON attempt.item = item.id WHERE item.run = $1 ORDER BY attempt.id";
        COPY_STEPS = "INSERT INTO main.step (id, attempt, idx, phase, role, model, text, separator, token_count,
                first_entropy_nats, end_reason)
            SELECT step.id + $2, step.attempt + $3, idx, phase, role, model, text, separator, token_count,
                first_entropy_nats, end_reason
            FROM source.item JOIN source.attempt ON attempt.item = item.id JOIN source.step ON step.attempt = attempt.id
            WHERE item.run = $1 ORDER BY step.id";
        COPY_CALLS = "INSERT INTO main.model_call (attempt, idx, role, model, step, ordinal, seed, request_hash, finish,
                error, started_ms, wall_ms, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, queue_ms,
                prefill_ms, decode_ms, retries, estimated, first_entropy_nats, wasted)
            SELECT model_call.attempt + $2, idx, role, model, step, ordinal, model_call.seed, request_hash, finish, error,
                started_ms, model_call.wall_ms, model_call.prompt_tokens, model_call.cached_tokens,
                model_call.completion_tokens, model_call.reasoning_tokens, queue_ms, prefill_ms, decode_ms, retries,
                estimated, first_entropy_nats, wasted
            FROM source.item JOIN source.attempt ON attempt.item = item.id
                JOIN source.model_call ON model_call.attempt = attempt.id
            WHERE item.run = $1 ORDER BY model_call.attempt, idx";
        COPY_VERDICTS = "INSERT INTO main.verdict (attempt, ordinal, current, judged_us, verifier, verdict, class,
                decided_by, extracted, lenient, check_ms, limit_hit, recheck, detail)
            SELECT verdict.attempt + $2, ordinal, current, judged_us, verifier, verdict, class, decided_by, extracted,
                lenient, check_ms, limit_hit, recheck, detail
            FROM source.item JOIN source.attempt ON attempt.item = item.id
                JOIN source.verdict ON verdict.attempt = attempt.id
            WHERE item.run = $1 ORDER BY verdict.attempt, ordinal";
        COPY_COMPLETIONS = "INSERT INTO main.completion_log (run, request_hash, completion)
            SELECT run + $2, request_hash, completion FROM source.completion_log WHERE run = $1";
    }
}
