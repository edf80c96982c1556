//! The cache against llama.cpp's own memory, with models of random weights.

use llama_cpp_2::model::LlamaModel;
use proptest::prelude::*;

use super::context::{Context, Row};
use super::engine::{load, open_context};
use super::prefix::{Cache, Memory, SequenceId, TokenId};
use super::settings::LocalSettings;
use crate::model::gguf::random::{RandomArchitecture, RandomSpec};
use crate::model::gguf::read_header;

/// Writes a random model, loads it, and works on it.
fn with_model<T>(architecture: RandomArchitecture, work: impl FnOnce(&LlamaModel, &LocalSettings) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("random.gguf");
    RandomSpec::tiny(architecture).write(&path).unwrap();
    let settings =
        LocalSettings { cells: Some(512), context: Some(512), sequences: Some(4), ..LocalSettings::new(&path) };
    let model = load(&path, 0).unwrap();
    work(&model, &settings)
}

fn cache<'model>(model: &'model LlamaModel, settings: &LocalSettings) -> Cache<Context<'model>> {
    open_context(model, settings, 512, &read_header(&settings.path).unwrap()).unwrap().0
}

fn rows(sequence: SequenceId, start: usize, tokens: &[TokenId]) -> Vec<Row> {
    let row = |(place, token): (usize, &TokenId)| Row {
        sequence,
        position: start + place,
        token: *token,
        logits: place + 1 == tokens.len(),
    };
    tokens.iter().enumerate().map(row).collect()
}

/// Decodes tokens of a live sequence in one batch; gives the logits after the last.
fn decode(cache: &mut Cache<Context<'_>>, sequence: SequenceId, tokens: &[TokenId]) -> Vec<f32> {
    assert!(cache.make_room(tokens.len()));
    let rows = rows(sequence, cache.length(sequence), tokens);
    cache.memory_mut().decode(&rows).unwrap();
    cache.grow(sequence, tokens);
    cache.memory().logits(rows.len() - 1).unwrap().to_vec()
}

fn tokens(first: TokenId, count: usize) -> Vec<TokenId> {
    (0..count).map(|place| (first + TokenId::try_from(place).unwrap() * 7) % 250 + 3).collect()
}

fn furthest(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[test]
fn a_shared_beginning_gives_the_logits_of_a_fresh_one() {
    with_model(RandomArchitecture::Llama, |model, settings| {
        let (prompt, rest) = (tokens(5, 100), tokens(90, 3));
        let mut fresh = cache(model, settings);
        let (alone, _) = fresh.open(&[], 1).unwrap();
        let whole = [prompt.as_slice(), &rest].concat();
        let expected = decode(&mut fresh, alone, &whole);
        let mut shared = cache(model, settings);
        let (first, _) = shared.open(&[], 1).unwrap();
        decode(&mut shared, first, &[prompt.as_slice(), &[4, 9]].concat());
        let (second, known) = shared.open(&whole, 1).unwrap();
        assert_eq!(known, 100);
        let given = decode(&mut shared, second, &rest);
        // Keys and values are kept in half precision, and differ with the grouping.
        let near = furthest(&expected, &given);
        assert!(near < 0.04, "{near}");
        // It depends on what is shared.
        let (other, _) = shared.open(&[], 1).unwrap();
        let unlike = decode(&mut shared, other, &rest);
        let far = furthest(&expected, &unlike);
        assert!(far > 10.0 * near, "{far} beside {near}");
    });
}

#[test]
fn what_was_saved_or_cut_goes_on_exactly() {
    with_model(RandomArchitecture::Llama, |model, settings| {
        let (prompt, next) = (tokens(17, 80), tokens(3, 1));
        let mut cache = cache(model, settings);
        let (sequence, _) = cache.open(&[], 1).unwrap();
        decode(&mut cache, sequence, &prompt);
        let expected = decode(&mut cache, sequence, &next);
        cache.cut(sequence, prompt.len());
        assert_eq!(decode(&mut cache, sequence, &next), expected, "cut and done again");
        cache.cut(sequence, prompt.len());
        let length = prompt.len();
        let pieces = [0..30, 30..length].map(|piece| cache.memory_mut().save(sequence, piece).unwrap());
        cache.clear();
        let (sequence, _) = cache.open(&[], 1).unwrap();
        let (other, _) = cache.open(&[], 1).unwrap();
        assert!(cache.memory_mut().restore(&pieces[0], other));
        assert!(cache.memory_mut().restore(&pieces[1], sequence));
        cache.memory_mut().share(other, sequence, 0..30);
        cache.memory_mut().take(other, 0..30);
        cache.grow(sequence, &prompt);
        assert_eq!(decode(&mut cache, sequence, &next), expected, "saved and restored");
    });
}

#[test]
fn what_would_end_the_process_is_refused() {
    with_model(RandomArchitecture::Llama, |model, settings| {
        let mut cache = cache(model, settings);
        let context = cache.memory_mut();
        let row = Row { sequence: 0, position: 0, token: 5, logits: true };
        assert!(context.decode(&[]).is_err());
        assert!(context.decode(&vec![row; 513]).is_err());
        assert!(context.decode(&[Row { sequence: 999, ..row }]).is_err());
        assert!(context.decode(&[Row { token: 1 << 20, ..row }]).is_err());
        assert!(context.decode(&[Row { token: -1, ..row }]).is_err());
        assert!(context.decode(&[Row { position: usize::MAX, ..row }]).is_err());
        context.decode(&[row]).unwrap();
        assert!(context.logits(0).is_some());
        assert!(context.logits(1).is_none() && context.logits(usize::MAX).is_none(), "there is no such row");
        context.decode(&[Row { position: 1, logits: false, ..row }]).unwrap();
        assert!(context.logits(0).is_none(), "not asked for");
        assert!(context.decode(&[Row { position: 7, ..row }]).is_err(), "a gap");
        assert!(context.logits(0).is_none(), "nothing was decoded");
    });
}

#[derive(Debug, Clone)]
enum Act {
    Open(Vec<u8>),
    Grow(usize, Vec<u8>),
    Cut(usize, usize),
    Close(usize),
    Room(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let text = || prop_oneof![prop::collection::vec(3..5u8, 1..12), prop::collection::vec(3..4u8, 70..140)];
    prop_oneof![
        4 => text().prop_map(Act::Open),
        5 => (any::<usize>(), text()).prop_map(|(live, tokens)| Act::Grow(live, tokens)),
        1 => (any::<usize>(), 0..100usize).prop_map(|(live, length)| Act::Cut(live, length)),
        4 => any::<usize>().prop_map(Act::Close),
        1 => (0..512usize).prop_map(Act::Room),
    ]
}

/// Runs acts; after each, llama.cpp has as many tokens of every sequence as the cache says, and in the end exactly as
/// many free cells.
fn run(cache: &mut Cache<Context<'_>>, acts: Vec<Act>, cuts: bool) {
    let ids = |tokens: &[u8]| tokens.iter().map(|token| TokenId::from(*token)).collect::<Vec<_>>();
    let mut live = Vec::new();
    for act in acts {
        let some = |index: usize| (!live.is_empty()).then(|| index % live.len());
        match act {
            Act::Open(tokens) if live.len() < 4 => live.push(cache.open(&ids(&tokens), 1).unwrap().0),
            Act::Grow(index, tokens) => {
                if let Some(index) = some(index).filter(|_| cache.held() + tokens.len() <= cache.capacity()) {
                    decode(cache, live[index], &ids(&tokens));
                }
            }
            Act::Cut(index, length) => {
                if let Some(index) = some(index).filter(|_| cuts) {
                    cache.cut(live[index], length);
                }
            }
            Act::Close(index) => {
                if let Some(index) = some(index) {
                    cache.close(live.swap_remove(index));
                }
            }
            Act::Room(cells) => {
                cache.make_room(cells);
            }
            Act::Open(_) => {}
        }
        for sequence in 0..8 {
            assert_eq!(cache.memory().length(sequence), cache.length(sequence), "sequence {sequence}");
        }
    }
    if live.len() == 4 {
        cache.close(live.remove(0));
    }
    let (sequence, _) = cache.open(&[], 1).unwrap();
    let free = cache.capacity() - cache.used();
    if free > 0 {
        decode(cache, sequence, &vec![7; free]);
    }
    let one_more = rows(sequence, cache.length(sequence), &[7]);
    assert!(cache.memory_mut().decode(&one_more).is_err(), "no cell was free");
    cache.clear();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn llama_cpp_and_the_cache_never_differ(all in prop::collection::vec(prop::collection::vec(act(), 1..50), 24)) {
        with_model(RandomArchitecture::Llama, |model, settings| {
            let mut cache = cache(model, settings);
            for acts in all {
                run(&mut cache, acts, true);
            }
        });
    }

    #[test]
    fn nor_where_a_window_forgets(all in prop::collection::vec(prop::collection::vec(act(), 1..30), 8)) {
        with_model(RandomArchitecture::Gemma3 { window: 16 }, |model, settings| {
            let mut cache = cache(model, settings);
            for acts in all {
                run(&mut cache, acts, false);
            }
        });
    }
}
