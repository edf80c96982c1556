//! Changes of a sound model file: each value dropped, zeroed, huge, negative, of another kind; each tensor dropped,
//! doubled, of another shape, kind and place; bytes of the header flipped.

use super::gguf_parts::{ARRAY, Parts, TEXT, Value, array, text};

/// A changed file.
pub(super) struct Change {
    pub(super) what: String,
    pub(super) file: Vec<u8>,
    /// llama.cpp has died of it, or of its like.
    pub(super) known: bool,
}

const U32: u32 = 4;
const I32: u32 = 5;
const F32: u32 = 6;
const BOOL: u32 = 7;

/// Values that the sound models do not have, of which llama.cpp dies or divides by.
const ADDED: [(&str, i64); 18] = [
    ("expert_count", 4),
    ("expert_used_count", 2),
    ("expert_group_count", 3),
    ("nextn_predict_layers", 2),
    ("attention.key_length", 8),
    ("attention.value_length", 8),
    ("attention.key_length_swa", 7),
    ("attention.sliding_window", 1),
    ("attention.sliding_window", 0),
    ("rope.dimension_count", 7),
    ("rope.dimension_count", 0),
    ("rope.dimension_count", 1024),
    ("rope.scaling.original_context_length", 0),
    ("pooling_type", 7),
    ("attention.causal", 0),
    ("vocab_size", 7),
    ("embedding_length_out", 0),
    ("decoder_start_token_id", 100_000),
];

/// Gives all changes of a file, the unchanged one first.
pub(super) fn changes(sound: &Parts, architecture: &str) -> Vec<Change> {
    let mut all = vec![Change { what: format!("{architecture}: sound"), file: sound.file(), known: true }];
    let mut add = |what: String, known: bool, change: &dyn Fn(&mut Parts)| {
        let mut parts = sound.clone();
        change(&mut parts);
        all.push(Change { what: format!("{architecture}: {what}"), file: parts.file(), known });
    };
    for (index, value) in sound.values.iter().enumerate() {
        let key = &value.key;
        add(format!("{key} dropped"), true, &|parts| drop(parts.values.remove(index)));
        add(format!("{key} doubled"), false, &|parts| parts.values.push(value.clone()));
        for (what, kind, bytes) in other_values(value) {
            let known = what == "0" || what == "4294967295" || what == "'none'";
            add(format!("{key} is {what}"), known, &|parts| {
                parts.values[index] = Value { key: key.clone(), kind, bytes: bytes.clone() }
            });
        }
    }
    for (name, number) in ADDED {
        add(format!("{name} is {number}, added"), true, &|parts| {
            let number = i32::try_from(number).expect("small").to_le_bytes();
            let is_truth = name == "attention.causal";
            let (kind, bytes) = if is_truth { (BOOL, number[..1].to_vec()) } else { (U32, number.to_vec()) };
            parts.set(&format!("{architecture}.{name}"), kind, bytes);
        });
    }
    let extra: [(&str, u32, Vec<u8>); 6] = [
        ("general.alignment", U32, 0u32.to_le_bytes().into()),
        ("general.alignment", U32, 1u32.to_le_bytes().into()),
        ("general.alignment", U32, 24u32.to_le_bytes().into()),
        ("general.alignment", U32, (1u32 << 31).to_le_bytes().into()),
        ("split.count", 2, 3u16.to_le_bytes().into()),
        ("tokenizer.ggml.scores", ARRAY, array(F32, &[vec![0; 4]])),
    ];
    for (key, kind, bytes) in extra {
        add(format!("{key} is {bytes:?}, added"), true, &|parts| parts.set(key, kind, bytes.clone()));
    }
    for scaling in ["cubic", "yarn", "longrope"] {
        add(format!("rope.scaling.type is {scaling}"), true, &|parts| {
            parts.set(&format!("{architecture}.rope.scaling.type"), TEXT, text(scaling));
        });
    }
    for index in 0..sound.tensors.len() {
        change_tensor(sound, index, &mut add);
    }
    flips(sound, architecture, &mut all);
    all
}

/// Gives other values for a key: what they are, their kind and bytes.
fn other_values(value: &Value) -> Vec<(String, u32, Vec<u8>)> {
    let mut others = Vec::new();
    match value.kind {
        U32 | I32 => {
            for number in [0u32, 1, 2, 3, 5, 7, 16, 63, 65, 300, 512, 1 << 16, 1 << 24, i32::MAX as u32, u32::MAX] {
                others.push((number.to_string(), value.kind, number.to_le_bytes().to_vec()));
            }
            others.push(("-1".to_owned(), I32, (-1i32).to_le_bytes().to_vec()));
            others.push(("1e9 in F32".to_owned(), F32, 1e9f32.to_le_bytes().to_vec()));
            others.push(("2 in U64".to_owned(), 10, 2u64.to_le_bytes().to_vec()));
            others.push(("'2'".to_owned(), TEXT, text("2")));
            for numbers in [&[2u32, 2][..], &[0, 0], &[2, 0], &[1], &[u32::MAX, 3], &[]] {
                let bytes = array(U32, &numbers.iter().map(|number| number.to_le_bytes().to_vec()).collect::<Vec<_>>());
                others.push((format!("{numbers:?}"), ARRAY, bytes));
            }
        }
        F32 => {
            for number in [0.0f32, -1.0, 1e-30, 1e30, f32::NAN, f32::INFINITY] {
                others.push((format!("{number:?}"), F32, number.to_le_bytes().to_vec()));
            }
            others.push(("1 in U32".to_owned(), U32, 1u32.to_le_bytes().to_vec()));
        }
        BOOL => {
            for truth in [0u8, 1, 7] {
                others.push((truth.to_string(), BOOL, vec![truth]));
            }
        }
        TEXT => {
            let words = [
                "",
                "none",
                "no_vocab",
                "llama",
                "bert",
                "gpt2",
                "t5",
                "rwkv",
                "plamo2",
                "gemma4",
                "hybriddna",
                "whitespace",
                "test",
                "default",
                "deepseek-llm",
                "tekken",
                "gpt-4o",
                "qwen2",
                "gemma2",
                "phi3",
                "falcon",
                "mamba2",
                "rwkv6",
                "gptneox",
                "mpt",
                "bloom",
                "stablelm",
                "deepseek2",
                "nomic-bert",
                "modern-bert",
                "clip",
                "\u{0}",
                "%s%n",
            ];
            others.extend(words.map(|word| (format!("'{}'", word.escape_default()), TEXT, text(word))));
            others.push(("1 in U32".to_owned(), U32, 1u32.to_le_bytes().to_vec()));
        }
        ARRAY => others.extend(other_arrays(value)),
        _ => {}
    }
    others
}

fn other_arrays(value: &Value) -> Vec<(String, u32, Vec<u8>)> {
    let (kind, elements) = value.elements();
    let mut others = vec![
        ("empty".to_owned(), ARRAY, array(kind, &[])),
        ("half".to_owned(), ARRAY, array(kind, &elements[..elements.len() / 2])),
        ("longer".to_owned(), ARRAY, array(kind, &[&elements[..], &elements[..1]].concat())),
        ("all the same".to_owned(), ARRAY, array(kind, &vec![elements[0].clone(); elements.len()])),
        ("numbers".to_owned(), ARRAY, array(U32, &vec![vec![1, 0, 0, 0]; elements.len()])),
        ("'x'".to_owned(), TEXT, text("x")),
        ("an absurd number".to_owned(), ARRAY, [&kind.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat()),
    ];
    if kind == TEXT {
        let odd = ["", " ", "a b c", "\u{0}", "<0x4>", "<0xZZ>", "\u{10FFFF}", "aa", &"long".repeat(1000)];
        let written = |index: usize| text(odd[index % odd.len()]);
        others.push((
            "odd texts".to_owned(),
            ARRAY,
            array(kind, &(0..elements.len()).map(written).collect::<Vec<_>>()),
        ));
        let unlike = |index: usize| text(&format!("{}{index}", odd[index % odd.len()]));
        let unlike = (0..elements.len()).map(unlike).collect::<Vec<_>>();
        others.push(("odd and unlike texts".to_owned(), ARRAY, array(kind, &unlike)));
    }
    if kind == I32 {
        for number in [0i32, 2, 3, 4, 5, 6, 7, -1, i32::MAX] {
            let same = vec![number.to_le_bytes().to_vec(); elements.len()];
            others.push((format!("all {number}"), ARRAY, array(kind, &same)));
        }
    }
    others
}

/// Takes what is changed, whether it is known to be deadly, and the change.
type Add<'all> = dyn FnMut(String, bool, &dyn Fn(&mut Parts)) + 'all;

fn change_tensor(sound: &Parts, index: usize, add: &mut Add<'_>) {
    let tensor = &sound.tensors[index];
    let name = &tensor.name;
    add(format!("{name} dropped"), true, &|parts| {
        parts.tensors.remove(index);
        parts.repair();
    });
    add(format!("{name} doubled"), false, &|parts| {
        parts.tensors.push(tensor.clone());
        parts.repair();
    });
    add(format!("{name} renamed"), false, &|parts| parts.tensors[index].name = "n".repeat(64));
    let (rows, row) = (tensor.dimensions.get(1).copied().unwrap_or(1), tensor.dimensions[0]);
    let shapes = [
        vec![rows, row],
        vec![row * 2, rows],
        vec![row, rows * 2],
        vec![row / 2, rows],
        vec![row, rows, 1],
        vec![row, 1, rows],
        vec![row * rows],
        vec![1],
        vec![0, rows],
        vec![row, 0],
        vec![],
        vec![1; 5],
        vec![u64::MAX, 2],
        vec![1 << 62, 4],
        vec![1 << 40],
    ];
    for shape in shapes {
        for repaired in [true, false] {
            let known = repaired && shape.len() == 2 && shape[0] == row;
            add(format!("{name} has the shape {shape:?}, repaired {repaired}"), known, &|parts| {
                parts.tensors[index].dimensions.clone_from(&shape);
                if repaired {
                    parts.repair();
                }
            });
        }
    }
    for kind in (0..45).chain([255, 1 << 31, u32::MAX]) {
        for fits in [true, false] {
            let known = fits && index < 4;
            add(format!("{name} is of kind {kind}, fits {fits}"), known, &|parts| {
                parts.tensors[index].kind = kind;
                if fits {
                    parts.repair();
                }
            });
        }
    }
    for offset in [1, 32, 1 << 20, 1 << 62, u64::MAX] {
        add(format!("{name} lies at {offset}"), false, &|parts| parts.tensors[index].offset = offset);
    }
    for value in [f32::NAN, f32::INFINITY, 1e38] {
        add(format!("{name} is full of {value}"), value.is_nan(), &|parts| {
            let data = &mut parts.tensors[index].data;
            *data = value.to_le_bytes().repeat(data.len() / 4);
        });
    }
}

/// Flips bytes of the header, by a generator of its own so that the same file gives the same flips.
fn flips(sound: &Parts, architecture: &str, all: &mut Vec<Change>) {
    let (file, header) = (sound.file(), sound.header().len());
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    for round in 0..600 {
        let mut changed = file.clone();
        let mut places = Vec::new();
        for _ in 0..1 + round % 3 {
            // Half of them in the last part, which holds the table of tensors.
            let at = if round % 2 == 0 { random(header) } else { header - 1 - random(header / 4) };
            changed[at] ^= u8::try_from(1 + random(255)).expect("a byte");
            places.push(at);
        }
        all.push(Change { what: format!("{architecture}: flipped at {places:?}"), file: changed, known: false });
    }
}
