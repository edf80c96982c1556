//! A model server on a loopback port that does as it is told: replies in order, or a function of the request. It can
//! break off, hang, and cut texts anywhere. Requests are kept.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

/// A piece of an answer's body.
#[derive(Clone)]
pub enum Part {
    Bytes(Vec<u8>),
    /// Breaks the connection.
    Cut,
    /// Never goes on.
    Hang,
    /// Goes on when the watched value is true.
    Until(watch::Receiver<bool>),
}

/// One answer.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub parts: Vec<Part>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    /// Null where there is none.
    pub body: Value,
}

type Brain = dyn Fn(&Recorded) -> Reply + Send + Sync;

struct Shared {
    script: Mutex<VecDeque<Reply>>,
    brain: Box<Brain>,
    requests: Mutex<Vec<Recorded>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    abandoned: watch::Sender<usize>,
}

pub struct Mock {
    pub url: String,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Mock {
    /// Answers with these replies in order, then with status 418.
    pub async fn scripted(replies: Vec<Reply>) -> Mock {
        let mock = Mock::thinking(|_| Reply::json(418, &json!({ "error": { "message": "the script is over" } }))).await;
        mock.script(replies);
        mock
    }

    /// Answers with what the function says.
    pub async fn thinking(brain: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Mock {
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            brain: Box::new(brain),
            requests: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            abandoned: watch::Sender::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Mock { url, shared, task }
    }

    /// Puts replies before whatever else it would say, and forgets the requests so far.
    pub fn script(&self, replies: Vec<Reply>) {
        self.shared.script.lock().unwrap().extend(replies);
        self.shared.requests.lock().unwrap().clear();
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }

    /// Waits until this many requests are being answered.
    pub async fn until_in_flight(&self, count: usize) {
        while self.shared.in_flight.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until the client has gone from this many answers before their end.
    pub async fn until_abandoned(&self, count: usize) {
        let mut abandoned = self.shared.abandoned.subscribe();
        let seen = abandoned.wait_for(|seen| *seen >= count);
        tokio::time::timeout(Duration::from_secs(60), seen).await.expect("the client has let go").unwrap();
    }
}

/// Counts an answer as long as it is being written; its early end is the client's doing.
struct Flight {
    shared: Arc<Shared>,
    ended: bool,
}

impl Flight {
    fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        if !self.ended {
            self.shared.abandoned.send_modify(|count| *count += 1);
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_in_flight.fetch_max(now, Ordering::SeqCst);
    let flight = Flight { shared: Arc::clone(&shared), ended: false };
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let recorded = Recorded {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: head.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    shared.requests.lock().unwrap().push(recorded.clone());
    let scripted = shared.script.lock().unwrap().pop_front();
    let reply = scripted.unwrap_or_else(|| (shared.brain)(&recorded));
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let parts = stream::unfold((VecDeque::from(reply.parts), flight), |(mut parts, mut flight)| async move {
        loop {
            return match parts.pop_front() {
                None => {
                    flight.end();
                    None
                }
                Some(Part::Bytes(bytes)) => Some((Ok(Bytes::from(bytes)), (parts, flight))),
                Some(Part::Cut) => {
                    flight.ended = true;
                    // What was written before must have left before the connection breaks.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Some((Err(std::io::Error::other("cut")), (VecDeque::new(), flight)))
                }
                Some(Part::Hang) => std::future::pending().await,
                Some(Part::Until(mut gate)) => {
                    let _ = gate.wait_for(|open| *open).await;
                    continue;
                }
            };
        }
    });
    response.body(Body::from_stream(parts.boxed())).unwrap()
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Reply {
        Reply::text(status, "application/json", &body.to_string())
    }

    pub fn text(status: u16, kind: &str, body: &str) -> Reply {
        let parts = vec![Part::Bytes(body.as_bytes().to_vec())];
        Reply { status, headers: vec![("content-type", kind.to_owned())], parts }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Reply {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// An event stream of these pieces.
    pub fn stream(parts: Vec<Part>) -> Reply {
        Reply { status: 200, headers: vec![("content-type", "text/event-stream; charset=utf-8".to_owned())], parts }
    }

    /// An event stream of these chunks with the end mark.
    pub fn chunks(chunks: &[Value]) -> Reply {
        let mut parts: Vec<Part> = chunks.iter().map(event).collect();
        parts.push(Part::Bytes(b"data: [DONE]\n\n".to_vec()));
        Reply::stream(parts)
    }
}

/// One event.
pub fn event(chunk: &Value) -> Part {
    Part::Bytes(format!("data: {chunk}\n\n").into_bytes())
}

/// A chunk with text.
pub fn said(text: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] })
}

/// A chunk with reasoning in a field of its own.
pub fn thought(text: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "reasoning_content": text } }] })
}

/// A chunk with one token of this text and the log-probabilities of the likeliest.
pub fn token(text: &str, logprobs: &[(&str, f64)]) -> Value {
    let top: Vec<Value> =
        logprobs.iter().map(|(token, logprob)| json!({ "token": token, "logprob": logprob })).collect();
    let content = json!([{ "token": text, "logprob": logprobs[0].1, "bytes": text.as_bytes(), "top_logprobs": top }]);
    json!({ "choices": [{ "index": 0, "delta": { "content": text }, "logprobs": { "content": content } }] })
}

/// The chunk that says why the text ended.
pub fn ended(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

/// The chunk with the token counts.
pub fn counted(prompt: u64, completion: u64) -> Value {
    json!({ "choices": [], "usage": { "prompt_tokens": prompt, "completion_tokens": completion } })
}
