//! `models check`: opens a model and shows what it really does.

use std::time::{Duration, Instant};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::model::remote::RemoteModel;
use stepproof::model::{
    Capabilities, ChatStyle, EntropyWanted, LanguageModel, Message, ModelSpec, Prompt, Request, Sampling, Speaker,
    collect,
};

use super::kind;
use crate::cli::args::FormatArg;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::output::Format;
use crate::cli::render::escape_line;
use crate::cli::settings::ModelSettings;

/// Ask a model a few tokens and show what it really offers
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof models check openai:qwen-4b@http://localhost:8080/v1\n\n\
                        A file is loaded and writes a few tokens; a server is asked a dozen short questions; a script is\n\
                        read.")]
pub(crate) struct CheckArgs {
    /// The model: local:PATH, openai:SERVED@URL, script:FILE or a name from the settings
    #[arg(value_name = "SPEC")]
    spec: ModelSpec,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// What a model really does.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckReport {
    /// Version of this form.
    schema: u32,
    /// The model as it was named.
    spec: String,
    /// local, openai or script.
    kind: &'static str,
    /// The name that it goes by in runs.
    name: String,
    /// BLAKE3 of weights or script; served name and server of a remote model.
    source: String,
    /// Context in tokens, where known.
    context_tokens: Option<u32>,
    /// What strategies can ask of it.
    offers: Offers,
    /// One sentence for each finding.
    findings: Vec<String>,
    /// Milliseconds until the model was open or the server had answered everything.
    open_ms: f64,
    /// What a local model wrote.
    sample: Option<Sample>,
}

/// What strategies can ask of a model.
#[derive(Debug, Serialize, JsonSchema)]
struct Offers {
    /// base, chat or thinking.
    chat: &'static str,
    /// Goes on from a started answer.
    continuation: bool,
    /// Log-probabilities of so many likeliest tokens; 0 is none.
    top_logprobs: u32,
    /// Entropies over the full vocabulary.
    full_entropy: bool,
    /// Log-likelihoods of given texts.
    log_likelihood: bool,
    /// Obeys grammars or JSON schemas.
    grammar: bool,
    /// Gives embeddings.
    embeddings: bool,
    /// Obeys seeds.
    seeded: bool,
}

impl From<&Capabilities> for Offers {
    fn from(capabilities: &Capabilities) -> Offers {
        Offers {
            chat: capabilities.chat.name(),
            continuation: capabilities.continuation,
            top_logprobs: capabilities.top_logprobs,
            full_entropy: capabilities.full_entropy,
            log_likelihood: capabilities.log_likelihood,
            grammar: capabilities.grammar,
            embeddings: capabilities.embeddings,
            seeded: capabilities.seeded,
        }
    }
}

/// A short answer of the model.
#[derive(Debug, Serialize, JsonSchema)]
struct Sample {
    /// What was asked.
    asked: &'static str,
    /// Everything that was written.
    text: String,
    /// Why it ended.
    finish: &'static str,
    /// Prompt tokens.
    prompt_tokens: u64,
    /// Generated tokens.
    completion_tokens: u64,
    /// Entropy of the first content token in nats.
    first_entropy_nats: Option<f32>,
    /// Milliseconds spent on the prompt.
    prefill_ms: f64,
    /// Milliseconds spent on writing.
    decode_ms: f64,
}

/// Tokens that a local model writes.
const TOKENS: u32 = 16;
const QUESTION: &str = "What is 2 + 2?";
const BEGINNING: &str = "Two and two make";
/// A large model on a slow machine takes its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the command.
pub(super) fn run(args: &CheckArgs, session: &mut Session) -> Result<Exit, CliError> {
    let settings = session.settings.model(&args.spec)?;
    let report = Session::block_on(check(args.spec.to_string(), &settings))?;
    if session.output.format() == Format::Table {
        for finding in &report.findings {
            session.output.text(&format!("{}\n", escape_line(finding)))?;
        }
    } else {
        session.output.record(&report, &[])?;
    }
    Ok(Exit::Done)
}

async fn check(spec: String, settings: &ModelSettings) -> Result<CheckReport, CliError> {
    let started = Instant::now();
    if let ModelSettings::Remote(remote) = settings {
        let mut model = RemoteModel::new(open::driver_settings(remote)?)?;
        let probe = model.probe().await?;
        model.apply(&probe);
        return Ok(report(spec, settings, &model, started, probe.sentences()));
    }
    let model = open::open(settings).await?;
    let mut report = report(spec, settings, model.as_ref(), started, Vec::new());
    report.findings.push(format!("{} opened in {:.1} s.", report.name, report.open_ms / 1e3));
    if let Some(context) = report.context_tokens {
        report.findings.push(format!("Its context holds {context} tokens."));
    }
    if model.capabilities().embeddings {
        report.findings.push(embed_some(model.as_ref()).await?);
        return Ok(report);
    }
    let chat = match model.capabilities().chat {
        ChatStyle::Base => "It has no chat template: it is used as a base model.",
        ChatStyle::Chat => "It chats, and does not think first.",
        ChatStyle::Thinking => "It chats, and thinks first.",
    };
    report.findings.push(chat.to_owned());
    if matches!(settings, ModelSettings::Local(_)) {
        let sample = write_some(model.as_ref()).await?;
        report.findings.extend(sample.findings());
        report.sample = Some(sample);
    }
    Ok(report)
}

fn report(
    spec: String,
    settings: &ModelSettings,
    model: &dyn LanguageModel,
    started: Instant,
    findings: Vec<String>,
) -> CheckReport {
    let identity = model.identity();
    CheckReport {
        schema: 1,
        spec,
        kind: kind(settings),
        name: identity.name.clone(),
        source: identity.source.clone(),
        context_tokens: identity.context,
        offers: model.capabilities().into(),
        findings,
        open_ms: started.elapsed().as_secs_f64() * 1e3,
        sample: None,
    }
}

/// Has an embedder compare three texts, and says what came of it.
async fn embed_some(model: &dyn LanguageModel) -> Result<String, CliError> {
    let [text, near, far] = ["The cat sits on the mat.", "A kitten rests on a rug.", "Interest rates rose in March."];
    let vectors = model.embed(&[text, near, far].map(str::to_owned)).await?;
    let cosine = |one: usize, other: usize| {
        let [one, other] = [one, other].map(|index| vectors.get(index).map(Vec::as_slice).unwrap_or_default());
        one.iter().zip(other).map(|(one, other)| one * other).sum::<f32>()
    };
    let width = vectors.first().map_or(0, Vec::len);
    let (near_cosine, far_cosine) = (cosine(0, 1), cosine(0, 2));
    Ok(format!(
        "It embeds texts as {width} numbers: {text:?} and {near:?} have a cosine of {near_cosine:.3}, and {far:?} of \
         {far_cosine:.3}."
    ))
}

/// Has a model write a few tokens, always the likeliest.
async fn write_some(model: &dyn LanguageModel) -> Result<Sample, CliError> {
    let (asked, prompt) = match model.capabilities().chat {
        ChatStyle::Base => (BEGINNING, Prompt::raw(BEGINNING)),
        ChatStyle::Chat | ChatStyle::Thinking => {
            let message = Message { speaker: Speaker::User, content: QUESTION.to_owned() };
            (QUESTION, Prompt { messages: vec![message], continuation: Vec::new() })
        }
    };
    let mut request = Request::new(prompt, Sampling::greedy(), TOKENS);
    request.entropy = EntropyWanted::First;
    request.deadline = Some(Instant::now() + PATIENCE);
    let completion = collect(model.complete(request).await?).await?;
    Ok(Sample {
        asked,
        finish: completion.finish.name(),
        prompt_tokens: completion.usage.prompt_tokens,
        completion_tokens: completion.usage.completion_tokens,
        first_entropy_nats: completion.first.map(|first| first.entropy_nats),
        prefill_ms: completion.usage.prefill_ms,
        decode_ms: completion.usage.decode_ms,
        text: completion.raw,
    })
}

impl Sample {
    fn findings(&self) -> Vec<String> {
        let speed = |tokens: u64, ms: f64| if ms > 0.0 { tokens as f64 / (ms / 1e3) } else { 0.0 };
        let mut findings = vec![format!("After {:?} it wrote {:?} ({}).", self.asked, self.text, self.finish)];
        if let Some(nats) = self.first_entropy_nats {
            findings.push(format!("The first token's entropy is {nats:.3} nats over the full vocabulary."));
        }
        findings.push(format!(
            "It reads {:.0} and writes {:.0} tokens a second here.",
            speed(self.prompt_tokens, self.prefill_ms),
            speed(self.completion_tokens, self.decode_ms)
        ));
        findings
    }
}
