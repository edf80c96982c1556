//! What can go wrong between us and a model.

use thiserror::Error;

/// No completion was reached. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum ModelError {
    /// The prompt does not fit into the context.
    #[error("fit the prompt: {tokens} tokens, the context of {model} holds {context}")]
    PromptTooLong {
        /// The model's name.
        model: String,
        /// Tokens of the prompt.
        tokens: usize,
        /// Tokens that the context holds.
        context: u32,
    },
    /// A text to embed does not fit into the context.
    #[error("embed text {index}: {tokens} tokens, the context of {model} holds {context}")]
    TextTooLong {
        /// The model's name.
        model: String,
        /// Which of the texts, the first is 0.
        index: usize,
        /// Tokens of the text.
        tokens: usize,
        /// Tokens that the context holds.
        context: u32,
    },
    /// The model cannot do what was asked.
    #[error("get {what} from {model}: the model or its server does not offer them")]
    Unsupported {
        /// The model's name.
        model: String,
        /// What was asked.
        what: &'static str,
    },
    /// The request breaks a rule of its own.
    #[error("send this request to {model}: {rule}")]
    BadRequest {
        /// The model's name.
        model: String,
        /// Rule and value.
        rule: String,
    },
    /// The file is missing, damaged or of another kind.
    #[error("load the model file {path}: {reason}")]
    Load {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A model file cannot be written.
    #[error("write the model file {path}: {reason}")]
    Write {
        /// The file.
        path: String,
        /// What is in the way.
        reason: String,
    },
    /// What is to be converted is missing, damaged or of another kind.
    #[error("convert {path}: {reason}")]
    Convert {
        /// The file or folder.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The chat template cannot be rendered.
    #[error("render the chat template of {model}: {reason}")]
    Template {
        /// The model's name.
        model: String,
        /// What the engine says.
        reason: String,
    },
    /// The server cannot be reached.
    #[error("reach model {model} at {url}: {reason}")]
    Unreachable {
        /// The served name.
        model: String,
        /// The server.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// The server answered with an error.
    #[error("use model {model} at {url}: HTTP status {status}: {body}")]
    Status {
        /// The served name.
        model: String,
        /// The server.
        url: String,
        /// The status code.
        status: u16,
        /// The beginning of the answer.
        body: String,
    },
    /// The answer is not what the protocol says.
    #[error("read the answer of {model} at {url}: {reason}")]
    Protocol {
        /// The served name.
        model: String,
        /// The server.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The driver stopped in the middle.
    #[error("finish the completion: {what}")]
    Broken {
        /// What happened.
        what: String,
    },
    /// The script has no reply for this prompt, or is no script.
    #[error("follow the script {path}: {reason}")]
    Script {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A replay asks for a call that is not in the log.
    #[error("replay the call {hash}: it is not in the completion log")]
    NotRecorded {
        /// The request's hash.
        hash: String,
    },
    /// A model specification cannot be read.
    #[error("use the model {spec:?}: {reason}")]
    Spec {
        /// As the user wrote it.
        spec: String,
        /// What is wrong, with what to write instead.
        reason: String,
    },
}
