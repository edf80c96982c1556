//! Runs of proofs without Lean: statements checked first, second looks taken last, what counts, what the command says.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assert_cmd::Command;
use async_trait::async_trait;
use stepproof::budget::BudgetLimits;
use stepproof::model::{Models, ScriptedModel};
use stepproof::problem::{AnswerForm, FormalStatement, Problem, ProblemId, Reference, Statement};
use stepproof::prompt::PromptTemplate;
use stepproof::report;
use stepproof::report::json::EvalSummary;
use stepproof::run::{
    Execution, LeanPart, PromptPart, RunSpec, SuitePart, check_statements, confirm_pending, item_rows, model_parts,
    recording,
};
use stepproof::store::{NewRun, OpenMode, RunRow, Store};
use stepproof::strategy::{Strategy, load};
use stepproof::trace::{Candidate, Role};
use stepproof::verdict::{Cause, Evidence, Rejection, Verdict};
use stepproof::verify::lean::{Audit, LeanReport, Recheck};
use stepproof::verify::{Accepted, Judgement, Verifier, VerifyError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A judge that goes by words: `good` is accepted with its second look pending, `lie` too, but does not hold; a look at
/// `late` cannot be taken at first.
#[derive(Default)]
struct Words {
    statements: AtomicUsize,
    late: AtomicUsize,
}

fn judged(verdict: Verdict, recheck: Recheck) -> Judgement {
    let report = LeanReport {
        diagnostics: Vec::new(),
        goals: Vec::new(),
        axioms: Vec::new(),
        limit_hit: None,
        recheck,
        audit: Audit::NotDone,
        check_ms: 1.0,
        lean_version: "4.0.0".to_owned(),
        flags: Vec::new(),
        sandbox: "none".to_owned(),
    };
    Judgement { verdict, extracted: None, lenient: false, lean: Some(Box::new(report)) }
}

fn proved() -> Verdict {
    Verdict::Accepted(Evidence::Proved(Vec::new()))
}

#[async_trait]
impl Verifier for Words {
    fn version(&self) -> String {
        "words-1".to_owned()
    }

    async fn verify(
        &self,
        candidate: Option<&Candidate>,
        _statement: &Statement,
        _reference: Option<&Reference>,
    ) -> Result<Judgement, VerifyError> {
        let text = candidate.map_or("", |candidate| candidate.text.as_str());
        Ok(match text {
            text if ["good", "lie", "late"].iter().any(|word| text.contains(word)) => {
                judged(proved(), Recheck::Pending)
            }
            "" => judged(Verdict::Rejected(Rejection::NoCandidate), Recheck::NotDone),
            text if text.contains("slow") => judged(Verdict::Unknown(Cause::Timeout), Recheck::NotDone),
            _ => judged(Verdict::Rejected(Rejection::Failed), Recheck::NotDone),
        })
    }

    async fn statement_fault(&self, statement: &Statement) -> Result<Option<String>, VerifyError> {
        self.statements.fetch_add(1, Ordering::SeqCst);
        match statement.id.0.as_str() {
            "p3" => Ok(Some("unknown identifier `x`".to_owned())),
            "p5" => Err(VerifyError::Infrastructure { reason: "the server is gone".to_owned() }),
            _ => Ok(None),
        }
    }

    async fn confirm(&self, accepted: &[Accepted]) -> Vec<Result<Judgement, VerifyError>> {
        let look = |accepted: &Accepted| match accepted.candidate.text.as_str() {
            text if text.contains("lie") => {
                let refuted = Verdict::Rejected(Rejection::Tampered("it is none".to_owned()));
                Ok(judged(refuted, Recheck::Refuted("it is none".to_owned())))
            }
            text if text.contains("late") && self.late.fetch_add(1, Ordering::SeqCst) == 0 => {
                Err(VerifyError::Infrastructure { reason: "come back later".to_owned() })
            }
            _ => Ok(judged(proved(), Recheck::Confirmed)),
        };
        accepted.iter().map(look).collect()
    }
}

const REPLIES: [&str; 7] = ["good", "lie", "late", "good", "wrong", "slow", ""];

fn problems() -> Vec<Problem> {
    let problem = |number: usize| Problem {
        statement: Statement {
            id: ProblemId(format!("p{number}")),
            text: String::new(),
            options: Vec::new(),
            form: AnswerForm::Proof,
            formal: Some(FormalStatement {
                header: "import Init\n".to_owned(),
                theorem: format!("theorem p{number} : True := by sorry"),
            }),
        },
        reference: None,
    };
    (0..REPLIES.len()).map(problem).collect()
}

struct Trial {
    store: Store,
    run: RunRow,
    strategy: Strategy,
    models: Models,
    verifier: Arc<Words>,
}

impl Trial {
    async fn new(folder: &Path) -> Trial {
        let script: String = REPLIES
            .iter()
            .enumerate()
            .map(|(number, text)| format!("[[reply]]\nmatch = 'theorem p{number} '\ntext = '{text}'\n"))
            .collect();
        let mut models = Models::default();
        models.insert(Role::Main, Arc::new(ScriptedModel::parse(&script, "script", "script").unwrap()));
        let template = Arc::new(PromptTemplate::load("lean", None).unwrap());
        let strategy = Strategy::new(load("whole-proof", &[]).unwrap(), Arc::clone(&template));
        let spec = RunSpec {
            suite: SuitePart {
                name: "lab".to_owned(),
                version: "1".to_owned(),
                data_hash: "0".to_owned(),
                split: "test".to_owned(),
                statement_set: Some("v2".to_owned()),
                notes: Vec::new(),
            },
            strategy: strategy.spec().clone(),
            models: model_parts(&models),
            prompt: PromptPart {
                name: "lean".to_owned(),
                version: template.version(),
                hash: template.hash().to_owned(),
            },
            verifier: "words-1".to_owned(),
            budget: BudgetLimits::default().into(),
            seed: 0,
            lean: Some(LeanPart {
                version: "4.0.0".to_owned(),
                commit: "c0ffee".to_owned(),
                flags: Vec::new(),
                project: None,
                recheck: "end".to_owned(),
                permitted_axioms: Vec::new(),
                check_seconds: 60.0,
                audit: None,
            }),
        };
        let store = Store::open(folder.join("p.db"), OpenMode::ReadWrite).await.unwrap();
        let new = NewRun {
            run_id: uuid::Uuid::now_v7().to_string(),
            spec_hash: spec.hash(),
            spec: spec.canonical_json(),
            suite: "lab".to_owned(),
            strategy: "whole-proof".to_owned(),
            models: "main=script".to_owned(),
            program_version: "test".to_owned(),
            machine: "{}".to_owned(),
            created_us: 0,
        };
        let run = store.begin_or_join_run(&new, &item_rows(&problems()), false).await.unwrap().run;
        Trial { store, run, strategy, models, verifier: Arc::default() }
    }

    async fn execute(&self, problems: Vec<Problem>) {
        let execution = Execution {
            store: self.store.clone(),
            run: self.run.key,
            problems,
            samples: 1,
            strategy: self.strategy.clone(),
            models: self.models.clone(),
            verifier: Arc::clone(&self.verifier) as Arc<dyn Verifier>,
            limits: BudgetLimits::default(),
            seed: 0,
            concurrency: 3,
            retry_failed: false,
            replay: false,
            cancel: CancellationToken::new(),
        };
        let (events, _seen) = mpsc::unbounded_channel();
        execution.execute(events).await.unwrap();
    }

    async fn summary(&self) -> EvalSummary {
        report::summary(&self.store, &self.run, Vec::new()).await.unwrap()
    }
}

#[tokio::test]
async fn statements_are_checked_once_and_second_looks_are_taken_again_until_they_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let trial = Trial::new(folder.path()).await;
    let never = CancellationToken::new();
    let check = async || {
        let verifier = trial.verifier.as_ref();
        check_statements(&trial.store, trial.run.key, problems(), verifier, 2, &never, |_, _| {}).await.unwrap()
    };
    let checked = check().await;
    assert_eq!((checked.looked_at, checked.sound.len()), (7, 6));
    assert_eq!(checked.broken, [("p3".to_owned(), "unknown identifier `x`".to_owned())]);
    assert_eq!(checked.open, [("p5".to_owned(), "could not judge the candidate: the server is gone".to_owned())]);
    let again = check().await;
    assert_eq!((again.looked_at, &again.sound, &again.broken), (1, &checked.sound, &checked.broken));
    assert_eq!(trial.verifier.statements.load(Ordering::SeqCst), 8, "only what is not known is looked at again");

    trial.execute(checked.sound).await;
    let summary = trial.summary().await;
    assert_eq!((summary.attempts, summary.accepted, summary.rejected, summary.unknown), (6, 0, 2, 4));
    assert_eq!((summary.classes["proved"], summary.classes["no_candidate"], summary.classes["timeout"]), (3, 1, 1));
    let lean = summary.lean.unwrap();
    assert_eq!((lean.pending, lean.confirmed, lean.commit.as_str()), (3, 0, "c0ffee"));
    assert_eq!(
        trial.store.runs(&Default::default()).await.unwrap()[0].accepted,
        0,
        "nor does the list of runs count them"
    );

    let look =
        async || confirm_pending(&trial.store, trial.run.key, trial.verifier.as_ref(), &never, |_| {}).await.unwrap();
    let first = look().await;
    assert_eq!((first.confirmed, first.refuted, first.open), (1, 1, 1));
    assert!(first.reason.unwrap().contains("come back later"));
    let second = look().await;
    assert_eq!(
        (second.confirmed, second.refuted, second.open),
        (1, 0, 0),
        "what was open is found again, nothing else"
    );
    let summary = trial.summary().await;
    assert_eq!((summary.accepted, summary.rejected, summary.unknown), (2, 3, 1));
    assert_eq!(summary.accuracy, Some(2.0 / 6.0), "a statement that nobody can prove is in no figure");
    assert_eq!((summary.split.as_deref(), summary.statement_set.as_deref()), (Some("test"), Some("v2")));
    assert_eq!(
        summary.skipped_statements.map(|skipped| (skipped.count, skipped.ids)),
        Some((1, vec!["p3".to_owned()]))
    );
    assert_eq!(summary.notes, ["1 statements do not compile with sorry and were left out: p3"]);
    assert!(summary.maj_at.is_empty() && summary.lenient_accuracy.is_none(), "proofs state no answers");
    let lean = summary.lean.unwrap();
    assert_eq!((lean.confirmed, lean.refuted, lean.pending, lean.recheck.as_str()), (2, 1, 0, "end"));
    let detail = trial.store.item_detail(trial.run.key, "p1").await.unwrap();
    let verdicts: Vec<_> =
        detail.attempts[0].verdicts.iter().map(|row| (row.class.as_str(), row.recheck.as_deref())).collect();
    assert_eq!(verdicts, [("proved", Some("pending")), ("tampered", Some("refuted"))], "both are kept");

    let recorded = recording(&trial.store, &trial.run).await.unwrap();
    assert_eq!((recorded.problems.len(), recorded.broken_items.len(), recorded.statement_checks.len()), (6, 1, 6));
    let copied = folder.path().join("copy.db");
    trial.store.copy_run(&trial.run, &copied).await.unwrap();
    let copy = Store::open(&copied, OpenMode::ReadOnly).await.unwrap();
    let run = copy.find_run("last").await.unwrap();
    let mut there = report::summary(&copy, &run, Vec::new()).await.unwrap();
    there.wall_ms = trial.summary().await.wall_ms;
    assert_eq!(there, trial.summary().await);
}

#[tokio::test]
async fn a_look_that_is_interrupted_leaves_everything_pending() {
    let folder = tempfile::tempdir().unwrap();
    let trial = Trial::new(folder.path()).await;
    trial.execute(problems()).await;
    let stopped = CancellationToken::new();
    stopped.cancel();
    struct Never;
    #[async_trait]
    impl Verifier for Never {
        fn version(&self) -> String {
            String::new()
        }
        async fn verify(
            &self,
            _: Option<&Candidate>,
            _: &Statement,
            _: Option<&Reference>,
        ) -> Result<Judgement, VerifyError> {
            std::future::pending().await
        }
        async fn confirm(&self, _: &[Accepted]) -> Vec<Result<Judgement, VerifyError>> {
            std::future::pending().await
        }
    }
    let confirmed = confirm_pending(&trial.store, trial.run.key, &Never, &stopped, |_| {}).await.unwrap();
    assert_eq!(confirmed, Default::default());
    assert_eq!(trial.summary().await.lean.unwrap().pending, 4);
}

fn stepproof(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.env_clear().current_dir(folder).args(line.split_whitespace());
    command
}

#[test]
fn the_command_says_what_is_missing_before_the_first_token() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("s.toml"), "[[reply]]\ntext = 'x'\n").unwrap();
    std::fs::write(folder.join("t.toml"), "P1 = 'too short'\n").unwrap();
    let model = "--model script:s.toml";
    for (line, code, parts) in [
        (format!("eval core-theorems {model}"), 3, vec!["find Lean", "--lean PATH"]),
        (format!("eval core-theorems {model} --lean nowhere/lean"), 3, vec!["nowhere/lean"]),
        (format!("eval core-theorems {model} --split train"), 2, vec!["it has valid, test, all"]),
        (format!("eval minif2f {model} --statements v9"), 2, vec!["it has dsp, goedel, v4.24"]),
        (format!("eval minif2f {model}"), 3, vec!["minif2f_lean4_v4.24.jsonl; get it from GitHub"]),
        (format!("eval sample {model} --strategy stp"), 2, vec!["run stp on sample: its problems are no theorems"]),
        (format!("eval core-theorems {model} --strategy kimina"), 2, vec!["did you mean kimina-prover?"]),
        (
            format!("eval core-theorems {model} --strategy stp --set triggers=t.toml"),
            2,
            vec!["P1: it has 9 bytes, the trained sentence has 35"],
        ),
        (format!("eval core-theorems {model} --recheck sometimes"), 2, vec!["--recheck"]),
    ] {
        let output = stepproof(folder, &line).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{line}: {said}");
        assert!(!said.contains("panicked"), "{line}: {said}");
    }
    assert!(!folder.join("stepproof.db").exists(), "nothing was begun");
}

#[test]
fn a_dry_run_shows_the_split_the_strategy_and_the_settings_of_lean() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.toml"), "[[reply]]\ntext = 'x'\n").unwrap();
    let line = "eval core-theorems --split valid --model script:s.toml --recheck each --dry-run --format json";
    let output = stepproof(folder.path(), line).output().unwrap();
    let dry: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&dry["split"], &dry["statement_set"], &dry["verifier"]),
        (&"valid".into(), &"small".into(), &"lean".into())
    );
    assert_eq!((&dry["items"], &dry["strategy"]["kind"]), (&21.into(), &"whole-proof".into()));
    let rows = dry["settings"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["setting"] == name).unwrap();
    assert_eq!(row("lean.recheck")["value"], "each");
    assert_eq!((&row("strategy")["value"], &row("strategy")["origin"]), (&"whole-proof".into(), &"default".into()));
}
