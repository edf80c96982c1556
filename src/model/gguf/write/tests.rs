use super::super::{parse, reader};
use super::*;
use proptest::prelude::*;

fn sample() -> GgufWriter {
    let mut writer = GgufWriter::new();
    writer.set("general.architecture", GgufValue::Text("llama".to_owned()));
    writer
}

fn written(writer: GgufWriter) -> Vec<u8> {
    let tensors = writer.tensors.clone();
    let mut out = writer.begin(Vec::new()).expect("begun");
    for entry in tensors {
        let bytes = vec![7; usize::try_from(entry.bytes).expect("small")];
        out.tensor(&entry.name, |out| out.write_all(&bytes)).expect("written");
    }
    out.end().expect("whole")
}

#[test]
fn the_bytes_are_those_of_the_format() {
    let mut writer = sample();
    writer.tensor("a", &[3], TensorKind::F16).expect("announced");
    let expected = [
        &b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"[..],
        b"\x14\0\0\0\0\0\0\0general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0llama",
        b"\x01\0\0\0\0\0\0\0a\x01\0\0\0\x03\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0",
    ];
    let mut expected = expected.concat();
    expected.resize(expected.len().next_multiple_of(32), 0);
    expected.extend([7; 6]);
    expected.resize(expected.len().next_multiple_of(32), 0);
    assert_eq!(written(writer), expected);
}

#[test]
fn what_is_no_tensor_is_refused() {
    let mut writer = sample();
    let mut refused = |name: &str, dimensions: &[u64], kind| {
        assert!(writer.tensor(name, dimensions, kind).is_err(), "{name} {dimensions:?}");
    };
    refused("", &[4], TensorKind::F32);
    refused(&"n".repeat(64), &[4], TensorKind::F32);
    refused("t", &[], TensorKind::F32);
    refused("t", &[4; 5], TensorKind::F32);
    refused("t", &[4, 0], TensorKind::F32);
    refused("t", &[33, 32], TensorKind::Q8_0);
    refused("t", &[u64::MAX, 2], TensorKind::F32);
    writer.tensor("t", &[64, 2], TensorKind::Q4_0).expect("announced");
    writer.tensor("t", &[4], TensorKind::F32).expect("announced");
    assert!(writer.begin(Vec::new()).is_err(), "one name twice");
}

#[test]
fn tensors_come_whole_and_in_order() {
    let begun = || {
        let mut writer = sample();
        writer.tensor("a", &[2], TensorKind::F32).expect("announced");
        writer.tensor("b", &[2], TensorKind::F32).expect("announced");
        writer.begin(Vec::new()).expect("begun")
    };
    assert!(begun().tensor("b", |out| out.write_all(&[0; 8])).is_err(), "another one's turn");
    assert!(begun().tensor("a", |out| out.write_all(&[0; 7])).is_err(), "too few bytes");
    assert!(begun().tensor("a", |out| out.write_all(&[0; 9])).is_err(), "too many bytes");
    assert!(begun().end().is_err(), "two are missing");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.gguf");
    let write = |replace, text: &'static [u8]| {
        write_file(&path, replace, |mut out| {
            out.write_all(text)?;
            if text == b"broken" { Err(io::Error::other("the disk is full")) } else { Ok(out) }
        })
    };
    let names = || std::fs::read_dir(folder.path()).expect("read").count();
    let error = write(false, b"broken").expect_err("broken").to_string();
    assert!(error.contains("the disk is full") && names() == 0, "{error}");
    write(false, b"one").expect("written");
    let error = write(false, b"two").expect_err("is there").to_string();
    assert!(error.contains("there is a file of this name"), "{error}");
    assert!(write(true, b"broken").is_err());
    assert_eq!((std::fs::read(&path).expect("read"), names()), (b"one".to_vec(), 1));
    write(true, b"two").expect("replaced");
    assert_eq!((std::fs::read(&path).expect("read"), names()), (b"two".to_vec(), 1));
    assert!(write_file(folder.path(), true, Ok).is_err(), "a folder");
    assert!(write_file(&folder.path().join("no/folder"), true, Ok).is_err(), "no folder");
}

#[test]
fn halves_are_rounded_to_the_nearest() {
    let cases = [
        (0.0, 0x0000),
        (-0.0, 0x8000),
        (1.0, 0x3c00),
        (-2.0, 0xc000),
        (0.1, 0x2e66),
        (65504.0, 0x7bff),
        (65519.0, 0x7bff),
        (65520.0, 0x7c00),
        (1e30, 0x7c00),
        (f32::NEG_INFINITY, 0xfc00),
        (6.1035156e-5, 0x0400),
        (f32::from_bits(0x387f_c000), 0x03ff),
        (5.9604645e-8, 0x0001),
        (2.9802322e-8, 0x0000),
        (2.9802326e-8, 0x0001),
        (f32::from_bits(0x3f80_1000), 0x3c00),
        (f32::from_bits(0x3f80_3000), 0x3c02),
        (f32::NAN, 0x7e00),
    ];
    for (number, expected) in cases {
        assert_eq!(half(number), expected, "{number}");
    }
}

fn array() -> impl Strategy<Value = GgufArray> {
    fn of<T: Arbitrary>() -> impl Strategy<Value = Vec<T>> {
        prop::collection::vec(any::<T>(), 0..9)
    }
    prop_oneof![
        of().prop_map(GgufArray::U8),
        of().prop_map(GgufArray::I8),
        of().prop_map(GgufArray::U16),
        of().prop_map(GgufArray::I16),
        of().prop_map(GgufArray::U32),
        of().prop_map(GgufArray::I32),
        of().prop_map(GgufArray::F32),
        of().prop_map(GgufArray::Bool),
        of().prop_map(GgufArray::Text),
        of().prop_map(GgufArray::U64),
        of().prop_map(GgufArray::I64),
        of().prop_map(GgufArray::F64),
    ]
}

fn value() -> impl Strategy<Value = GgufValue> {
    let integers = prop_oneof![
        any::<u8>().prop_map(GgufValue::U8),
        any::<i8>().prop_map(GgufValue::I8),
        any::<u16>().prop_map(GgufValue::U16),
        any::<i16>().prop_map(GgufValue::I16),
        any::<u32>().prop_map(GgufValue::U32),
        any::<i32>().prop_map(GgufValue::I32),
        any::<u64>().prop_map(GgufValue::U64),
        any::<i64>().prop_map(GgufValue::I64),
    ];
    prop_oneof![
        integers,
        (-1e9f32..1e9).prop_map(GgufValue::F32),
        (-1e9f64..1e9).prop_map(GgufValue::F64),
        any::<bool>().prop_map(GgufValue::Bool),
        any::<String>().prop_map(GgufValue::Text),
        array().prop_map(GgufValue::Array),
    ]
}

/// What the reader should give for a value.
fn seen(value: &GgufValue) -> reader::Value {
    use reader::{Number, Value};
    let whole = |number: i128| Value::Number(Number::Whole(number));
    let head = |(kind, length)| reader::ArrayHead { kind, length: length as u64 };
    match value {
        GgufValue::U8(number) => whole((*number).into()),
        GgufValue::I8(number) => whole((*number).into()),
        GgufValue::U16(number) => whole((*number).into()),
        GgufValue::I16(number) => whole((*number).into()),
        GgufValue::U32(number) => whole((*number).into()),
        GgufValue::I32(number) => whole((*number).into()),
        GgufValue::U64(number) => whole((*number).into()),
        GgufValue::I64(number) => whole((*number).into()),
        GgufValue::Bool(truth) => whole((*truth).into()),
        GgufValue::F32(number) => Value::Number(Number::Real((*number).into())),
        GgufValue::F64(number) => Value::Number(Number::Real(*number)),
        GgufValue::Text(text) => Value::Text(text.clone()),
        GgufValue::Array(array) => Value::Array(head(match array {
            GgufArray::U8(all) => (0, all.len()),
            GgufArray::I8(all) => (1, all.len()),
            GgufArray::U16(all) => (2, all.len()),
            GgufArray::I16(all) => (3, all.len()),
            GgufArray::U32(all) => (4, all.len()),
            GgufArray::I32(all) => (5, all.len()),
            GgufArray::F32(all) => (6, all.len()),
            GgufArray::Bool(all) => (7, all.len()),
            GgufArray::Text(all) => (8, all.len()),
            GgufArray::U64(all) => (10, all.len()),
            GgufArray::I64(all) => (11, all.len()),
            GgufArray::F64(all) => (12, all.len()),
        })),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        values in prop::collection::btree_map("[a-z]{1,8}\\.[a-z_]{1,8}", value(), 0..8),
        tensors in prop::collection::btree_map("[a-z.]{1,20}", (1u64..4, 1u64..5, prop::sample::select(TensorKind::ALL.to_vec())), 1..6),
    ) {
        let mut writer = sample();
        for (key, value) in &values {
            writer.set(format!("x.{key}"), value.clone());
        }
        let mut parameters = 0;
        for (name, (blocks, rows, kind)) in &tensors {
            let row = blocks * kind.block().0;
            parameters += row * rows;
            writer.tensor(name.clone(), &[row, *rows], *kind).expect("announced");
        }
        let bytes = written(writer);
        prop_assert_eq!(bytes.len() % 32, 0);
        let info = parse(bytes.as_slice(), bytes.len() as u64, false).expect("read");
        prop_assert_eq!((info.tensor_count, info.parameter_count), (tensors.len() as u64, parameters));
        // Without its padding the last tensor is still whole; a byte less and it is not.
        let mut reader = reader::Reader::new(bytes.as_slice(), bytes.len() as u64);
        reader.array::<24>().expect("magic, version and counts");
        prop_assert_eq!(reader.key().expect("a key"), "general.architecture");
        reader.value(100).expect("a value");
        for (key, value) in &values {
            prop_assert_eq!(reader.key().expect("a key"), format!("x.{key}"));
            let read = reader.value(1 << 20).expect("a value");
            prop_assert_eq!(&read, &seen(value));
            if let reader::Value::Array(head) = read {
                reader.skip_array(head).expect("whole");
            }
        }
    }
}
