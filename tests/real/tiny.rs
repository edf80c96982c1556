//! The local driver on models of our own making: no download, and architectures of which no small real model is there.

#![cfg(feature = "local")]
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use stepproof::model::gguf::random::{CHAT_TEMPLATE, RandomArchitecture, RandomSpec};
use stepproof::model::gguf::write::TensorKind;
use stepproof::model::local::{LocalModel, LocalSettings};
use stepproof::model::{
    ChatStyle, Completion, EntropyWanted, LanguageModel, Message, Prompt, Request, Sampling, Speaker, collect,
};

pub(crate) const TEXT_ARCHITECTURES: [RandomArchitecture; 4] = [
    RandomArchitecture::Llama,
    RandomArchitecture::Gemma3 { window: 32 },
    RandomArchitecture::Mamba,
    RandomArchitecture::Jamba,
];

/// Writes a tiny model into `folder`.
pub(crate) fn tiny(folder: &Path, spec: &RandomSpec) -> PathBuf {
    let path = folder.join(format!("{}-{}.gguf", spec.architecture.name(), spec.kind.name()));
    spec.write(&path).expect("written");
    path
}

pub(crate) fn settings(path: PathBuf) -> LocalSettings {
    LocalSettings { context: Some(512), threads: Some(1), deterministic: true, ..LocalSettings::new(path) }
}

async fn complete(model: &LocalModel, prompt: Prompt, max_tokens: u32) -> Completion {
    let mut request = Request::new(prompt, Sampling::greedy(), max_tokens);
    request.entropy = EntropyWanted::First;
    collect(model.complete(request).await.expect("begun")).await.expect("completed")
}

#[tokio::test]
async fn every_architecture_writes_text_that_depends_on_its_whole_prompt() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for architecture in TEXT_ARCHITECTURES {
        let model = LocalModel::open(settings(tiny(folder.path(), &RandomSpec::tiny(architecture)))).expect("loaded");
        let beginning = "any text can be read: \u{1F600} \u{e9}\u{0}\t the others";
        let one = complete(&model, Prompt::raw(beginning), 24).await;
        let other = complete(&model, Prompt::raw(format!("b{beginning}")), 24).await;
        assert!(one.usage.prompt_tokens > 20, "{architecture:?}: {:?}", one.usage);
        assert_eq!(one.text, complete(&model, Prompt::raw(beginning), 24).await.text, "{architecture:?}");
        let nats =
            |completion: &Completion| completion.first.as_ref().map(|first| first.entropy_nats).expect("measured");
        assert!((0.5..5.7).contains(&nats(&one)), "{architecture:?}: {}", nats(&one));
        assert!((nats(&one) - nats(&other)).abs() > 1e-4, "{architecture:?}: {} {}", nats(&one), nats(&other));
    }
}

#[tokio::test]
async fn every_kind_of_tensor_is_understood() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for kind in TensorKind::ALL {
        let spec = RandomSpec { kind, ..RandomSpec::tiny(RandomArchitecture::Llama) };
        let model = LocalModel::open(settings(tiny(folder.path(), &spec))).expect("loaded");
        let completion = complete(&model, Prompt::raw("the other one"), 8).await;
        let nats = completion.first.map(|first| first.entropy_nats).expect("measured");
        assert!((0.5..5.7).contains(&nats), "{kind:?}: {nats}");
    }
}

#[tokio::test]
async fn a_chat_template_makes_it_chat() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chat_template = Some(CHAT_TEMPLATE.to_owned());
    let spec = RandomSpec { chat_template, ..RandomSpec::tiny(RandomArchitecture::Llama) };
    let model = LocalModel::open(settings(tiny(folder.path(), &spec))).expect("loaded");
    assert_eq!(model.capabilities().chat, ChatStyle::Chat);
    let message = Message { speaker: Speaker::User, content: "the".to_owned() };
    let prompt = Prompt { messages: vec![message], continuation: Vec::new() };
    let completion = complete(&model, prompt, 4).await;
    // <|im_start|> u s er \n th e <|im_end|> \n <|im_start|> as s i st an t \n
    assert_eq!(completion.usage.prompt_tokens, 17);
}
