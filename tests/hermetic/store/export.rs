//! Out of the database: JSONL, CSV, compressed, and into another database.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stepproof::store::{ExportFormat, RunRow, Store, StoreError, TextSearch, TraceFilter};

use super::{begin, bundle, check_file, count, counts, execute, failed, open, place, verdict, write};

async fn filled(path: &Path) -> (Store, RunRow) {
    let store = open(path).await;
    begin(&store, 9, 2).await;
    let run = begin(&store, 1, 40).await;
    let mut bundles: Vec<_> = (0..38).map(|index| bundle(&format!("item-{index}"), 1, 2)).collect();
    bundles.push(failed("item-38", 1));
    bundles[3].attempt.candidate = Some("a, \"b\"\nc; =1+1".into());
    write(&store, &run, bundles).await;
    let candidates = store.candidates(run.key, None, 1).await.unwrap();
    store.add_verdicts(&[(candidates[0].attempt, verdict("rejected", "different"))]).await.unwrap();
    (store, run)
}

/// Collects what is written, or refuses it after some bytes.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>, Option<usize>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.0.lock().unwrap();
        if self.1.is_some_and(|limit| taken.len() >= limit) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        taken.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_attempt_is_a_line_with_all_its_parts() {
    let (_folder, path) = place();
    let (store, run) = filled(&path).await;
    let sink = Sink::default();
    assert_eq!(store.export(&run, ExportFormat::Jsonl, sink.clone()).await.unwrap(), 39);
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 39);
    let first = &lines[0];
    assert_eq!(
        (&first["schema"], &first["run_id"], &first["item_id"], &first["sample"], &first["position"]),
        (&json!(1), &json!(run.run_id), &json!("item-0"), &json!(1), &json!(0))
    );
    assert_eq!(
        (&first["verdict"], &first["class"], &first["gold"]),
        (&json!("rejected"), &json!("different"), &json!("1"))
    );
    assert_eq!(first["seed"], json!(u64::MAX.to_string()), "no reader may round it");
    assert_eq!(first["prompt"][0]["role"], "user");
    assert_eq!(first["options"][0], "a \"quoted\" one");
    assert_eq!(first["steps"][1]["text"], "Step 1 of item-0: we add the numbers.");
    assert_eq!(first["calls"][1]["wall_ms"], json!(1.25));
    assert_eq!(lines[38]["outcome"], "failed");
    assert!(lines[38].get("verdict").is_none());
    assert_eq!(lines[3]["candidate"], "a, \"b\"\nc; =1+1");
}

#[tokio::test]
async fn csv_holds_the_flat_view() {
    let (folder, path) = place();
    let (store, run) = filled(&path).await;
    let target = folder.path().join("out.csv.gz");
    let format = ExportFormat::from_path(&target).unwrap();
    assert_eq!(store.export_to_file(&run, format, &target).await.unwrap(), 39);
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(&target).unwrap()).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    assert_eq!(header.len(), 39);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 39);
    assert_eq!(&rows[3][column("candidate")], "a, \"b\"\nc; =1+1");
    assert_eq!((&rows[0][column("verdict")], &rows[38][column("verdict")]), ("rejected", ""));
    assert_eq!(&rows[5][column("seed")], u64::MAX.to_string());
}

#[tokio::test]
async fn a_file_is_whole_or_as_it_was() {
    let (folder, path) = place();
    let (store, run) = filled(&path).await;
    let target = folder.path().join("out.jsonl.zst");
    fs::write(&target, "old").unwrap();
    let before = names(folder.path());
    let gone = store.begin_or_join_run(&super::new_run(5), &[], true).await.unwrap().run;
    store.delete_run(gone.key).await.unwrap();
    let error = store.export_to_file(&gone, ExportFormat::Jsonl, &target).await;
    assert!(matches!(error, Err(StoreError::RunGone { .. })), "{error:?}");
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(names(folder.path()), before);
    store.export_to_file(&run, ExportFormat::Jsonl, &target).await.unwrap();
    assert_eq!(names(folder.path()), before);
    let text = zstd::decode_all(fs::File::open(&target).unwrap()).unwrap();
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 39);
    for bad in ["no/such/folder/out.csv", "."] {
        let error = store.export_to_file(&run, ExportFormat::Csv, &folder.path().join(bad)).await;
        assert!(matches!(error, Err(StoreError::Export { .. })), "{bad}: {error:?}");
    }
    let sink = Sink(Arc::default(), Some(1000));
    match store.export(&run, ExportFormat::Jsonl, sink).await {
        Err(StoreError::Output { source }) => assert_eq!(source.kind(), io::ErrorKind::BrokenPipe),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_form_follows_from_the_name() {
    let check = |name: &str, form| assert_eq!(ExportFormat::from_path(Path::new(name)), form, "{name}");
    check("a.jsonl", Some(ExportFormat::Jsonl));
    check("/x/a.b.NDJSON.gz", Some(ExportFormat::Jsonl));
    check("a.csv.zst", Some(ExportFormat::Csv));
    check("a.gz", None);
    check("csv", None);
    check("..", None);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with("runs.db"));
    names.sort();
    names
}

async fn lines(store: &Store, run: &RunRow) -> String {
    let sink = Sink::default();
    store.export(run, ExportFormat::Jsonl, sink.clone()).await.unwrap();
    let taken = sink.0.lock().unwrap().clone();
    String::from_utf8(taken).unwrap()
}

#[tokio::test]
async fn a_copy_is_equal_and_made_once() {
    let (folder, path) = place();
    let (store, run) = filled(&path).await;
    let target = folder.path().join("copies of '%?#.db");
    store.copy_run(&run, &target).await.unwrap();
    check_file(&target).await;
    assert_eq!(counts(&target).await, [1, 40, 39, 77, 77, 39, 77, 0, 0]);
    let copy = open(&target).await;
    let copied = copy.find_run(&run.run_id).await.unwrap();
    assert_eq!(lines(&copy, &copied).await, lines(&store, &run).await);
    assert_eq!(copy.completions(copied.key).await.unwrap(), store.completions(run.key).await.unwrap());
    let found = TraceFilter { text: Some(TextSearch::Words("\"item-7\"".into())), ..TraceFilter::default() };
    assert_eq!(copy.traces(&found).await.unwrap().len(), 2);
    let history = copy.item_detail(copied.key, "item-0").await.unwrap();
    assert_eq!(history.attempts[0].verdicts.len(), 2);
    // A second run beside the first: keys may not meet.
    let other = begin(&store, 2, 3).await;
    write(&store, &other, vec![bundle("item-0", 1, 2)]).await;
    store.copy_run(&other, &target).await.unwrap();
    let (stats, _) = write(&copy, &copied, vec![bundle("item-39", 1, 2)]).await;
    assert_eq!(stats.attempts, 1);
    check_file(&target).await;
    assert_eq!(count(&target, "attempt").await, 41);

    let refused = store.copy_run(&run, &target).await;
    assert!(matches!(refused, Err(StoreError::CopyExists { .. })), "{refused:?}");
    let refused = store.copy_run(&run, &path).await;
    assert!(matches!(refused, Err(StoreError::CopyOntoItself { .. })), "{refused:?}");
    store.delete_run(run.key).await.unwrap();
    let refused = store.copy_run(&run, &folder.path().join("late.db")).await;
    assert!(matches!(refused, Err(StoreError::RunGone { .. })), "{refused:?}");
    let foreign = folder.path().join("foreign.db");
    execute(&foreign, "CREATE TABLE a (b)").await;
    let refused = store.copy_run(&other, &foreign).await;
    assert!(matches!(refused, Err(StoreError::Foreign { .. })), "{refused:?}");
}
