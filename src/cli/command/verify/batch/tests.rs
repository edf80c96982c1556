//! Batches with a scripted judge: resumed, torn, edited, cancelled, given up.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use stepproof::verdict::{Cause, Evidence, Rejection, Verdict};
use stepproof::verify::VerifyError;
use stepproof::verify::lean::{Audit, CandidateKind, Judged, LeanJudgement, LeanReport, Recheck};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::judge::Look;
use super::line::Proof;
use super::*;

/// Does what the candidate says: `ok`, `bad`, `dead`, `slow`, `look` (accepted, second look pending), `lie` (refuted by
/// it). Counts how often each candidate was judged.
#[derive(Debug, Default)]
struct Script {
    judged: Mutex<HashMap<String, usize>>,
    settled: AtomicUsize,
    stop_at: Option<(usize, CancellationToken)>,
}

fn report(recheck: Recheck) -> LeanReport {
    LeanReport {
        diagnostics: Vec::new(),
        goals: Vec::new(),
        axioms: vec!["propext".to_owned()],
        limit_hit: None,
        recheck,
        audit: Audit::NotDone,
        check_ms: 1.5,
        lean_version: "4.35.0".to_owned(),
        flags: vec!["-s32768".to_owned()],
        sandbox: "none".to_owned(),
    }
}

#[async_trait]
impl Judge for Script {
    fn version(&self, kind: CandidateKind) -> String {
        format!("lean-test-{}", kind.name())
    }

    fn blank(&self) -> LeanReport {
        report(Recheck::NotDone)
    }

    async fn judge(&self, proof: &Proof, cancel: &CancellationToken) -> Result<Judged, VerifyError> {
        let judged: usize = {
            let mut judged = self.judged.lock().unwrap();
            *judged.entry(format!("{} {}", proof.item_id, proof.candidate)).or_default() += 1;
            judged.values().sum()
        };
        if let Some((_, token)) = self.stop_at.as_ref().filter(|(count, _)| judged >= *count) {
            token.cancel();
        }
        if cancel.is_cancelled() {
            return Err(VerifyError::Infrastructure { reason: "told to stop".to_owned() });
        }
        // Later lines are often ready before earlier ones.
        tokio::time::sleep(Duration::from_millis(u64::try_from(judged % 3).unwrap())).await;
        let (verdict, recheck) = match proof.candidate.as_str() {
            "ok" => (Verdict::Accepted(Evidence::Proved(Vec::new())), Recheck::Confirmed),
            "look" | "lie" => (Verdict::Accepted(Evidence::Proved(Vec::new())), Recheck::Pending),
            "slow" => (Verdict::Unknown(Cause::Timeout), Recheck::NotDone),
            "dead" => return Err(VerifyError::Infrastructure { reason: "the server is gone".to_owned() }),
            _ => (Verdict::Rejected(Rejection::Failed), Recheck::NotDone),
        };
        let goals = if proof.candidate == "lie" { vec!["lie".to_owned()] } else { Vec::new() };
        let report = LeanReport { goals, ..report(recheck) };
        Ok(Judged { judgement: LeanJudgement { verdict, report }, document: None })
    }

    async fn settle(&self, looks: Vec<Look<'_>>, _cancel: &CancellationToken) {
        for Look { judgement, .. } in looks {
            self.settled.fetch_add(1, Ordering::Relaxed);
            judgement.report.recheck = Recheck::Confirmed;
            if judgement.report.goals == ["lie"] {
                judgement.report.recheck = Recheck::Refuted("no".to_owned());
                judgement.verdict = Verdict::Rejected(Rejection::Tampered("no".to_owned()));
            }
        }
    }
}

/// A folder with a batch.
struct Bench(TempDir);

fn proof(id: &str, candidate: &str) -> String {
    json!({ "id": id, "formal_statement": "theorem t : True := by sorry", "candidate": candidate, "kind": "tactics" })
        .to_string()
}

impl Bench {
    fn new(lines: &[String]) -> Bench {
        let bench = Bench(TempDir::new().unwrap());
        bench.write(lines);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, lines: &[String]) {
        std::fs::write(self.path("in.jsonl"), lines.join("\n")).unwrap();
    }

    fn out(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.path("out.jsonl")).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text}");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// `id class` of every line.
    fn told(&self) -> Vec<String> {
        let line = |line: serde_json::Value| {
            let class = line.get("class").or(line.get("error")).unwrap().as_str().unwrap().to_owned();
            format!("{} {class}", line["id"].as_str().unwrap_or("-"))
        };
        self.out().into_iter().map(line).collect()
    }

    async fn sit(&self, script: Script, misfit: Misfit) -> Result<(Ended, Arc<Script>), CliError> {
        self.sit_with(script, misfit, false, "settings").await
    }

    async fn sit_with(
        &self,
        script: Script,
        misfit: Misfit,
        retry: bool,
        settings: &str,
    ) -> Result<(Ended, Arc<Script>), CliError> {
        let (source, total) = open(&self.path("in.jsonl"))?;
        let taken = take_up(&self.path("out.jsonl"), Input::new(source, settings.to_owned()), misfit, retry)?;
        let store = Store::open(self.path("runs.db"), OpenMode::ReadWrite).await?;
        let (run, joined) = begin(&store, &self.path("in.jsonl"), json!(settings), false).await?;
        let tries = [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(1)];
        let cancel = script.stop_at.as_ref().map_or_else(CancellationToken::new, |(_, token)| token.clone());
        let sitting = Sitting { store: &store, run: &run, joined, total, workers: 3, tries, cancel };
        let judge = Arc::new(script);
        let progress = (ProgressMode::None, Stderr::new());
        let ended = sitting.carry_out(Arc::clone(&judge), taken, "out.jsonl", progress).await?;
        store.close().await;
        Ok((ended, judge))
    }

    async fn count(&self, sql: &str) -> i64 {
        let store = Store::open(self.path("runs.db"), OpenMode::ReadOnly).await.unwrap();
        let limits = stepproof::store::SqlLimits { time: Duration::from_secs(9), rows: 9 };
        let mut rows = store.sql(&format!("SELECT count(*) FROM {sql}"), limits).await.unwrap();
        rows.next().await.unwrap().unwrap()[0].as_i64().unwrap()
    }
}

fn mixed(count: usize) -> Vec<String> {
    let candidate = |number: usize| ["ok", "bad", "look", "slow", "lie"][number % 5];
    (0..count).map(|number| proof(&format!("p{number:03}"), candidate(number))).collect()
}

fn expected(count: usize) -> Vec<String> {
    let class = |number: usize| ["proved", "failed", "proved", "timeout", "tampered"][number % 5];
    (0..count).map(|number| format!("p{number:03} {}", class(number))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_answered_in_order_and_kept() {
    let chain = json!({ "id": "c", "steps": [
        serde_json::from_str::<serde_json::Value>(&proof("1", "ok")).unwrap(),
        serde_json::from_str::<serde_json::Value>(&proof("2", "slow")).unwrap(),
    ]});
    let mut lines = mixed(200);
    lines.extend([chain.to_string(), "{broken".to_owned(), proof("p000", "ok"), proof("last", "ok")]);
    let bench = Bench::new(&lines);
    let (ended, judge) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    let mut told = expected(200);
    told.extend(
        ["c timeout", "- column 2: key must be a string", "p000 the id \"p000\" came before", "last proved"]
            .map(str::to_owned),
    );
    assert_eq!(bench.told(), told);
    assert_eq!((ended.tally.done, ended.tally.accepted, ended.tally.broken), (204, 81, 2));
    assert_eq!((exit(&ended), judge.settled.load(Ordering::Relaxed)), (Exit::BadInput, 80));
    assert!(bench.out().iter().all(|line| line["recheck"]["status"] != "pending"));
    assert_eq!(bench.out()[200]["steps"][0]["class"], "proved");
    assert_eq!(bench.count("attempts_flat WHERE class = 'timeout' AND check_ms = 1.5").await, 41);
    assert_eq!(bench.count("attempts_flat WHERE item_id = 'c/1' AND candidate_kind = 'tactics'").await, 1);
    assert_eq!(bench.count("item").await, 203);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_batch_goes_on_and_judges_nothing_twice() {
    let bench = Bench::new(&mixed(300));
    let mut judged: HashMap<String, usize> = HashMap::new();
    let mut sittings = 0;
    loop {
        let stop = (sittings < 4).then(|| (40 + 13 * sittings, CancellationToken::new()));
        let script = Script { stop_at: stop, ..Script::default() };
        let (ended, judge) = bench.sit(script, Misfit::Refuse).await.unwrap();
        for (proof, count) in judge.judged.lock().unwrap().iter() {
            *judged.entry(proof.clone()).or_default() += count;
        }
        let told = bench.told();
        assert_eq!(told[..], expected(300)[..told.len()], "a prefix at any time");
        sittings += 1;
        if !ended.cancelled {
            break;
        }
        assert_eq!(exit(&ended), Exit::Interrupted);
        // As if the process had been killed in the middle of a line.
        let mut bytes = std::fs::read(bench.path("out.jsonl")).unwrap();
        bytes.extend_from_slice(&b"{\"schema\":1,\"id\":\"p0"[..7 + sittings]);
        std::fs::write(bench.path("out.jsonl"), bytes).unwrap();
    }
    assert_eq!((sittings, bench.told()), (5, expected(300)));
    assert_eq!(bench.count("attempt").await, 300);
    assert_eq!(bench.count("run").await, 1);
    // Proofs in hand when a sitting was stopped are the only ones that are judged again.
    assert!(judged.values().all(|count| *count <= 5), "{judged:?}");
    let again = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert!(again.1.judged.lock().unwrap().is_empty() && again.0.tally.done == 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_holds_is_not_judged_again() {
    let bench = Bench::new(&mixed(50));
    bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    let before = bench.out();
    std::fs::remove_file(bench.path("out.jsonl")).unwrap();
    let (_, judge) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert!(judge.judged.lock().unwrap().is_empty());
    assert_eq!(bench.out(), before);
    // A batch may grow.
    bench.write(&mixed(60));
    let (ended, judge) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert_eq!((judge.judged.lock().unwrap().len(), ended.tally.done), (10, 60));
    // An edited line does not fit; what comes behind it is taken from the database.
    let mut lines = mixed(60);
    lines[5] = proof("p005", "bad");
    lines[7] = lines[7].replace("True", "False");
    bench.write(&lines);
    let error = bench.sit(Script::default(), Misfit::Refuse).await.unwrap_err();
    assert!(error.exit == Exit::BadInput && format!("{:?}", error.lines()).contains("line 6"), "{error:?}");
    assert_eq!(bench.told(), expected(60), "a refused command changes nothing");
    let (_, judge) = bench.sit(Script::default(), Misfit::Rewrite).await.unwrap();
    assert_eq!(judge.judged.lock().unwrap().len(), 2);
    let mut told = expected(60);
    told[5] = "p005 failed".to_owned();
    assert_eq!(bench.told(), told);
    assert_eq!(bench.count("attempt").await, 62);
    assert_eq!(bench.count("item WHERE item_id GLOB 'p007@*'").await, 1);
    // Other settings are another run.
    let error = bench.sit_with(Script::default(), Misfit::Refuse, false, "other").await.unwrap_err();
    assert_eq!(error.exit, Exit::BadInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_file_of_verdicts_is_left_alone() {
    for content in
        ["hello", "hello\n", "{\"schema\":2}\n", "{\"schema\":1,\"id\"}\n", "{\"schema\":1,\"content_hash\":\"x\"}\n"]
    {
        let bench = Bench::new(&mixed(2));
        std::fs::write(bench.path("out.jsonl"), content).unwrap();
        let error = bench.sit(Script::default(), Misfit::Refuse).await.unwrap_err();
        assert_eq!(error.exit, Exit::BadInput, "{content}");
        assert_eq!(std::fs::read_to_string(bench.path("out.jsonl")).unwrap(), content);
    }
    let bench = Bench::new(&mixed(2));
    let held = File::create(bench.path("out.jsonl")).unwrap();
    held.lock().unwrap();
    let error = bench.sit(Script::default(), Misfit::Refuse).await.unwrap_err();
    assert!(error.exit == Exit::Missing && format!("{:?}", error.lines()).contains("another process"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_server_ends_the_batch_and_one_dead_line_does_not() {
    let bench = Bench::new(&[proof("a", "ok"), proof("b", "dead"), proof("c", "ok")]);
    let (ended, judge) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert_eq!(bench.told(), ["a proved", "b infrastructure", "c proved"]);
    assert_eq!((exit(&ended), judge.judged.lock().unwrap()["b dead"]), (Exit::SomeFailed, 3));
    let (_, judge) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert!(judge.judged.lock().unwrap().is_empty(), "it is answered");
    let (_, judge) = bench.sit_with(Script::default(), Misfit::Refuse, true, "settings").await.unwrap();
    assert_eq!(judge.judged.lock().unwrap().len(), 1, "only it is judged again");
    assert_eq!(bench.told().len(), 3);

    let mut lines = vec![proof("a", "ok")];
    lines.extend((0..40).map(|number| proof(&number.to_string(), "dead")));
    let bench = Bench::new(&lines);
    let (ended, _) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert!(ended.gave_up.as_deref().is_some_and(|reason| reason.contains("the server is gone")), "{ended:?}");
    assert_eq!((bench.told(), exit(&ended)), (vec!["a proved".to_owned()], Exit::SomeFailed));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_batch_selects_nothing() {
    let bench = Bench::new(&[String::new(), "  ".to_owned()]);
    let (ended, _) = bench.sit(Script::default(), Misfit::Refuse).await.unwrap();
    assert_eq!((exit(&ended), bench.told().len()), (Exit::NothingSelected, 0));
}
