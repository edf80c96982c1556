//! The only way for attempts into the database: a task that commits whole attempts, many to a transaction.
//!
//! A batch is closed when it is large, or when its first attempt has waited long enough. Where an attempt is there
//! already, because another process made it too, the new one is dropped and said to be doubled. After an error that
//! waiting does not mend (disk full, file gone) the writer stops: nothing of the batch is stored, and every later call
//! gives that error.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnection;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::insert::{self, ATTEMPT, CALL, COMPLETION, STEP, VERDICT};
use super::row::{AttemptBundle, AttemptId, ItemRow, RunKey};
use super::statement::{ATTEMPT_DELETE_FAILED, ATTEMPT_IDS_FROM, ATTEMPT_LAST_ID, LEASE_DELETE};
use super::{DatabaseError, Store, StoreError};

/// Keys of items that are kept in memory: a batch of proofs may have a million items.
const MOST_KEYS: usize = 100_000;

/// How a writer gathers attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterOptions {
    /// How long the first attempt of a batch waits for others.
    pub delay: Duration,
    /// Rows at which a batch is closed.
    pub rows: usize,
    /// Bytes of text at which a batch is closed.
    pub bytes: usize,
    /// Attempts that may wait; `submit` waits while there are more.
    pub queue: usize,
}

impl WriterOptions {
    /// What the program uses: 25 ms, so that an attempt is committed within 50 ms; 10,000 rows; 16 MiB; 512 attempts.
    pub const STANDARD: WriterOptions =
        WriterOptions { delay: Duration::from_millis(25), rows: 10_000, bytes: 16 << 20, queue: 512 };
}

/// What became of a submitted attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitResult {
    /// It is in the database.
    Stored(AttemptId),
    /// Another one of the same item and sample was there first and stays.
    Doubled,
}

/// Says that an attempt is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Id of the item.
    pub item_id: String,
    /// Which attempt at it.
    pub sample: u32,
    /// What became of it.
    pub result: CommitResult,
}

/// What a writer did in all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WriterStats {
    /// Attempts stored.
    pub attempts: u64,
    /// Attempts dropped because they were there already.
    pub doubled: u64,
    /// Rows stored, of all tables.
    pub rows: u64,
    /// Transactions committed.
    pub transactions: u64,
    /// Milliseconds spent in them.
    pub busy_ms: f64,
}

/// Takes finished attempts of one run. Dropping it stores what was submitted, as long as the runtime lives; only
/// [`AttemptWriter::close`] says that it did.
#[derive(Debug)]
pub struct AttemptWriter {
    sender: mpsc::Sender<Message>,
    failure: Arc<Failure>,
    task: Mutex<Option<JoinHandle<WriterStats>>>,
    path: std::path::PathBuf,
}

#[derive(Debug)]
enum Message {
    Attempt(Box<AttemptBundle>),
    Close,
}

/// The error that stopped a writer.
#[derive(Debug, Default)]
struct Failure(Mutex<Option<StoreError>>);

impl Failure {
    fn get(&self) -> Option<StoreError> {
        self.lock().clone()
    }

    fn set(&self, error: StoreError) {
        *self.lock() = Some(error);
    }

    fn lock(&self) -> MutexGuard<'_, Option<StoreError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AttemptWriter {
    /// Starts a writer for a run; the second value tells of every attempt once it is committed.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn start(
        store: &Store,
        run: RunKey,
        options: WriterOptions,
    ) -> (AttemptWriter, mpsc::UnboundedReceiver<Committed>) {
        let (sender, receiver) = mpsc::channel(options.queue.max(1));
        let (acknowledge, acknowledgements) = mpsc::unbounded_channel();
        let failure = Arc::new(Failure::default());
        let task = Task {
            store: store.clone(),
            run,
            options,
            items: HashMap::new(),
            acknowledge,
            stats: WriterStats::default(),
            failure: Arc::clone(&failure),
        };
        let task = Mutex::new(Some(tokio::spawn(task.run(receiver))));
        (AttemptWriter { sender, failure, task, path: store.path().to_path_buf() }, acknowledgements)
    }

    /// Hands an attempt over; waits while the queue is full.
    ///
    /// # Errors
    /// The writer was closed, or an error stopped it; then this attempt and all that were not acknowledged are not
    /// stored.
    pub async fn submit(&self, bundle: AttemptBundle) -> Result<(), StoreError> {
        match self.sender.send(Message::Attempt(Box::new(bundle))).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure.get().unwrap_or(StoreError::WriterClosed)),
        }
    }

    /// Stores everything that was submitted and ends the writer.
    ///
    /// # Errors
    /// The error that stopped the writer; or that it was closed before.
    pub async fn close(&self) -> Result<WriterStats, StoreError> {
        // If the task has ended already there is nobody to tell, and its error is found below.
        let _ = self.sender.send(Message::Close).await;
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = match task {
            Some(task) => task.await,
            None => return Err(self.failure.get().unwrap_or(StoreError::WriterClosed)),
        };
        match (self.failure.get(), ended) {
            (Some(error), _) => Err(error),
            (None, Ok(stats)) => Ok(stats),
            (None, Err(error)) => Err(StoreError::Database {
                path: self.path.clone(),
                source: DatabaseError { code: None, message: format!("the writer ended early: {error}") },
            }),
        }
    }
}

impl Store {
    /// Adds items to a run, where it does not have them yet, and whole attempts at them, in one transaction.
    ///
    /// # Errors
    /// The run is gone, an attempt's item is none of the run's, or the database cannot be written to; then nothing is
    /// stored.
    pub async fn add_attempts(
        &self,
        run: RunKey,
        items: &[ItemRow],
        bundles: Vec<AttemptBundle>,
    ) -> Result<Vec<CommitResult>, StoreError> {
        let mut transaction = self.begin().await?;
        self.check_run(&mut transaction, run).await?;
        self.insert_items(&mut transaction, run, items).await?;
        let ids: Vec<&str> = bundles.iter().map(|bundle| bundle.attempt.item_id.as_str()).collect();
        let known: HashMap<String, i64> = self.item_keys(&mut transaction, run, &ids).await?.into_iter().collect();
        let key = |id: &&str| known.get(*id).copied().ok_or_else(|| self.no_such_item(id));
        let keys = ids.iter().map(key).collect::<Result<Vec<i64>, StoreError>>()?;
        let stored = insert_attempts(&mut transaction, run, keys, bundles).await;
        let (results, _) = stored.map_err(|error| self.error(error))?;
        self.commit(transaction).await?;
        Ok(results)
    }
}

struct Task {
    store: Store,
    run: RunKey,
    options: WriterOptions,
    /// Keys of the run's items by their ids, those that were met.
    items: HashMap<String, i64>,
    acknowledge: mpsc::UnboundedSender<Committed>,
    stats: WriterStats,
    failure: Arc<Failure>,
}

/// Attempts that will be committed together.
#[derive(Default)]
struct Batch {
    bundles: Vec<AttemptBundle>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, bundle: AttemptBundle) {
        self.rows += 2 + bundle.steps.len() + bundle.calls.len() + bundle.completions.len();
        self.bytes += bundle.attempt.prompt.len()
            + bundle.attempt.candidate.as_ref().map_or(0, String::len)
            + bundle.steps.iter().map(|step| step.text.len()).sum::<usize>()
            + bundle.completions.iter().map(|completion| completion.completion.len()).sum::<usize>();
        self.bundles.push(bundle);
    }
}

impl Task {
    async fn run(mut self, mut receiver: mpsc::Receiver<Message>) -> WriterStats {
        let mut open = true;
        while open {
            let mut batch = Batch::default();
            open = self.gather(&mut receiver, &mut batch).await;
            if !open {
                // Whoever still waits to submit is turned away; what is in the queue is stored.
                receiver.close();
            }
            if let Err(error) = self.store_batch(batch).await {
                // Set before the receiver goes, so that a refused submit finds it.
                self.failure.set(error);
                return self.stats;
            }
        }
        loop {
            let mut batch = Batch::default();
            while batch.rows < self.options.rows
                && batch.bytes < self.options.bytes
                && let Some(message) = receiver.recv().await
            {
                if let Message::Attempt(bundle) = message {
                    batch.push(*bundle);
                }
            }
            if batch.bundles.is_empty() {
                return self.stats;
            }
            if let Err(error) = self.store_batch(batch).await {
                self.failure.set(error);
                return self.stats;
            }
        }
    }

    /// Fills a batch; false when no more will come.
    async fn gather(&self, receiver: &mut mpsc::Receiver<Message>, batch: &mut Batch) -> bool {
        match receiver.recv().await {
            Some(Message::Attempt(bundle)) => batch.push(*bundle),
            Some(Message::Close) | None => return false,
        }
        let end = tokio::time::Instant::now() + self.options.delay;
        while batch.rows < self.options.rows && batch.bytes < self.options.bytes {
            match tokio::time::timeout_at(end, receiver.recv()).await {
                Ok(Some(Message::Attempt(bundle))) => batch.push(*bundle),
                Ok(Some(Message::Close) | None) => return false,
                Err(_) => break,
            }
        }
        true
    }

    async fn store_batch(&mut self, batch: Batch) -> Result<(), StoreError> {
        if batch.bundles.is_empty() {
            return Ok(());
        }
        let keys: Vec<(String, u32)> =
            batch.bundles.iter().map(|bundle| (bundle.attempt.item_id.clone(), bundle.attempt.sample)).collect();
        let start = Instant::now();
        let mut transaction = self.store.begin().await?;
        let items = self.items_of(&mut transaction, &batch.bundles).await?;
        let stored = insert_attempts(&mut transaction, self.run, items, batch.bundles).await;
        let (results, rows) = stored.map_err(|error| self.explain(error))?;
        self.store.commit(transaction).await?;
        self.stats.busy_ms += start.elapsed().as_secs_f64() * 1000.0;
        self.stats.transactions += 1;
        self.stats.rows += rows;
        for ((item_id, sample), result) in keys.into_iter().zip(results) {
            match result {
                CommitResult::Stored(_) => self.stats.attempts += 1,
                CommitResult::Doubled => self.stats.doubled += 1,
            }
            // Nobody has to listen.
            let _ = self.acknowledge.send(Committed { item_id, sample, result });
        }
        Ok(())
    }

    /// Gives the item key of each attempt.
    async fn items_of(
        &mut self,
        connection: &mut SqliteConnection,
        bundles: &[AttemptBundle],
    ) -> Result<Vec<i64>, StoreError> {
        if self.items.len() > MOST_KEYS {
            self.items.clear();
        }
        let new = bundles.iter().map(|bundle| bundle.attempt.item_id.as_str());
        let new: Vec<&str> = new.filter(|item_id| !self.items.contains_key(*item_id)).collect();
        if !new.is_empty() {
            self.store.check_run(connection, self.run).await?;
            self.items.extend(self.store.item_keys(connection, self.run, &new).await?);
        }
        let key = |bundle: &AttemptBundle| {
            let item_id = &bundle.attempt.item_id;
            self.items.get(item_id).copied().ok_or_else(|| self.store.no_such_item(item_id))
        };
        bundles.iter().map(key).collect()
    }

    /// A broken reference means that the run was deleted under us.
    fn explain(&self, error: sqlx::Error) -> StoreError {
        let broken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation);
        if broken { StoreError::RunGone { path: self.store.path().to_path_buf() } } else { self.store.error(error) }
    }
}

/// Inserts whole attempts; gives what became of each, and the number of rows.
async fn insert_attempts(
    connection: &mut SqliteConnection,
    run: RunKey,
    items: Vec<i64>,
    bundles: Vec<AttemptBundle>,
) -> Result<(Vec<CommitResult>, u64), sqlx::Error> {
    for (item, bundle) in items.iter().zip(&bundles).filter(|(_, bundle)| bundle.replace_failed) {
        sqlx::query(ATTEMPT_DELETE_FAILED).bind(item).bind(bundle.attempt.sample).execute(&mut *connection).await?;
    }
    // The write lock is held, so ids can be given out here; children need them before the parents are read back.
    let last: i64 = sqlx::query_scalar(ATTEMPT_LAST_ID).fetch_one(&mut *connection).await?;
    let samples: Vec<u32> = bundles.iter().map(|bundle| bundle.attempt.sample).collect();
    let mut attempts = Vec::with_capacity(bundles.len());
    let mut children = Vec::with_capacity(bundles.len());
    for ((id, item), bundle) in (last + 1..).zip(&items).zip(bundles) {
        attempts.push((id, *item, bundle.attempt));
        children.push((id, bundle.steps, bundle.calls, bundle.completions, bundle.verdict));
    }
    let count = attempts.len();
    let mut rows = insert::rows(connection, &ATTEMPT, attempts, insert::bind_attempt).await?;
    let stored: Option<Vec<i64>> = if usize::try_from(rows).is_ok_and(|rows| rows == count) {
        None
    } else {
        Some(sqlx::query_scalar(ATTEMPT_IDS_FROM).bind(last).fetch_all(&mut *connection).await?)
    };
    let (mut results, mut steps, mut calls, mut verdicts, mut completions) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((attempt, its_steps, its_calls, its_completions, verdict), (item, sample)) in
        children.into_iter().zip(items.into_iter().zip(samples))
    {
        if stored.as_ref().is_some_and(|stored| stored.binary_search(&attempt).is_err()) {
            sqlx::query(LEASE_DELETE).bind(item).bind(sample).execute(&mut *connection).await?;
            results.push(CommitResult::Doubled);
            continue;
        }
        results.push(CommitResult::Stored(AttemptId(attempt)));
        steps.extend((0..).zip(its_steps).map(|(index, step)| (attempt, index, step)));
        calls.extend((0..).zip(its_calls).map(|(index, call)| (attempt, index, call)));
        verdicts.extend(verdict.map(|verdict| (attempt, verdict)));
        completions.extend(its_completions.into_iter().map(|completion| (run, completion)));
    }
    rows += insert::rows(connection, &STEP, steps, insert::bind_step).await?;
    rows += insert::rows(connection, &CALL, calls, insert::bind_call).await?;
    rows += insert::rows(connection, &VERDICT, verdicts, insert::bind_verdict).await?;
    rows += insert::rows(connection, &COMPLETION, completions, insert::bind_completion).await?;
    Ok((results, rows))
}
