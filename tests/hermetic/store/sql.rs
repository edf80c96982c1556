//! `sql`: one statement that reads, within limits.

use std::time::Duration;

use serde_json::{Value, json};
use stepproof::store::{SqlLimits, SqlRows, Store, StoreError};

use super::{begin, bundle, counts, open, place, write};

const LIMITS: SqlLimits = SqlLimits { time: Duration::from_secs(20), rows: 1000 };

async fn all(mut rows: SqlRows) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next().await {
        found.push(row?);
    }
    Ok(found)
}

async fn ask(store: &Store, text: &str) -> Result<Vec<Vec<Value>>, StoreError> {
    all(store.sql(text, LIMITS).await?).await
}

async fn filled(path: &std::path::Path) -> Store {
    let store = open(path).await;
    let run = begin(&store, 1, 3).await;
    write(&store, &run, (0..3).map(|index| bundle(&format!("item-{index}"), 1, 2)).collect()).await;
    store
}

#[tokio::test]
async fn values_come_by_their_own_types() {
    let (_folder, path) = place();
    let store = filled(&path).await;
    let rows = store
        .sql(
            "SELECT 1 AS a, 2.5 AS b, 'é' AS c, NULL AS d, x'00ff' AS e, 9e999 AS a, CAST(x'41ff' AS TEXT) AS f",
            LIMITS,
        )
        .await
        .unwrap();
    assert_eq!(rows.columns, ["a", "b", "c", "d", "e", "a", "f"]);
    assert_eq!(
        all(rows).await.unwrap(),
        [[json!(1), json!(2.5), json!("é"), json!(null), json!("00ff"), json!("inf"), json!("A\u{fffd}")]]
    );
    let none = store.sql("SELECT item_id, gold FROM attempts_flat WHERE 0", LIMITS).await.unwrap();
    assert_eq!(none.columns, ["item_id", "gold"], "also without rows");
    let found =
        ask(&store, "SELECT item_id, accepted, accuracy FROM accuracy_by_item ORDER BY position;").await.unwrap();
    assert_eq!(found[2], [json!("item-2"), json!(1), json!(1.0)]);
    assert_eq!(ask(&store, "SELECT count(*) FROM steps_flat").await.unwrap(), [[json!(6)]]);
    assert_eq!(ask(&store, "WITH a(x) AS (VALUES (1), (2)) SELECT sum(x) FROM a").await.unwrap(), [[json!(3)]]);
    assert!(!ask(&store, "EXPLAIN QUERY PLAN SELECT * FROM usage_by_model").await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_can_be_written_by_any_road() {
    let (folder, path) = place();
    let store = filled(&path).await;
    let before = counts(&path).await;
    let elsewhere = folder.path().join("made.db");
    let attach = format!("ATTACH '{}' AS other", elsewhere.display());
    let statements = [
        "INSERT INTO run DEFAULT VALUES".to_owned(),
        "UPDATE attempt SET outcome = 'x'".to_owned(),
        "DELETE FROM attempt".to_owned(),
        "DROP TABLE attempt".to_owned(),
        "CREATE TEMP TABLE t (a)".to_owned(),
        "PRAGMA query_only = 0".to_owned(),
        "PRAGMA journal_mode = DELETE".to_owned(),
        "EXPLAIN PRAGMA query_only = 0".to_owned(),
        "VACUUM".to_owned(),
        format!("VACUUM INTO '{}'", elsewhere.display()),
        "BEGIN".to_owned(),
        attach.clone(),
        format!("SELECT 1; {attach}"),
        format!("SELECT 1;\n-- a comment\n{attach}; SELECT 2"),
        "SELECT 1; DELETE FROM attempt".to_owned(),
        "WITH gone AS (SELECT 1) DELETE FROM attempt".to_owned(),
        "WITH new AS (SELECT 1) INSERT INTO step_text (step_text) VALUES ('delete-all')".to_owned(),
        "WITH a AS (DELETE FROM attempt RETURNING id) SELECT * FROM a".to_owned(),
        "EXPLAIN DELETE FROM attempt".to_owned(),
        "SELECT load_extension('x')".to_owned(),
        "SELECT writefile('x', 'y')".to_owned(),
        "SELECT * FROM pragma_journal_mode('DELETE')".to_owned(),
        "SELECT".to_owned(),
        String::new(),
    ];
    for statement in &statements {
        let error = ask(&store, statement).await;
        let refused = matches!(error, Err(StoreError::SqlRefused { .. } | StoreError::SqlFailed { .. }));
        assert!(refused, "{statement}: {error:?}");
    }
    assert_eq!(counts(&path).await, before);
    assert!(!elsewhere.exists());
    let run = store.find_run("last").await.unwrap();
    write(&store, &run, vec![bundle("item-0", 2, 1)]).await;
    assert_eq!(ask(&store, "SELECT count(*) FROM attempt").await.unwrap(), [[json!(4)]], "all goes on");
}

#[tokio::test]
async fn rows_and_time_are_limited_and_connections_come_back() {
    const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";
    let (_folder, path) = place();
    let store = filled(&path).await;
    let few = SqlLimits { rows: 2, ..LIMITS };
    let mut rows = store.sql("SELECT item_id FROM item ORDER BY 1", few).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap(), [json!("item-0")]);
    assert_eq!(rows.next().await.unwrap().unwrap(), [json!("item-1")]);
    assert!(rows.next().await.is_none());
    assert!(rows.truncated());
    let exact = store.sql("SELECT item_id FROM item", SqlLimits { rows: 3, ..LIMITS }).await.unwrap();
    assert!(!exact.truncated());
    assert_eq!(all(exact).await.unwrap().len(), 3);

    let short = SqlLimits { time: Duration::from_millis(100), ..LIMITS };
    // More often than there are connections: none may be lost or keep its clock.
    for _ in 0..6 {
        let counting = store.sql(&format!("{ENDLESS} SELECT count(*) FROM n"), short).await.unwrap();
        assert!(matches!(all(counting).await, Err(StoreError::SqlTimeout { .. })));
        let dropped = store.sql(&format!("{ENDLESS} SELECT x FROM n"), LIMITS).await.unwrap();
        drop(dropped);
        let silent = store.sql(&format!("{ENDLESS} SELECT count(*) FROM n"), LIMITS).await.unwrap();
        drop(silent);
    }
    assert_eq!(ask(&store, "SELECT count(*) FROM item").await.unwrap(), [[json!(3)]]);
    let long = format!("{ENDLESS} SELECT count(*) FROM (SELECT x FROM n LIMIT 300000)");
    assert_eq!(ask(&store, &long).await.unwrap(), [[json!(300_000)]]);
}
