//! How several processes share a run: each registers as a worker, claims attempts by leases, and shows that it lives by
//! its heartbeat.
//!
//! A lease ends with the commit of its attempt (a trigger of the schema), when it is given back, or with its worker. A
//! worker is dead when its heartbeat is too old, or when its process is known to be gone, so a killed process is
//! resumed at once. Should a worker be thought dead that is not, its work is at worst done twice and stored once.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use sqlx::FromRow;
use sqlx::sqlite::SqliteConnection;

use super::insert::{self, LEASE};
use super::process::Process;
use super::row::RunKey;
use super::statement::{CLAIMABLE, LEASE_GIVE_BACK, RUN_EXISTS, WORKER_BEAT, WORKER_DELETE, WORKER_INSERT, WORKERS};
use super::{Store, StoreError, now_us};

/// Age of a heartbeat at which its worker counts as dead. Beat several times as often.
pub const HEARTBEAT_LIMIT: Duration = Duration::from_secs(60);

/// How many wanted keys are looked at in one statement at least.
const LOOK_AT: usize = 256;

/// A worker of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerId {
    id: i64,
    run: RunKey,
    process: Process,
}

impl WorkerId {
    /// Names host and process, for people (`AttemptRow::worker`).
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.process.host, self.process.pid)
    }
}

#[derive(FromRow)]
struct Colleague {
    id: i64,
    scope: String,
    pid: u32,
    process_start: String,
    heartbeat_us: i64,
}

/// What stands in the way of a wanted key.
#[derive(FromRow)]
struct Wanted {
    item: Option<i64>,
    committed: bool,
    leased: bool,
}

impl Store {
    /// Registers this process as a worker of a run.
    ///
    /// # Errors
    /// The run is gone, or the database cannot be written to.
    pub async fn register_worker(&self, run: RunKey) -> Result<WorkerId, StoreError> {
        let process = Process::current();
        let mut transaction = self.begin().await?;
        self.check_run(&mut transaction, run).await?;
        let id = sqlx::query_scalar(WORKER_INSERT)
            .bind(run.0)
            .bind(&process.host)
            .bind(&process.scope)
            .bind(process.pid)
            .bind(&process.start)
            .bind(now_us())
            .fetch_one(&mut *transaction)
            .await
            .map_err(|error| self.error(error))?;
        self.commit(transaction).await?;
        Ok(WorkerId { id, run, process })
    }

    /// Shows that the worker lives. One that was thought dead is back, without the leases it had.
    ///
    /// # Errors
    /// The run is gone, or the database cannot be written to.
    pub async fn heartbeat(&self, worker: &WorkerId) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.beat(&mut transaction, worker).await?;
        self.commit(transaction).await
    }

    /// Claims up to `at_most` attempts, in the order of `wanted`, which is a list of item ids and samples.
    ///
    /// Takes what it claims out of `wanted`, and also what is committed already (with `replace_failed`, attempts that
    /// failed do not count). So an empty `wanted` means that nothing is left to do; an empty answer with a rest in
    /// `wanted` means that other workers hold it: ask again later.
    ///
    /// # Errors
    /// An item is not one of the run's, the run is gone, or the database cannot be written to; `wanted` is then as it
    /// was.
    pub async fn claim(
        &self,
        worker: &WorkerId,
        wanted: &mut VecDeque<(String, u32)>,
        at_most: usize,
        replace_failed: bool,
    ) -> Result<Vec<(String, u32)>, StoreError> {
        let mut transaction = self.begin().await?;
        self.beat(&mut transaction, worker).await?;
        self.bury(&mut transaction, worker).await?;
        let (mut claimed, mut leases, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
        let mut kept = VecDeque::new();
        let mut seen = 0;
        while claimed.len() < at_most && seen < wanted.len() {
            let part: Vec<&(String, u32)> = wanted.iter().skip(seen).take(LOOK_AT.max(at_most)).collect();
            let states = self.look(&mut transaction, worker.run, &part, replace_failed).await?;
            for (key, state) in part.into_iter().zip(states) {
                let Some(item) = state.item else {
                    return Err(self.no_such_item(&key.0));
                };
                if state.committed {
                    seen += 1;
                } else if claimed.len() == at_most {
                    break;
                } else if !state.leased {
                    // A key that is wanted twice is claimed once.
                    if taken.insert((item, key.1)) {
                        claimed.push(key.clone());
                        leases.push((item, key.1, worker.id));
                    }
                    seen += 1;
                } else {
                    kept.push_back(key.clone());
                    seen += 1;
                }
            }
        }
        insert::rows(&mut transaction, &LEASE, leases, insert::bind_lease).await.map_err(|error| self.error(error))?;
        self.commit(transaction).await?;
        wanted.drain(..seen);
        for key in kept.into_iter().rev() {
            wanted.push_front(key);
        }
        Ok(claimed)
    }

    /// Gives claimed attempts back that will not be made.
    ///
    /// # Errors
    /// The database cannot be written to.
    pub async fn give_back(&self, worker: &WorkerId, keys: &[(String, u32)]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (item_id, sample) in keys {
            sqlx::query(LEASE_GIVE_BACK)
                .bind(worker.id)
                .bind(worker.run.0)
                .bind(*sample)
                .bind(item_id.as_str())
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?;
        }
        self.commit(transaction).await
    }

    /// Ends a worker and with it all its leases.
    ///
    /// # Errors
    /// The database cannot be written to.
    pub async fn release(&self, worker: &WorkerId) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.end_worker(&mut transaction, worker.id).await?;
        self.commit(transaction).await
    }

    async fn beat(&self, connection: &mut SqliteConnection, worker: &WorkerId) -> Result<(), StoreError> {
        self.check_run(connection, worker.run).await?;
        sqlx::query(WORKER_BEAT)
            .bind(worker.id)
            .bind(worker.run.0)
            .bind(&worker.process.host)
            .bind(&worker.process.scope)
            .bind(worker.process.pid)
            .bind(&worker.process.start)
            .bind(now_us())
            .execute(connection)
            .await
            .map_err(|error| self.error(error))?;
        Ok(())
    }

    /// Ends the dead workers of the run.
    async fn bury(&self, connection: &mut SqliteConnection, worker: &WorkerId) -> Result<(), StoreError> {
        let colleagues: Vec<Colleague> = sqlx::query_as(WORKERS)
            .bind(worker.run.0)
            .bind(worker.id)
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| self.error(error))?;
        let now = now_us();
        for colleague in colleagues {
            // A heartbeat far in the future comes from a clock that was wrong; it says as little as an old one.
            let silent = u128::from(now.abs_diff(colleague.heartbeat_us)) > HEARTBEAT_LIMIT.as_micros();
            if silent || worker.process.knows_dead(&colleague.scope, colleague.pid, &colleague.process_start) {
                self.end_worker(connection, colleague.id).await?;
            }
        }
        Ok(())
    }

    async fn end_worker(&self, connection: &mut SqliteConnection, id: i64) -> Result<(), StoreError> {
        sqlx::query(WORKER_DELETE).bind(id).execute(connection).await.map_err(|error| self.error(error))?;
        Ok(())
    }

    async fn look(
        &self,
        connection: &mut SqliteConnection,
        run: RunKey,
        part: &[&(String, u32)],
        replace_failed: bool,
    ) -> Result<Vec<Wanted>, StoreError> {
        let list: Vec<serde_json::Value> =
            part.iter().map(|(item_id, sample)| serde_json::json!([item_id, sample])).collect();
        sqlx::query_as(CLAIMABLE)
            .bind(run.0)
            .bind(serde_json::Value::Array(list).to_string())
            .bind(replace_failed)
            .fetch_all(connection)
            .await
            .map_err(|error| self.error(error))
    }

    /// Fails if the run was deleted.
    pub(super) async fn check_run(&self, connection: &mut SqliteConnection, run: RunKey) -> Result<(), StoreError> {
        let found: Option<i64> = sqlx::query_scalar(RUN_EXISTS)
            .bind(run.0)
            .fetch_optional(connection)
            .await
            .map_err(|error| self.error(error))?;
        found.map(|_| ()).ok_or_else(|| StoreError::RunGone { path: self.path().to_path_buf() })
    }
}
