//! Every statement against the schema, and what the migrations say of themselves.

use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr, SqliteConnection};

use super::insert::{ATTEMPT, CALL, COMPLETION, ITEM, LEASE, STEP, VERDICT};
use super::{statement, trace, views};

async fn migrated() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    super::open::MIGRATOR.run_direct(None, &mut connection, false).await.unwrap();
    connection
}

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let mut connection = migrated().await;
    connection.execute("ATTACH ':memory:' AS source").await.unwrap();
    let tables = "run item statement_check attempt step model_call verdict completion_log";
    for table in tables.split(' ') {
        let copy = format!("CREATE TABLE source.{table} AS SELECT * FROM main.{table}");
        connection.execute(AssertSqlSafe(copy)).await.unwrap();
    }
    let inserts =
        [&ITEM, &ATTEMPT, &STEP, &CALL, &VERDICT, &COMPLETION, &LEASE].map(|insert| ("insert", insert.single()));
    let filter = super::TraceFilter::default();
    let search = super::TraceFilter {
        text: Some(super::TextSearch::Words("a".into())),
        writer: Some("main".into()),
        ..filter.clone()
    };
    let (every, some) = (trace::attempt_query(&filter).into_string(), trace::attempt_query(&search).into_string());
    let (plain, searched) = (trace::query(&filter).into_string(), trace::query(&search).into_string());
    let all = statement::ALL.iter().chain(statement::copy::ALL).copied().chain(inserts);
    for (name, text) in all.chain([&plain, &searched, &every, &some].map(|text| ("traces", text.as_str()))) {
        let prepared = (&mut connection).prepare(AssertSqlSafe(text.to_owned()).into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn every_view_is_documented_column_by_column() {
    let mut connection = migrated().await;
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let views = views();
    let mut documented: Vec<String> = views.iter().map(|view| view.name.clone()).collect();
    assert_eq!(documented, ["attempts_flat", "steps_flat", "accuracy_by_item", "usage_by_model"]);
    documented.sort();
    assert_eq!(documented, names);
    for view in views {
        let info = sqlx::query("SELECT name FROM pragma_table_info($1)").bind(&view.name);
        let columns: Vec<String> =
            info.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(view.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), columns, "{}", view.name);
        assert!(view.columns.iter().all(|(_, about)| !about.is_empty()));
    }
}
