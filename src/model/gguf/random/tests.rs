use super::super::read_header;
use super::*;

const ALL: [RandomArchitecture; 5] = [
    RandomArchitecture::Llama,
    RandomArchitecture::Gemma3 { window: 32 },
    RandomArchitecture::Mamba,
    RandomArchitecture::Jamba,
    RandomArchitecture::Bert,
];

#[test]
fn every_architecture_is_read_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tiny.gguf");
    for architecture in ALL {
        for kind in TensorKind::ALL {
            let chat_template = Some(CHAT_TEMPLATE.to_owned());
            let spec = RandomSpec { kind, chat_template, ..RandomSpec::tiny(architecture) };
            spec.write(&path).expect("written");
            let info = read_header(&path).expect("read");
            assert_eq!(info.architecture, architecture.name());
            assert_eq!((info.layers, info.vocabulary_size, info.embedding_length), (Some(2), 300, Some(64)));
            assert_eq!(info.file_type, Some(kind.name().to_uppercase()));
            assert_eq!(info.causal, architecture != RandomArchitecture::Bert);
            assert!((60_000..300_000).contains(&info.parameter_count), "{architecture:?}: {}", info.parameter_count);
        }
    }
}

#[test]
fn the_seed_decides_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hash = |seed: u64, name: &str| {
        let path = folder.path().join(name);
        RandomSpec { seed, ..RandomSpec::tiny(RandomArchitecture::Llama) }.write(&path).expect("written");
        blake3::hash(&std::fs::read(path).expect("read"))
    };
    assert_eq!(hash(1, "one"), hash(1, "again"));
    assert_ne!(hash(1, "one"), hash(2, "two"));
}

#[test]
fn numbers_have_the_wanted_spread() {
    let deviation = |kind: TensorKind| {
        let mut bytes = Vec::new();
        Fill::Spread(0.5).write(&mut bytes, kind, 1 << 16, (3, 1)).expect("written");
        let numbers: Vec<f32> = match kind {
            TensorKind::F32 => bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().expect("four"))).collect(),
            TensorKind::Q8_0 => bytes
                .chunks(34)
                .flat_map(|block| block[2..].iter().map(|byte| f32::from(byte.cast_signed()) * 0.5 / 73.9))
                .collect(),
            _ => bytes
                .chunks(18)
                .flat_map(|block| {
                    let nibbles = block[2..].iter().flat_map(|byte| [byte & 15, byte >> 4]);
                    nibbles.map(|nibble| (f32::from(nibble) - 8.0) * 0.5 / 4.61)
                })
                .collect(),
        };
        assert_eq!(numbers.len(), 1 << 16, "{kind:?}");
        (numbers.iter().map(|number| number * number).sum::<f32>() / numbers.len() as f32).sqrt()
    };
    for kind in [TensorKind::F32, TensorKind::Q8_0, TensorKind::Q4_0] {
        assert!((deviation(kind) - 0.5).abs() < 0.01, "{kind:?}: {}", deviation(kind));
    }
}

#[test]
fn sizes_that_fit_no_model_are_refused() {
    let tiny = || RandomSpec::tiny(RandomArchitecture::Llama);
    let cases = [
        (RandomSpec { layers: 0, ..tiny() }, "1 to 1048576"),
        (RandomSpec { heads: 0, ..tiny() }, "1 to 1048576"),
        (RandomSpec { layers: 600, ..tiny() }, "512 layers"),
        (RandomSpec { vocabulary: 100, ..tiny() }, "its vocabulary"),
        (RandomSpec { heads: 5, ..tiny() }, "a multiple of 2 heads"),
        (RandomSpec { kv_heads: 3, ..tiny() }, "for keys and values"),
        (RandomSpec::tiny(RandomArchitecture::Gemma3 { window: 0 }), "the window"),
    ];
    for (spec, part) in cases {
        let error = spec.write(Path::new("never-written.gguf")).expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    }
}
