use super::super::super::gguf::write::half;
use super::*;
use proptest::prelude::*;

/// A file with this table and as many bytes of data.
fn file(table: &str, data: usize) -> Vec<u8> {
    let mut bytes = (table.len() as u64).to_le_bytes().to_vec();
    bytes.extend(table.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

fn read(bytes: &[u8]) -> Result<HashMap<String, Entry>, String> {
    read_table(&mut &*bytes, bytes.len() as u64)
}

const GOOD: &str = r#"{"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "BF16", "shape": [4], "data_offsets": [24, 32]}, "c": {"dtype": "I64", "shape": [1], "data_offsets": [32, 40]}}"#;

#[test]
fn the_table_says_where_tensors_are() {
    let entries = read(&file(GOOD, 40)).expect("well formed");
    let data = 8 + GOOD.len() as u64;
    let entry = |shape: &[u64], width, start| {
        let elements = shape.iter().product();
        Some(Entry { shape: shape.to_vec(), elements, width, start: data + start })
    };
    assert_eq!(entries.get("a").cloned(), entry(&[2, 3], Some(Width::F32), 0));
    assert_eq!(entries.get("b").cloned(), entry(&[4], Some(Width::Bf16), 24));
    assert_eq!(entries.get("c").cloned(), entry(&[1], None, 32));
}

#[test]
fn damaged_tables_are_refused() {
    let fails = |bytes: &[u8], part: &str| {
        let reason = read(bytes).expect_err(part);
        assert!(reason.contains(part), "{reason:?} lacks {part:?}");
    };
    fails(b"GGUF", "shorter than its first number");
    fails(&u64::MAX.to_le_bytes(), "its table has 18446744073709551615 bytes");
    fails(&[&100u64.to_le_bytes()[..], b"{}"].concat(), "its table has 100 bytes, the file 10");
    fails(&file("{", 0), "its table: EOF");
    fails(&file("[]", 0), "no JSON object");
    fails(&file(&"[".repeat(100_000), 0), "its table: recursion");
    fails(&file(GOOD, 31), "\"b\" is damaged");
    let one = |dtype: &str, shape: &str, offsets: &str| {
        file(&format!(r#"{{"a": {{"dtype": {dtype}, "shape": {shape}, "data_offsets": {offsets}}}}}"#), 64)
    };
    for bytes in [
        one("\"F32\"", "[2]", "[0, 4]"),
        one("\"F32\"", "[-1]", "[0, 4]"),
        one("\"F32\"", "[18446744073709551615, 2]", "[0, 4]"),
        one("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0, 4]"),
        one("\"F32\"", "[1]", "[4, 0]"),
        one("\"F32\"", "[1]", "[64, 68]"),
        one("\"F32\"", "[1]", "[18446744073709551615, 18446744073709551615]"),
        one("\"F32\"", "[1]", "[0]"),
        one("\"F32\"", "1", "[0, 4]"),
        one("7", "[1]", "[0, 4]"),
        one("\"I64\"", "[1]", "[60, 68]"),
    ] {
        fails(&bytes, "\"a\" is damaged");
    }
    let two = r#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}"#;
    fails(&file(two, 8), "overlap");
}

#[test]
fn every_number_of_16_bits_is_widened_and_back() {
    for bits in 0..=u16::MAX {
        let number = whole(bits);
        match number.is_nan() {
            true => assert!(bits & 0x7fff > 0x7c00),
            false => assert_eq!(half(number), bits),
        }
    }
    assert_eq!(numbers(&[0, 0x3c, 0, 0xc0], Width::F16), [1.0, -2.0]);
    assert_eq!(numbers(&[0x80, 0x3f, 0x20, 0xc1], Width::Bf16), [1.0, -10.0]);
    assert_eq!(numbers(&1.5f32.to_le_bytes(), Width::F32), [1.5]);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..400, byte: u8) {
        let _ = read(&bytes);
        let mut good = file(GOOD, 40);
        let at = at % good.len();
        good[at] = byte;
        for entry in read(&good).into_iter().flat_map(HashMap::into_values) {
            prop_assert!(entry.start <= good.len() as u64);
            let width = entry.width.map_or(0, Width::bytes) as u64;
            prop_assert!(entry.start + entry.elements * width <= good.len() as u64);
        }
    }
}
