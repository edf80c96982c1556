//! A place for experiments: a scripted model, a real database, runs made through the library.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use stepproof::budget::BudgetLimits;
use stepproof::model::{Models, ScriptedModel};
use stepproof::problem::{AnswerForm, Problem, ProblemId, Reference, Statement};
use stepproof::prompt::PromptTemplate;
use stepproof::run::{Executed, Execution, PromptPart, RunEvent, RunSpec, SuitePart, item_rows, model_parts};
use stepproof::store::{NewRun, OpenMode, RunRow, Store};
use stepproof::strategy::{Strategy, load};
use stepproof::trace::Role;
use stepproof::verify::{AnswerVerifier, Verifier};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Two of three replies are right; one item's line is dead at first.
pub(crate) const SCRIPT: &str = r#"
[[reply]]
match = "flaky"
fail = "the line went dead"
fail_times = 1
text = "So \\boxed{5}."
[[reply]]
text = "First.\n\nThen.\n\nSo \\boxed{5}."
[[reply]]
text = "Second.\n\nSo \\boxed{5}."
[[reply]]
text = "Third.\n\nSo \\boxed{6}."
"#;

pub(crate) fn problems(count: usize) -> Vec<Problem> {
    let problem = |number: usize| Problem {
        statement: Statement {
            id: ProblemId(format!("item-{number:03}")),
            text: if number == 3 { "flaky".to_owned() } else { format!("What is {number} - {number} + 5?") },
            options: Vec::new(),
            form: AnswerForm::Integer,
            formal: None,
        },
        reference: Some(Reference { answer: "5".to_owned() }),
    };
    (0..count).map(problem).collect()
}

/// One experiment on one database.
pub(crate) struct Lab {
    pub(crate) store: Store,
    strategy: Strategy,
    models: Models,
    spec: RunSpec,
    verifier: Arc<dyn Verifier>,
}

impl Lab {
    pub(crate) async fn open(database: &Path, script: &str) -> Lab {
        let template = Arc::new(PromptTemplate::load("integer", None).unwrap());
        let strategy = Strategy::new(load("stepwise", &[]).unwrap(), Arc::clone(&template));
        let mut models = Models::default();
        models.insert(Role::Main, Arc::new(ScriptedModel::parse(script, "script", "script").unwrap()));
        let verifier: Arc<dyn Verifier> = Arc::new(AnswerVerifier);
        let spec = RunSpec {
            suite: SuitePart {
                name: "lab".to_owned(),
                version: "1".to_owned(),
                data_hash: "0".to_owned(),
                split: "test".to_owned(),
                statement_set: None,
                notes: Vec::new(),
            },
            strategy: strategy.spec().clone(),
            models: model_parts(&models),
            prompt: PromptPart {
                name: "integer".to_owned(),
                version: template.version(),
                hash: template.hash().to_owned(),
            },
            verifier: verifier.version(),
            budget: BudgetLimits::default().into(),
            seed: 0,
            lean: None,
        };
        Lab { store: Store::open(database, OpenMode::ReadWrite).await.unwrap(), strategy, models, spec, verifier }
    }

    pub(crate) async fn begin(&self, problems: &[Problem], fresh: bool) -> RunRow {
        let run = NewRun {
            run_id: uuid::Uuid::now_v7().to_string(),
            spec_hash: self.spec.hash(),
            spec: self.spec.canonical_json(),
            suite: "lab".to_owned(),
            strategy: "stepwise".to_owned(),
            models: "main=script".to_owned(),
            program_version: "test".to_owned(),
            machine: "{}".to_owned(),
            created_us: 0,
        };
        let begun = self.store.begin_or_join_run(&run, &item_rows(problems), fresh).await.unwrap();
        self.store.add_items(begun.run.key, &item_rows(problems)).await.unwrap();
        begun.run
    }

    pub(crate) fn execution(&self, run: &RunRow, problems: Vec<Problem>, samples: u32) -> Execution {
        Execution {
            store: self.store.clone(),
            run: run.key,
            problems,
            samples,
            strategy: self.strategy.clone(),
            models: self.models.clone(),
            verifier: Arc::clone(&self.verifier),
            limits: BudgetLimits::default(),
            seed: 0,
            concurrency: 4,
            retry_failed: false,
            replay: false,
            cancel: CancellationToken::new(),
        }
    }

    pub(crate) async fn run(&self, items: usize, samples: u32) -> (RunRow, Executed) {
        let run = self.begin(&problems(items), false).await;
        let executed = execute(self.execution(&run, problems(items), samples)).await;
        (run, executed)
    }

    /// What a run holds, without times and ids.
    pub(crate) async fn contents(&self, run: &RunRow, items: usize) -> BTreeMap<(String, u32), String> {
        let mut contents = BTreeMap::new();
        for problem in problems(items) {
            let detail = self.store.item_detail(run.key, &problem.id().0).await.unwrap();
            for attempt in detail.attempts {
                let row = &attempt.attempt;
                let verdict = attempt.verdicts.last().map(|verdict| verdict.class.clone());
                let steps: Vec<_> = attempt.steps.iter().map(|step| (&step.text, &step.separator)).collect();
                let calls: Vec<_> = attempt.calls.iter().map(|call| (&call.request_hash, call.seed)).collect();
                let text = format!("{} {:?} {verdict:?} {steps:?} {calls:?}", row.outcome, row.candidate);
                contents.insert((problem.id().0.clone(), row.sample), text);
            }
        }
        contents
    }
}

pub(crate) async fn execute(execution: Execution) -> Executed {
    let (events, mut seen) = mpsc::unbounded_channel();
    let executed = execution.execute(events).await.unwrap();
    let mut ended = 0;
    while let Ok(event) = seen.try_recv() {
        ended += usize::from(matches!(event, RunEvent::Ended { .. }));
    }
    assert!(ended >= executed.committed);
    executed
}
