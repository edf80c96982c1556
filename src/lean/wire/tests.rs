use super::*;

#[test]
fn a_reply_and_a_request_are_told_apart_by_the_method() {
    let request: Incoming<'_> =
        serde_json::from_str(r#"{"jsonrpc":"2.0","id":3,"method":"workspace/inlayHint/refresh","params":null}"#)
            .unwrap();
    assert_eq!(
        (request.method.as_deref(), request.id.map(RawValue::get)),
        (Some("workspace/inlayHint/refresh"), Some("3"))
    );
    let reply: Incoming<'_> = serde_json::from_str(r#"{"result":{"a":[1]},"id":3,"jsonrpc":"2.0"}"#).unwrap();
    assert_eq!((reply.method.is_none(), reply.result.map(RawValue::get)), (true, Some(r#"{"a":[1]}"#)));
    let refusal: Incoming<'_> = serde_json::from_str(r#"{"id":3,"error":{"message":"gone","code":-32801}}"#).unwrap();
    assert_eq!(refusal.error, Some(Fault { code: -32801, message: "gone".into() }));
}

#[test]
fn what_is_sent_is_what_lean_reads() {
    let params = DidChangeParams {
        text_document: VersionedDocument { uri: "file:///a.lean", version: 2 },
        content_changes: [Change { range: None, text: "example : 1 = 1 :=\n\trfl" }],
    };
    let message = Outgoing { jsonrpc: "2.0", id: None, method: DID_CHANGE, params: Some(params) };
    assert_eq!(
        serde_json::to_string(&message).unwrap(),
        r#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a.lean","version":2},"contentChanges":[{"text":"example : 1 = 1 :=\n\trfl"}]}}"#
    );
}

#[test]
fn a_list_is_read_up_to_the_cap() {
    let one =
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"message":"m","severity":1}"#;
    for (count, most, expected) in [(0, 3, (0, false)), (3, 3, (3, false)), (4, 3, (3, true)), (9, 0, (0, true))] {
        let list = format!("[{}]", vec![one; count].join(","));
        let list = DiagnosticList::read(list.as_bytes(), most).unwrap();
        assert_eq!((list.diagnostics.len(), list.cut), expected, "{count} of at most {most}");
    }
    for broken in ["", "[", "{}", "[1]", r#"[{"message":"m"}]"#, "null"] {
        assert!(DiagnosticList::read(broken.as_bytes(), 9).is_err(), "{broken}");
    }
}
