//! Opening: what is taken, what is refused, and that what is refused is left alone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::Connection;
use stepproof::store::{OpenMode, Store, StoreError, StoreOptions};

use super::{begin, bundle, check_file, count, execute, open, place, raw, write};

const IMPATIENT: StoreOptions = StoreOptions { busy_timeout: Duration::from_millis(50), max_pages: None };

async fn refused(path: &Path, mode: OpenMode) -> StoreError {
    let error = Store::open_with(path, mode, IMPATIENT).await.err().unwrap();
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "names the file: {text}");
    error
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_new_file_is_made_kept_and_left_without_side_files() {
    let (folder, path) = place();
    let store = open(&path).await;
    begin(&store, 1, 3).await;
    store.close().await;
    assert_eq!(files(folder.path()), ["runs.db"]);
    for mode in [OpenMode::ReadOnly, OpenMode::ReadWrite] {
        let store = Store::open(&path, mode).await.unwrap();
        assert_eq!(store.find_run("last").await.unwrap().suite, "sample");
        store.close().await;
    }
    check_file(&path).await;
}

#[tokio::test]
async fn an_empty_file_is_a_new_database_and_nothing_to_read() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    assert!(matches!(refused(&path, OpenMode::ReadOnly).await, StoreError::Empty { .. }));
    begin(&open(&path).await, 1, 1).await;
    assert_eq!(count(&path, "run").await, 1);
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_not_touched() {
    let (folder, path) = place();
    let mut damaged = b"SQLite format 3\0".to_vec();
    damaged.extend([0xee; 5000]);
    for content in [b"a text".to_vec(), vec![b'x'; 10_000], b"SQLite format 3".to_vec(), damaged, vec![0; 4096]] {
        fs::write(&path, &content).unwrap();
        for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
            let error = refused(&path, mode).await;
            assert!(matches!(error, StoreError::NotADatabase { .. }), "{error:?}");
            assert_eq!(fs::read(&path).unwrap(), content);
            assert_eq!(files(folder.path()), ["runs.db"]);
        }
    }
    for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
        assert!(matches!(refused(folder.path(), mode).await, StoreError::NotAFile { .. }));
    }
}

#[tokio::test]
async fn a_missing_file_or_folder_is_named_and_nothing_is_made() {
    let (folder, path) = place();
    assert!(matches!(refused(&path, OpenMode::ReadOnly).await, StoreError::Missing { .. }));
    let deep = folder.path().join("no/such/runs.db");
    assert!(matches!(refused(&deep, OpenMode::ReadWrite).await, StoreError::NoFolder { .. }));
    assert!(matches!(refused(&deep, OpenMode::ReadOnly).await, StoreError::Missing { .. }));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn another_programs_database_is_refused_and_not_touched() {
    for journal in ["DELETE", "WAL"] {
        let (folder, path) = place();
        execute(&path, &format!("PRAGMA journal_mode = {journal}; CREATE TABLE run (a); INSERT INTO run VALUES (1)"))
            .await;
        let content = fs::read(&path).unwrap();
        for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
            assert!(matches!(refused(&path, mode).await, StoreError::Foreign { .. }));
            assert_eq!(fs::read(&path).unwrap(), content);
            assert_eq!(files(folder.path()), ["runs.db"]);
        }
    }
}

#[tokio::test]
async fn newer_older_and_altered_schemas_are_told_apart() {
    let (_folder, path) = place();
    open(&path).await.close().await;
    execute(&path, "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    assert!(matches!(refused(&path, OpenMode::ReadWrite).await, StoreError::Altered { version: 1, .. }));
    execute(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'x', 1, x'00', 0)",
    )
    .await;
    for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
        let error = refused(&path, mode).await;
        assert!(matches!(error, StoreError::Newer { found: 99, known: 3, .. }), "{error:?}");
    }
    execute(&path, "DELETE FROM _sqlx_migrations").await;
    assert!(matches!(refused(&path, OpenMode::ReadOnly).await, StoreError::Older { found: 0, .. }));
}

#[tokio::test]
async fn a_database_of_the_first_schema_is_brought_up_to_date_and_loses_nothing() {
    let (folder, path) = place();
    let migrations = folder.path().join("first");
    fs::create_dir(&migrations).unwrap();
    let first = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/0001_spine.sql");
    fs::copy(first, migrations.join("0001_spine.sql")).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::migrate::Migrator::new(migrations).await.unwrap().run(&pool).await.unwrap();
    pool.close().await;
    execute(
        &path,
        "INSERT INTO run VALUES (1, '0198a000-0000-7000-8000-000000000001', 'h', '{}', 's', 'cot', 'm', '0.1.0', '{}', 1);
         INSERT INTO item VALUES (1, 1, 0, 'a', 'What?', '[]', 'integer', '5');
         INSERT INTO attempt VALUES (1, 1, 1, '7', 'answered', NULL, '5', 0, '[]', 1, 1.0, 0, 0, 0, 0, 0, 0, NULL);
         INSERT INTO verdict VALUES (1, 0, 1, 1, 'answer-1', 'accepted', 'equal', 'exact', '5', 0)",
    )
    .await;
    assert!(matches!(refused(&path, OpenMode::ReadOnly).await, StoreError::Older { found: 1, needed: 3, .. }));
    let store = open(&path).await;
    let run = store.find_run("last").await.unwrap();
    let detail = store.item_detail(run.key, "a").await.unwrap();
    assert_eq!((detail.item.gold.as_deref(), detail.item.formal_statement), (Some("5"), None));
    let verdict = &detail.attempts[0].verdicts[0];
    assert_eq!((verdict.class.as_str(), verdict.check_ms, verdict.detail.as_deref()), ("equal", None, None));
    assert_eq!(store.runs(&stepproof::store::RunFilter::default()).await.unwrap()[0].accepted, 1);
}

#[tokio::test]
async fn a_damaged_page_is_an_error_and_no_panic() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 200).await;
    write(&store, &run, (0..200).map(|index| bundle(&format!("item-{index}"), 1, 3)).collect()).await;
    store.close().await;
    let mut content = fs::read(&path).unwrap();
    let length = content.len();
    content[4096..].fill(0xa5);
    fs::write(&path, &content).unwrap();
    assert!(length > 100_000);
    let error = match Store::open(&path, OpenMode::ReadOnly).await {
        Err(error) => error,
        Ok(store) => store.graded_attempts(run.key).await.err().unwrap(),
    };
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn processes_that_start_together_make_one_database() {
    for _ in 0..5 {
        let (_folder, path) = place();
        let opened = (0..8).map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let store = Store::open(&path, OpenMode::ReadWrite).await.unwrap();
                    let begun = store.begin_or_join_run(&super::new_run(1), &super::items(20), false).await.unwrap();
                    store.close().await;
                    begun.joined
                })
            })
        });
        let threads: Vec<_> = opened.collect();
        let joined: Vec<bool> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(joined.iter().filter(|joined| !**joined).count(), 1, "one began the run, the others joined it");
        assert_eq!((count(&path, "run").await, count(&path, "item").await), (1, 20));
    }
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_and_then_named() {
    let (_folder, path) = place();
    let store = Store::open_with(&path, OpenMode::ReadWrite, IMPATIENT).await.unwrap();
    let run = begin(&store, 1, 1).await;
    let mut other = raw(&path).await;
    let lock = other.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let error = store.register_worker(run.key).await.err().unwrap();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert!(error.to_string().ends_with("locked for 0.05 s"), "{error}");
    assert_eq!(store.runs_with_spec("spec").await.unwrap().len(), 1, "reading goes on");
    Store::open_with(&path, OpenMode::ReadWrite, IMPATIENT).await.unwrap();
    lock.rollback().await.unwrap();
    store.register_worker(run.key).await.unwrap();
}

#[tokio::test]
async fn a_lock_on_a_new_database_is_named() {
    let (_folder, path) = place();
    let mut other = raw(&path).await;
    let _lock = other.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let error = refused(&path, OpenMode::ReadWrite).await;
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
}

#[tokio::test]
async fn a_store_opened_to_read_writes_nothing() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 1).await;
    store.close().await;
    let store = Store::open(&path, OpenMode::ReadOnly).await.unwrap();
    let errors = [
        store.register_worker(run.key).await.map(|_| ()),
        store.delete_run(run.key).await,
        store.add_items(run.key, &super::items(2)).await,
    ];
    for error in errors {
        assert!(matches!(error, Err(StoreError::OpenedReadOnly { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn odd_file_names_are_names() {
    let (folder, _) = place();
    for name in ["file:odd?mode=memory", "per%20cent #é.db", ":memory:"] {
        let path = folder.path().join(name);
        begin(&open(&path).await, 1, 1).await;
        assert!(path.is_file(), "{name}");
        Store::open(&path, OpenMode::ReadOnly).await.unwrap();
    }
}

/// Root passes permission bits by, so the folder is mounted read-only where that is allowed.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_read_only_folder_can_be_read_and_is_named_when_written_to() {
    use std::process::Command;
    let (folder, path) = place();
    let store = open(&path).await;
    begin(&store, 1, 1).await;
    store.close().await;
    let unclean = folder.path().join("unclean.db");
    let left_open = open(&unclean).await;
    begin(&left_open, 2, 1).await;
    // What a killed process leaves: a log, and no index of it.
    let (copy, log) = (folder.path().join("killed.db"), folder.path().join("killed.db-wal"));
    fs::copy(&unclean, &copy).unwrap();
    fs::copy(folder.path().join("unclean.db-wal"), &log).unwrap();
    left_open.close().await;

    let there = folder.path().to_str().unwrap();
    let mount = |options: &str| {
        Command::new("mount").args(["-o", options, there, there]).output().is_ok_and(|output| output.status.success())
    };
    if !(mount("bind") && mount("remount,bind,ro")) {
        eprintln!("SKIPPED: a read-only folder needs the right to mount");
        let _ = Command::new("umount").arg(there).output();
        return;
    }
    let read = Store::open(&path, OpenMode::ReadOnly).await;
    let found = match &read {
        Ok(store) => store.find_run("last").await.map(|run| run.suite),
        Err(error) => Err(error.clone()),
    };
    let written = Store::open(&path, OpenMode::ReadWrite).await.err();
    let made = Store::open(folder.path().join("new.db"), OpenMode::ReadWrite).await.err();
    let killed = Store::open(&copy, OpenMode::ReadOnly).await.err();
    drop(read);
    assert!(Command::new("umount").args(["-l", there]).status().unwrap().success());
    assert_eq!(found.unwrap(), "sample");
    assert!(matches!(written, Some(StoreError::ReadOnly { .. })), "{written:?}");
    assert!(matches!(made, Some(StoreError::ReadOnly { .. })), "{made:?}");
    assert!(matches!(killed, Some(StoreError::NeedsRecovery { .. })), "{killed:?}");
}
