//! Holds a completion to a grammar (GBNF or JSON schema) with llama.cpp's grammar sampler.
//!
//! The token that was drawn is checked alone; the whole vocabulary is only masked where it is refused, which is seldom
//! and costs as much as decoding.

use std::fmt;

use llama_cpp_2::json_schema_to_grammar;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

use crate::model::Grammar;

/// llama.cpp's parser of grammars calls itself for every bracket and has no bound of its own.
const LONGEST: usize = 64 << 10;
const DEEPEST: usize = 200;

/// The grammar of one completion and how far it has come.
pub(super) struct GrammarGuard {
    sampler: LlamaSampler,
}

impl fmt::Debug for GrammarGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GrammarGuard")
    }
}

impl GrammarGuard {
    /// Starts a grammar; the error says what is wrong with it.
    pub(super) fn new(model: &LlamaModel, grammar: &Grammar) -> Result<GrammarGuard, String> {
        let text = match grammar {
            Grammar::Gbnf(text) => text.clone(),
            Grammar::JsonSchema(schema) => from_schema(schema)?,
        };
        if text.len() > LONGEST {
            return Err(format!("the grammar is longer than {LONGEST} bytes"));
        }
        if nesting(&text) > DEEPEST {
            return Err(format!("the grammar nests deeper than {DEEPEST} brackets"));
        }
        let sampler = LlamaSampler::grammar(model, &text, "root");
        let sampler = sampler.map_err(|error| format!("the grammar cannot be parsed: {error}"))?;
        Ok(GrammarGuard { sampler })
    }

    /// Says whether this token may come next.
    pub(super) fn allows(&mut self, token: LlamaToken) -> bool {
        let mut candidates = LlamaTokenDataArray::new(vec![LlamaTokenData::new(token, 0.0, 0.0)], false);
        candidates.apply_sampler(&mut self.sampler);
        candidates.data.iter().all(|candidate| candidate.logit() > f32::NEG_INFINITY)
    }

    /// Gives the logits with all refused tokens at minus infinity.
    pub(super) fn mask(&mut self, logits: &[f32]) -> Vec<f32> {
        let candidates = (0i32..).zip(logits).map(|(id, logit)| LlamaTokenData::new(LlamaToken(id), *logit, 0.0));
        let mut candidates = LlamaTokenDataArray::from_iter(candidates, false);
        candidates.apply_sampler(&mut self.sampler);
        let mut masked = vec![f32::NEG_INFINITY; logits.len()];
        for candidate in &candidates.data {
            let place = usize::try_from(candidate.id().0).ok().and_then(|id| masked.get_mut(id));
            if let Some(place) = place {
                *place = candidate.logit();
            }
        }
        masked
    }

    /// Goes on by a token that is allowed and does not end the text.
    pub(super) fn accept(&mut self, token: LlamaToken) -> Result<(), String> {
        self.sampler.try_accept(token).map_err(|error| error.to_string())
    }
}

fn from_schema(schema: &str) -> Result<String, String> {
    if schema.len() > LONGEST {
        return Err(format!("the JSON schema is longer than {LONGEST} bytes"));
    }
    // Also bounds the nesting, to 128.
    serde_json::from_str::<serde_json::Value>(schema)
        .map_err(|error| format!("the JSON schema is no JSON: {error}"))?;
    json_schema_to_grammar(schema).map_err(|_| "the JSON schema cannot be turned into a grammar".to_owned())
}

fn nesting(grammar: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in grammar.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
